"""Passkeys: adding one, and signing in with nothing else."""

from datetime import timedelta

import pytest

from app.auth.errors import PasskeyKnown
from app.errors import InvalidInput
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.soft_passkey import ICLOUD, host_of


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


@pytest.fixture
def bob(services, cast):
    return Holder(services, cast.bob)


def test_a_new_passkey_is_called_after_what_keeps_it(ada, clock):
    ada.add(ada.new(aaguid=ICLOUD))
    ada.add(ada.new(aaguid=ICLOUD), name="  My   phone ")
    (first, second) = ada.list()
    assert (first.name, first.synced, first.cloned, first.last_used_at) == ("iCloud Keychain", True, False, None)
    assert clock() - first.created_at < timedelta(minutes=1)
    assert second.name == "My phone"


def test_what_is_asked_of_a_new_one_is_what_the_plan_says(ada):
    key = ada.add()
    options = ada.ask_to_add().options
    assert options["rp"] == {"name": "Acme", "id": host_of(ada.tenant.origin)}
    assert options["user"]["name"] == "ada@acme.example"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    (known,) = options["excludeCredentials"]
    assert known["id"] == key.create(options)["id"]
    assert known["transports"] == ["hybrid", "internal"]
    assert len(options["challenge"]) == 43


def test_signing_in_proves_two_factors(ada, cast):
    key = ada.add()
    signed_in = ada.sign_in(key)
    scope = cast.ada.scope(signed_in)
    assert set(scope.amr) == {"swk", "user", "mfa"}
    assert scope.acr == "2"
    assert ada.list()[0].last_used_at is not None


def test_one_that_never_leaves_its_device_says_so(ada, cast):
    key = ada.add(ada.new(synced=False))
    assert set(cast.ada.scope(ada.sign_in(key)).amr) == {"hwk", "user", "mfa"}
    assert not ada.list()[0].synced


def test_whether_it_is_synced_is_as_of_its_last_use(ada):
    key = ada.add()
    key.synced = False
    ada.sign_in(key, flags=0b1101)
    assert not ada.list()[0].synced


def test_what_is_asked_to_sign_in_names_nobody(ada):
    options = ada.passkeys.ask_to_sign_in(ada.tenant).options
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == host_of(ada.tenant.origin)


def test_a_locked_password_stops_no_passkey(ada, cast, knock):
    key = ada.add()
    knock(times=6)
    assert ada.sign_in(key).person.id == cast.ada.id


def test_a_browser_gets_a_cookie_and_a_client_tokens(ada):
    key = ada.add()
    assert ada.sign_in(key, for_api=False).cookie
    assert ada.sign_in(key, for_api=True).tokens


def test_nobody_adds_the_same_one_twice(ada, bob):
    key = ada.add()
    assert refusal_of(ada.add, key) is PasskeyKnown
    assert refusal_of(bob.add, key) is PasskeyKnown


def test_twenty_are_enough(ada):
    for _ in range(19):
        ada.add()
    spare = ada.ask_to_add()
    ada.add()
    assert refusal_of(ada.ask_to_add) is InvalidInput
    assert refusal_of(ada.add, asked=spare) is InvalidInput
