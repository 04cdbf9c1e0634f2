"""The code of an unusual sign-in, over the API."""

import pytest

from tests.blueprints.mails import WARY, code_in
from tests.blueprints.test_api_magic_links import REDEEM, said


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def wary(cast, call):
    """(client, somebody known there): each new client owes a code."""
    tenant = cast.found(f"{cast.acme.slug}-w", "Wary", **WARY)
    zoe = cast.person(tenant, "zoe@wary.example")
    client = call(tenant)
    client.tokens(zoe)
    return client, zoe


def test_an_unusual_sign_in_is_refused_with_a_challenge_and_goes_on_with_the_code(wary, letters):
    client, zoe = wary
    refused = client.login(zoe)
    assert said(refused) == (401, "email_code_required")
    assert refused.json["methods"] == ["email_code"]
    body = {"challenge": refused.json["challenge"], "method": "email_code", "code": code_in(letters.to(zoe.email))}
    assert said(client.post("/auth/second-factor", {**body, "code": "no code"})) == (401, "invalid_code")
    answer = client.post("/auth/second-factor", body)
    assert answer.status_code == 200
    assert client.login(zoe, device_token=answer.json["device_token"]).status_code == 200
    assert said(client.post("/auth/second-factor", body)) == (401, "invalid_code")


@pytest.mark.parametrize(
    "change", [{"method": "sms"}, {"method": "passkey"}, {"method": ""}, {"code": ""}, {"challenge": ""}, {"more": 1}]
)
def test_a_second_factor_that_is_none_is_422(acme, change):
    body = {"challenge": "x", "method": "email_code", "code": "123456", **change}
    assert said(acme.post("/auth/second-factor", body)) == (422, "invalid_input")


def test_a_second_factor_is_no_link_and_a_link_no_second_factor(wary, letters):
    client, zoe = wary
    challenge = client.login(zoe).json["challenge"]
    code = code_in(letters.to(zoe.email))
    assert said(client.post(REDEEM, {"challenge": challenge, "code": code})) == (401, "invalid_code")
    linked = client.post("/auth/magic-links", {"email": zoe.email}).json["challenge"]
    link_code = code_in(letters.to(zoe.email))
    body = {"challenge": linked, "method": "email_code", "code": link_code}
    assert said(client.post("/auth/second-factor", body)) == (401, "invalid_code")
    assert client.post("/auth/second-factor", {**body, "challenge": challenge, "code": code}).status_code == 200
