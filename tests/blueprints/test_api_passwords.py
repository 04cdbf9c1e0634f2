"""Passwords and addresses over the API: the journeys, what is refused and how, and who may not."""

import pytest

from tests.auth.steps import NEW, links_to
from tests.cast import PASSWORD

RESETS, REDEEM = "/auth/password-resets", "/auth/password-resets/redeem"
CHANGE = {"password": PASSWORD, "new_password": NEW}
MOVE = {"email": "robert@acme.example"}


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def bob(acme, cast):
    """Bob's access token."""
    return acme.tokens(cast.bob)["access_token"]


@pytest.fixture
def link(acme, cast, letters):
    assert acme.post(RESETS, {"email": cast.bob.email}).status_code == 202
    return links_to(letters, cast.bob.email, "/reset-password")[-1]


def put(client, path, body, **more):
    return client.call("PUT", path, json=body, **more)


def said(answer):
    """(status, code, the pointers of what was wrong)."""
    return answer.status_code, answer.json["code"], [error["pointer"] for error in answer.json.get("errors", [])]


def test_a_forgotten_password_is_reset_and_everybody_is_out(acme, cast, call, letters):
    before = acme.tokens(cast.bob)
    asked = acme.post(RESETS, {"email": cast.bob.email})
    assert (asked.status_code, asked.data) == (202, b"")
    token = links_to(letters, cast.bob.email, "/reset-password")[-1]
    done = acme.post(REDEEM, {"token": token, "new_password": NEW})
    assert (done.status_code, done.data) == (204, b""), "no token, no session: it signs nobody in"
    assert acme.get("/me", token=before["access_token"]).status_code == 401
    again = acme.post("/auth/refresh", {"refresh_token": before["refresh_token"]})
    assert said(again)[:2] == (401, "invalid_refresh_token")
    assert acme.login(cast.bob).status_code == 401
    assert acme.login(cast.bob, password=NEW).status_code == 200
    assert said(acme.post(REDEEM, {"token": token, "new_password": NEW})) == (410, "link_expired", [])


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"new_password": "short"}, (422, "invalid_input", ["/new_password"])),
        ({"new_password": ""}, (422, "invalid_input", ["/new_password"])),
        ({"new_password": PASSWORD}, (422, "invalid_input", ["/new_password"])),
        ({"new_password": None}, (422, "invalid_input", ["/new_password"])),
        ({"new_password": "x" * 5000}, (422, "invalid_input", ["/new_password"])),
        ({"token": ""}, (422, "invalid_input", ["/token"])),
        ({"token": "made-up"}, (410, "link_expired", [])),
        ({"token": ["a", "b"]}, (422, "invalid_input", ["/token"])),
        ({"email": "eve@x.example"}, (422, "invalid_input", ["/email"])),
    ],
)
def test_what_a_reset_refuses_and_the_link_stays_good(acme, link, body, refused):
    answer = acme.post(REDEEM, {"token": link, "new_password": NEW, **body})
    assert said(answer) == refused
    assert answer.mimetype == "application/problem+json"
    assert link not in answer.text
    assert acme.post(REDEEM, {"token": link, "new_password": NEW}).status_code == 204


@pytest.mark.parametrize("email", [None, "", "x", ["a@x.example", "b@x.example"], "a@x.example,b@x.example", 7])
def test_cve_2023_7028_what_is_not_one_address_gets_no_mail(acme, letters, email):
    assert said(acme.post(RESETS, {"email": email})) == (422, "invalid_input", ["/email"])
    assert list(letters.deliver()) == []


def test_mallorys_tenant_knows_nothing_of_the_link(cast, call, link, acme):
    assert said(call(cast.globex).post(REDEEM, {"token": link, "new_password": NEW})) == (410, "link_expired", [])
    headers = {"X-Tenant": cast.globex.slug}
    assert acme.post(REDEEM, {"token": link, "new_password": NEW}, headers=headers).status_code == 204


def test_changing_it_keeps_the_own_tokens_and_ends_the_others(acme, cast, bob):
    other = acme.tokens(cast.bob)
    assert put(acme, "/me/password", CHANGE, token=bob).status_code == 204
    assert acme.get("/me", token=bob).status_code == 200
    assert acme.get("/me", token=other["access_token"]).status_code == 401
    assert acme.post("/auth/refresh", {"refresh_token": other["refresh_token"]}).status_code == 401
    assert acme.login(cast.bob, password=NEW).status_code == 200


def test_it_keeps_them_all_where_that_is_wished(acme, cast, bob):
    other = acme.tokens(cast.bob)["access_token"]
    assert put(acme, "/me/password", {**CHANGE, "keep_sessions": True}, token=bob).status_code == 204
    assert acme.get("/me", token=other).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"password": "wrong"}, "/password", "wrong_password"),
        ({"new_password": "short"}, "/new_password", "too_short"),
        ({"new_password": PASSWORD}, "/new_password", "reused"),
        ({"keep_sessions": "yes"}, "/keep_sessions", None),
        ({"user_id": "somebody"}, "/user_id", "unknown_field"),
    ],
)
def test_what_a_change_refuses(acme, cast, bob, body, pointer, code):
    answer = put(acme, "/me/password", {**CHANGE, **body}, token=bob)
    assert said(answer) == (422, "invalid_input", [pointer])
    assert code in {None, answer.json["errors"][0]["code"]}
    assert acme.login(cast.bob).status_code == 200


def test_another_address_is_asked_for_and_confirmed_by_the_same_person(acme, cast, call, bob, letters):
    assert acme.post("/me/email-changes", MOVE, token=bob).status_code == 202
    assert acme.get("/me", token=bob).json["email"] == cast.bob.email
    token = links_to(letters, MOVE["email"], "/account/email/confirmation")[-1]
    ada, mallory = acme.tokens(cast.ada)["access_token"], call(cast.globex).tokens(cast.mallory)["access_token"]
    for client, theirs in ((acme, ada), (call(cast.globex), mallory)):
        refused = client.post("/me/email-changes/confirm", {"token": token}, token=theirs)
        assert said(refused) == (410, "link_expired", [])
    assert acme.post("/me/email-changes/confirm", {"token": token}, token=bob).status_code == 204
    assert acme.get("/me", token=bob).json["email"] == MOVE["email"]
    assert acme.post("/me/email-changes/confirm", {"token": token}, token=bob).status_code == 410


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"password": "any"}, "/password"), ({"email": "bob@acme.example"}, "/email"), ({"email": "x"}, "/email")],
)
def test_what_asking_for_another_address_refuses(acme, bob, body, pointer):
    assert said(acme.post("/me/email-changes", {**MOVE, **body}, token=bob)) == (422, "invalid_input", [pointer])


def test_an_address_that_is_taken_gets_the_same_answer(acme, cast, bob):
    answers = [acme.post("/me/email-changes", {**MOVE, "email": e}, token=bob) for e in (MOVE["email"], cast.ada.email)]
    assert [(answer.status_code, answer.data) for answer in answers] == [(202, b"")] * 2
