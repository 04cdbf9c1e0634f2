"""What a browser says is not believed before it is verified, not even that it is JSON."""

import base64
import json

import cbor2
import pytest

from app.auth.errors import PasskeyRefused
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.cast import an_origin
from tests.soft_passkey import SoftPasskey

DEEP = "[" * 20000 + "]" * 20000
NONSENSE = [
    "",
    "x",
    "null",
    "[]",
    "1",
    '"text"',
    "{}",
    "{" * 9000,
    DEEP,
    '{"id": ' + "9" * 5000 + "}",
    '{"response": null}',
    '{"response": []}',
    '{"response": {"clientDataJSON": 1}}',
    '{"response": {"clientDataJSON": "\\ud800"}}',
    '{"response": {"clientDataJSON": "e30"}}',
    "x" * 40000,
    {},
    {"response": {}},
    {"response": {"clientDataJSON": ["e30"]}},
    {"x": "y" * 40000},
]
VALUES = [None, 1, True, [], {}, "", "!", "\ud800", "AAAA", "A" * 33000]


def encoded(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


@pytest.mark.parametrize("credential", NONSENSE, ids=lambda one: str(one)[:40] or "nothing")
def test_nonsense_is_refused_and_nothing_breaks(ada, credential):
    for act in (ada.add, lambda **more: ada.sign_in(None, **more)):
        assert refusal_of(act, credential=credential) is PasskeyRefused


@pytest.mark.parametrize("place", ["id", "rawId", "type", "response"])
def test_a_member_of_another_type_is_refused(ada, place):
    key = ada.add()
    for value in VALUES:
        asked = ada.passkeys.ask_to_sign_in(ada.tenant)
        credential = {**key.get(asked.options), place: value}
        assert refusal_of(ada.sign_in, key, asked=asked, credential=credential) is PasskeyRefused, value


@pytest.mark.parametrize("place", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_a_part_of_an_answer_of_another_type_is_refused(ada, place):
    key = ada.add()
    for value in VALUES:
        asked = ada.passkeys.ask_to_sign_in(ada.tenant)
        credential = key.get(asked.options)
        credential["response"][place] = value
        assert refusal_of(ada.sign_in, key, asked=asked, credential=credential) is PasskeyRefused, value


@pytest.mark.parametrize("place", ["clientDataJSON", "attestationObject"])
def test_a_part_of_a_new_one_of_another_type_is_refused(ada, place):
    for value in [*VALUES, *(encoded(cbor2.dumps(one)) for one in (1, {}, [], {"fmt": 1, "authData": b""}))]:
        key, asked = ada.new(), ada.ask_to_add()
        credential = key.create(asked.options)
        credential["response"][place] = value
        assert refusal_of(ada.add, key, asked=asked, credential=credential) is PasskeyRefused, value


def test_client_data_of_other_types_is_refused(ada):
    key = ada.add()
    for said in (
        {"origin": 1},
        {"origin": []},
        {"challenge": 1},
        {"challenge": "é"},
        {"type": []},
        {"origin": "\ud800"},
    ):
        assert refusal_of(ada.sign_in, key, client=said) is PasskeyRefused, said


def test_transports_that_are_none_are_left_out(ada):
    for sent in (None, 1, "usb", [1, None, "usb", {}, "usb"], {}):
        key, asked = ada.new(), ada.ask_to_add()
        credential = key.create(asked.options)
        credential["response"]["transports"] = sent
        ada.add(key, asked=asked, credential=credential)
    known = ada.ask_to_add().options["excludeCredentials"]
    assert [one.get("transports") for one in known] == [None, None, None, ["usb"], None]


def test_text_and_object_are_the_same(ada):
    key = ada.add()
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    assert ada.sign_in(key, asked=asked, credential=json.dumps(key.get(asked.options)))


def test_a_key_that_nobody_can_check_is_refused_when_it_is_used(ada, owner):
    key = ada.add()
    owner.execute("UPDATE passkeys SET public_key = 'x' WHERE tenant_id = %s", [ada.tenant.id])
    assert refusal_of(ada.sign_in, key) is PasskeyRefused
    stranger = SoftPasskey(origin=ada.tenant.origin, user_handle=b"")
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    refusal = refusal_of(
        ada.passkeys.sign_in,
        ada.tenant,
        secret=None,
        credential=stranger.get(asked.options),
        for_api=False,
        origin=an_origin(),
    )
    assert refusal is PasskeyRefused
