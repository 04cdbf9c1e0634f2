"""Passwords and addresses over the API: who is shut out, and how often one may try."""

import pytest

from tests.auth.steps import NEW
from tests.cast import PASSWORD

RESETS = "/auth/password-resets"
CHANGE = {"password": PASSWORD, "new_password": NEW}
MOVE = {"email": "robert@acme.example"}
CLOSED = [
    ("PUT", "/me/password", CHANGE),
    ("POST", "/me/email-changes", MOVE),
    ("POST", "/me/email-changes/confirm", {"token": "made-up"}),
]


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.mark.parametrize(("method", "path", "body"), CLOSED)
def test_without_a_token_or_with_another_tenants_nothing_happens(acme, cast, call, method, path, body):
    mallory = call(cast.globex).tokens(cast.mallory)["access_token"]
    for token in (None, "made-up", mallory):
        for headers in ({}, {"X-Tenant": cast.globex.slug}):
            answer = acme.call(method, path, json=body, token=token, headers=headers)
            assert answer.status_code == 401, token
            assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert acme.login(cast.bob).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), CLOSED)
def test_a_cookie_is_no_token(app, cast, browse, method, path, body):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    assert browser.open(method, f"/api/v1{path}", json=body).status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), [*CLOSED, ("POST", RESETS, {"email": "bob@acme.example"})])
def test_a_form_is_no_json(acme, cast, method, path, body):
    token = acme.tokens(cast.bob)["access_token"]
    assert acme.call(method, path, data=body, token=token).status_code == 415


def test_a_refresh_token_is_no_access_token(acme, cast):
    refresh = acme.tokens(cast.bob)["refresh_token"]
    assert acme.call("PUT", "/me/password", json=CHANGE, token=refresh).status_code == 401


@pytest.mark.parametrize("email", ["bob@acme.example", "nobody@acme.example"])
def test_resets_are_five_an_hour_for_each_address_known_or_not(strict, cast, call, email):
    client = call(cast.acme, on=strict)
    answers = [client.post(RESETS, {"email": email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    refused = answers[-1]
    assert refused.json["code"] == "too_many_requests"
    assert refused.headers["RateLimit-Policy"] == '"password-reset";q=5;w=3600'
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert client.post(RESETS, {"email": "another@acme.example"}).status_code == 202


@pytest.mark.parametrize("spelling", ["BOB@acme.example", " bob@acme.example", "bob@ACME.example"])
def test_another_spelling_is_the_same_address(strict, cast, call, spelling):
    client = call(cast.acme, on=strict)
    for _ in range(5):
        client.post(RESETS, {"email": cast.bob.email})
    assert client.post(RESETS, {"email": spelling}).status_code == 429


def test_what_is_refused_for_its_form_counts_too(strict, cast, call):
    """Else a body with one member too many would be a free try."""
    client = call(cast.acme, on=strict)
    for _ in range(5):
        assert client.post(RESETS, {"email": cast.bob.email, "more": 1}).status_code == 422
    assert client.post(RESETS, {"email": cast.bob.email}).status_code == 429


def test_guesses_at_the_own_password_are_ten_a_quarter_of_an_hour_wherever_they_are_made(strict, cast, call):
    client = call(cast.acme, on=strict)
    tokens = [client.tokens(cast.bob)["access_token"] for _ in range(2)]
    wrong = {**CHANGE, "password": "wrong"}
    heard = [client.call("PUT", "/me/password", json=wrong, token=tokens[n % 2]).status_code for n in range(11)]
    assert heard == [422] * 10 + [429]


def test_a_right_password_after_five_wrong_ones_reads_like_a_wrong_one(acme, cast):
    token = acme.tokens(cast.bob)["access_token"]
    wrong = {**CHANGE, "password": "wrong"}
    said = [acme.call("PUT", "/me/password", json=body, token=token).json for body in [wrong] * 5 + [CHANGE]]
    assert len({str(answer["errors"]) for answer in said}) == 1
    assert acme.login(cast.bob).status_code == 200


def test_where_passwords_are_switched_off_none_is_reset(cast, call):
    tenant = cast.found(f"{cast.acme.slug}-o", "Links", methods=["magic_link"])
    client = call(tenant)
    for path, body in ((RESETS, {"email": "a@x.example"}), (f"{RESETS}/redeem", {"token": "x", "new_password": NEW})):
        answer = client.post(path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "method_disabled")


def test_nothing_of_it_may_be_kept_by_anybody_on_the_way(acme, cast):
    token = acme.tokens(cast.bob)["access_token"]
    for answer in (
        acme.post(RESETS, {"email": cast.bob.email}),
        acme.post(f"{RESETS}/redeem", {"token": "made-up", "new_password": NEW}),
        acme.call("PUT", "/me/password", json=CHANGE, token=token),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
