"""Setting up a second factor on the way in, over the API, where the tenant requires one."""

import pyotp
import pytest

from tests.blueprints.test_api_magic_links import said
from tests.soft_passkey import SoftPasskey

PATH = "/auth/second-factor/enrolment"


@pytest.fixture
def strict(cast, call):
    """(client, somebody who has no second factor), at a tenant that requires one."""
    tenant = cast.found(f"{cast.acme.slug}-r", "Strict", second_factor="required")
    return call(tenant), cast.person(tenant, "zoe@strict.example")


@pytest.fixture
def owed(strict):
    """(client, the challenge of her sign-in)."""
    client, zoe = strict
    refused = client.login(zoe)
    assert said(refused) == (401, "second_factor_enrolment_required")
    assert refused.json["skip_until"] is None
    return client, refused.json["challenge"]


def add(client, challenge, key):
    asked = client.post(f"{PATH}/passkey-options", {"challenge": challenge})
    assert asked.status_code == 200, asked.text
    return client.post(f"{PATH}/passkey", {"challenge": challenge, "credential": key.create(asked.json["publicKey"])})


def amr(client, answer):
    token = answer.json["access_token"]
    return client.post("/auth/introspect", {"token": token}, token=token).json["amr"]


def test_an_app_is_set_up_and_its_first_code_signs_in(owed):
    client, challenge = owed
    begun = client.post(PATH, {"challenge": challenge})
    assert begun.status_code == 201
    wrong = {"challenge": challenge, "code": "no code"}
    assert said(client.post(f"{PATH}/confirm", wrong)) == (401, "invalid_code")
    code = pyotp.TOTP(begun.json["secret"]).now()
    answer = client.post(f"{PATH}/confirm", {"challenge": challenge, "code": code})
    assert (answer.status_code, amr(client, answer)) == (200, ["pwd", "otp", "mfa"])


def test_a_passkey_is_added_and_signs_in(owed):
    client, challenge = owed
    key = SoftPasskey(origin=client.origin)
    answer = add(client, challenge, key)
    assert answer.status_code == 200, answer.text
    assert amr(client, answer) == ["pwd", "swk", "mfa"]
    assert len(client.get("/me/passkeys", token=answer.json["access_token"]).json["data"]) == 1


def test_a_passkey_that_does_not_answer_the_question_is_refused(owed):
    client, challenge = owed
    body = {"challenge": challenge, "credential": {"id": "x"}}
    assert said(client.post(f"{PATH}/passkey", body)) == (401, "passkey_refused")


def test_one_sign_in_sets_up_one(owed):
    client, challenge = owed
    assert add(client, challenge, SoftPasskey(origin=client.origin)).status_code == 200
    again = client.post(f"{PATH}/passkey-options", {"challenge": challenge})
    assert said(again) == (401, "invalid_code")


def test_whoever_waits_for_nothing_sets_up_nothing(strict):
    client, _ = strict
    for path in ("", "/passkey-options"):
        assert said(client.post(f"{PATH}{path}", {"challenge": "made up"})) == (401, "invalid_code")
    body = {"challenge": "made up", "credential": {}}
    assert said(client.post(f"{PATH}/passkey", body)) == (401, "invalid_code")
