"""Step-up over the API (RFC 9470): the refusal says what is missing, and a new token has it."""

import re

import pytest

from tests.auth.holding import Holder
from tests.auth.second_steps import with_app
from tests.cast import PASSWORD

AGAIN = "/auth/reauthenticate"
NEW = {"email": "robert@acme.example"}


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def token(acme, cast, clock):
    """Of a sign-in that is eleven minutes old."""
    token = acme.tokens(cast.bob)["access_token"]
    clock.forward(minutes=11)
    return token


def challenge(answer):
    """What ``WWW-Authenticate`` says."""
    header = answer.headers["WWW-Authenticate"]
    assert header.startswith("Bearer ")
    return dict(re.findall(r'(\w+)="([^"]*)"', header))


DANGEROUS = [
    ("POST", "/me/email-changes", NEW),
    ("DELETE", "/me", {"confirmation": "bob@acme.example"}),
    ("POST", "/me/exports", None),
    ("GET", "/me/exports/01a21000-0000-7000-8000-000000000000", None),
    ("POST", "/me/second-factors", {}),
    ("POST", "/me/backup-codes", None),
    ("POST", "/me/passkeys/options", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), DANGEROUS)
def test_what_is_dangerous_says_what_is_missing(acme, token, method, path, body):
    answer = acme.call(method, path, token=token, **({"json": body} if body is not None else {}))
    assert answer.status_code == 401
    said = challenge(answer)
    assert said.pop("error_description")
    assert said == {"error": "insufficient_user_authentication", "max_age": "600", "acr_values": "1"}
    assert (answer.json["code"], answer.json["max_age"]) == ("insufficient_user_authentication", 600)
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_has_happened_then(acme, token, letters, cast):
    letters.deliver().clear()
    acme.post("/me/email-changes", NEW, token=token)
    acme.call("DELETE", "/me", token=token, json={"confirmation": cast.bob.email})
    assert list(letters.deliver()) == []
    assert acme.get("/me", token=token).status_code == 200


def test_settings_of_the_tenant_too_and_only_for_whoever_may(acme, cast, clock):
    ada = acme.tokens(cast.ada)["access_token"]
    change = {"settings": {"risk_mode": "shadow"}}
    assert acme.call("PATCH", "/tenant", token=ada, json=change).status_code == 200
    clock.forward(minutes=11)
    refused = acme.call("PATCH", "/tenant", token=ada, json=change)
    assert challenge(refused)["error"] == "insufficient_user_authentication"
    bob = acme.tokens(cast.bob)["access_token"]
    assert acme.call("PATCH", "/tenant", token=bob, json=change).status_code == 403
    assert acme.get("/tenant", token=ada).status_code == 200


def test_a_new_token_is_let_through_and_the_old_one_is_refused(acme, token):
    answer = acme.post(AGAIN, {"password": PASSWORD}, token=token)
    assert answer.status_code == 200
    assert answer.json.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    fresh = answer.json["access_token"]
    assert acme.post("/me/email-changes", NEW, token=fresh).status_code == 202
    refused = acme.get("/me", token=token)
    assert (refused.status_code, refused.json["code"]) == (401, "invalid_token")


def test_with_a_second_factor_it_is_asked_for_and_the_token_says_so(acme, cast, token, clock):
    bob = with_app(cast.bob, clock)
    assert challenge(acme.post("/me/email-changes", NEW, token=token))["acr_values"] == "2"
    assert acme.post(AGAIN, {"password": PASSWORD}, token=token).json["errors"][0]["pointer"] == "/code"
    shown = {"password": PASSWORD, "method": "totp", "code": bob.code()}
    fresh = acme.post(AGAIN, shown, token=token).json["access_token"]
    said = acme.post("/auth/introspect", {"token": fresh}, token=fresh).json
    assert (said["acr"], set(said["amr"])) == ("2", {"pwd", "otp", "mfa"})
    assert clock().timestamp() - said["auth_time"] < 60
    assert acme.post("/me/email-changes", NEW, token=fresh).status_code == 202


def test_a_changed_password_wants_the_second_factor_where_there_is_one(acme, cast, token, clock):
    body = {"password": PASSWORD, "new_password": "seven quiet otters 52"}
    with_app(cast.bob, clock)
    refused = acme.call("PUT", "/me/password", token=token, json=body)
    assert challenge(refused)["acr_values"] == "2"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_input"),
        ({"password": "wrong"}, 422, "invalid_input"),
        ({"password": PASSWORD, "method": "passkey", "credential": {"id": "x"}}, 422, "invalid_input"),
        ({"password": PASSWORD, "method": "sms"}, 422, "invalid_input"),
    ],
)
def test_what_does_not_do_is_refused_in_words(acme, token, body, status, code):
    answer = acme.post(AGAIN, body, token=token)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert PASSWORD not in answer.text
    assert acme.get("/me", token=token).status_code == 200


def test_a_wrong_code_is_an_invalid_code(acme, cast, token, clock):
    bob = with_app(cast.bob, clock)
    for shown in ({"method": "totp", "code": bob.wrong()}, {"method": "totp", "code": "1"}):
        answer = acme.post(AGAIN, {"password": PASSWORD, **shown}, token=token)
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_code")


def test_with_a_passkey_alone(acme, cast, services, token):
    key = Holder(services, cast.bob).add()
    asked = acme.post(f"{AGAIN}/passkey-options", token=token).json
    shown = {"challenge": asked["challenge"], "credential": key.get(asked["publicKey"])}
    fresh = acme.post(AGAIN, shown, token=token).json["access_token"]
    assert acme.post("/me/email-changes", NEW, token=fresh).status_code == 202
    again = acme.post(AGAIN, shown, token=fresh)
    assert (again.status_code, again.json["code"]) == (401, "passkey_refused")


def test_whoever_has_a_password_and_no_passkey_is_asked_for_neither(acme, token):
    for path in ("code", "passkey-options"):
        answer = acme.post(f"{AGAIN}/{path}", token=token)
        assert (answer.status_code, answer.json["code"]) == (403, "method_disabled")


def test_a_token_of_another_tenant_proves_nothing_here(cast, call, token, acme):
    globex = call(cast.globex)
    assert globex.post(AGAIN, {"password": PASSWORD}, token=token).status_code == 401
    mallory = globex.tokens(cast.mallory)["access_token"]
    assert acme.post(AGAIN, {"password": PASSWORD}, token=mallory).status_code == 401
