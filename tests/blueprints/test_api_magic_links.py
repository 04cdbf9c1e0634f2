"""Signing in by mail over the API."""

import pytest

from tests.blueprints.mails import code_in

REDEEM = "/auth/magic-links/redeem"


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def asked(acme, cast, letters):
    """(challenge, the link's secret, the code)."""
    answer = acme.post("/auth/magic-links", {"email": cast.ada.email})
    assert (answer.status_code, answer.json.keys()) == (202, {"challenge"})
    token = letters.token_to(cast.ada.email)
    return answer.json["challenge"], token, code_in(letters[-1])


def said(answer):
    """(status, code), of a refusal as RFC 9457 has it."""
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert {"type", "title", "detail", "instance"} <= answer.json.keys()
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize("by", ["token", "code"])
def test_the_link_or_the_code_gives_tokens_once(acme, cast, asked, by):
    challenge, token, code = asked
    body = {"challenge": challenge, by: {"token": token, "code": code}[by]}
    answer = acme.post(REDEEM, body)
    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["user"]["email"] == cast.ada.email
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    assert acme.get("/me", token=answer.json["access_token"]).status_code == 200
    again = acme.post(REDEEM, body)
    assert said(again) == ((410, "link_expired") if by == "token" else (401, "invalid_code"))


def test_the_device_is_known_afterwards(acme, cast, asked):
    challenge, token, _ = asked
    device = acme.post(REDEEM, {"challenge": challenge, "token": token}).json["device_token"]
    assert acme.login(cast.ada, device_token=device).json["device_token"] == device


@pytest.mark.parametrize("held", ["x" * 43, "x"])
def test_without_the_challenge_nothing_works(acme, asked, held):
    _, token, code = asked
    assert said(acme.post(REDEEM, {"challenge": held, "token": token})) == (410, "link_expired")
    assert said(acme.post(REDEEM, {"challenge": held, "code": code})) == (401, "invalid_code")


@pytest.mark.parametrize(
    "body",
    [{}, {"challenge": "x"}, {"token": "x"}, {"challenge": "x", "token": "x", "code": "1"},
     {"challenge": "", "code": "1"}, {"challenge": "x", "code": "1", "extra": 1},
     {"challenge": "x", "code": ""}, {"challenge": "x", "code": 123456}, {"challenge": ["x"], "code": "1"},
     {"challenge": "x" * 257, "code": "1"}, {"challenge": "x", "code": "1" * 65},
     {"challenge": "x", "token": None, "code": None}, {"challenge": "x", "code": "1", "device_token": "x" * 257}],
)  # fmt: skip
def test_a_body_that_is_none_is_422_with_pointers_and_no_echo(acme, body):
    answer = acme.post(REDEEM, body)
    assert said(answer) == (422, "invalid_input")
    assert answer.json["errors"]
    assert "x" * 65 not in answer.text


@pytest.mark.parametrize("email", ["", "ada", ["a@x.example"], None, 7, "a@x.example,b@y.example", "a\uff20x.example"])
def test_what_is_no_address_is_422(acme, letters, email):
    answer = acme.post("/auth/magic-links", {"email": email})
    assert said(answer) == (422, "invalid_input")
    assert answer.json["errors"][0]["pointer"] == "/email"
    assert list(letters.deliver()) == []


def test_a_link_of_a_page_is_no_good_here_and_the_other_way_round(acme, cast, browse, letters, asked):
    browser = browse(cast.acme)
    challenge, token, code = asked
    browser.plant("portico_pending", challenge)
    assert browser.post("/magic-link", {"token": token}).status_code == 410
    assert browser.post("/login/magic-link/code", {"code": code}).status_code == 422
    assert browser.post("/magic-link/approval", {"token": token, "number": "47"}).status_code == 410
    page = browser.get("/magic-link")
    browser.get(f"/magic-link?token={token}")
    page = browser.get("/magic-link")
    assert f"{code[:3]} {code[3:]}" in page.text
    assert 'id="approve"' not in page.text
    assert 'id="submit"' not in page.text
    assert acme.post(REDEEM, {"challenge": challenge, "token": token}).status_code == 200
    browser.post("/login/magic-link", {"email": cast.ada.email})
    token = letters.token_to(cast.ada.email)
    held = {"challenge": browser.cookie("portico_pending")}
    assert said(acme.post(REDEEM, {**held, "token": token})) == (410, "link_expired")
    assert said(acme.post(REDEEM, {**held, "code": code_in(letters[-1])})) == (401, "invalid_code")
    assert browser.post("/magic-link", {"token": token}).location == "/account"


def test_what_the_gate_owes_is_said_with_its_own_code(acme, cast, asked, services):
    challenge, token, _ = asked
    services.users.disable(cast.acme, email=cast.ada.email)
    assert said(acme.post(REDEEM, {"challenge": challenge, "token": token})) == (403, "account_disabled")


def test_every_call_is_in_the_document_with_its_refusals(browse, cast):
    paths = browse(cast.acme).get("/api/openapi.json").json["paths"]
    expected = {
        "/auth/magic-links": {"202", "404", "422", "429"},
        "/auth/magic-links/redeem": {"200", "401", "403", "404", "410", "422", "429"},
        "/auth/second-factor": {"200", "401", "403", "422", "429"},
    }
    for path, statuses in expected.items():
        described = paths[f"/api/v1{path}"]["post"]
        assert statuses <= described["responses"].keys(), path
        assert described["security"] == []
