"""What a passkey was asked for is what its answer is good for: nothing else, and by nobody else."""

import json

import pytest

from app.auth.errors import MethodDisabled, PasskeyRefused
from app.errors import InvalidInput
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


@pytest.fixture
def bob(services, cast):
    return Holder(services, cast.bob)


def test_as_a_factor_it_proves_that_it_is_there_and_that_it_has_looked(ada):
    key = ada.add()
    assert ada.show(key) == ("swk", "user")
    key.verifies = False
    assert ada.show(key) == ("swk",)
    bound = ada.add(ada.new(synced=False, verifies=False))
    assert ada.show(bound) == ("hwk",)


def test_only_ones_own_are_asked_for_and_taken(ada, bob):
    mine, his = ada.add(), bob.add()
    asked = ada.passkeys.ask_as_factor(ada.tenant, user_id=ada.person.id, secret="s")
    assert [one["id"] for one in asked.options["allowCredentials"]] == [mine.get(asked.options)["id"]]
    assert asked.options["userVerification"] == "preferred"
    assert ada.show(his) is None
    assert ada.show(his, handle=None) is None
    assert ada.show(mine, handle=bob.person.id.bytes) is None
    assert ada.show(mine, handle=None) == ("swk", "user")


def test_what_ada_was_asked_bob_cannot_answer(ada, bob):
    mine, his = ada.add(), bob.add()
    asked = ada.passkeys.ask_as_factor(ada.tenant, user_id=ada.person.id, secret="s")
    assert bob.show(his, secret="s", asked=asked) is None
    assert ada.show(mine, secret="s", asked=asked) is None, "it is spent"
    spare, asked = ada.new(), ada.ask_to_add()
    assert refusal_of(bob.add, spare, asked=asked) is PasskeyRefused
    assert bob.list()[1:] == []


def test_a_question_of_one_kind_is_no_question_of_another(ada):
    key = ada.add()
    to_sign_in = ada.passkeys.ask_to_sign_in(ada.tenant)
    as_factor = ada.passkeys.ask_as_factor(ada.tenant, user_id=ada.person.id, secret=to_sign_in.secret)
    to_add = ada.ask_to_add(secret=to_sign_in.secret)
    spare = ada.new()
    challenge_of = {"rp": to_add.options["rp"], "user": to_add.options["user"]}
    assert ada.show(key, secret=to_sign_in.secret, asked=to_sign_in) is None
    assert refusal_of(ada.sign_in, key, asked=as_factor) is PasskeyRefused
    for asked in (to_sign_in, as_factor):
        credential = spare.create({**asked.options, **challenge_of})
        assert refusal_of(ada.add, spare, asked=asked, credential=credential) is PasskeyRefused
    answer = key.get({"challenge": to_add.options["challenge"], "rpId": to_add.options["rp"]["id"]})
    assert refusal_of(ada.sign_in, key, asked=to_add, credential=answer) is PasskeyRefused
    assert ada.sign_in(key, asked=to_sign_in)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp": "evil.example"},
        {"challenge": b"x" * 32},
        {"type_": "webauthn.get"},
        {"up": False},
        {"algorithm": -8},
        {"algorithm": -36},
        {"client": {"crossOrigin": True}},
    ],
    ids=str,
)
def test_what_was_not_made_as_asked_is_not_kept(ada, wrong):
    key, asked = ada.new(), ada.ask_to_add()
    assert refusal_of(ada.add, key, asked=asked, credential=key.create(asked.options, **wrong)) is PasskeyRefused
    assert ada.list() == []


def test_a_key_that_is_no_point_on_its_curve_is_not_kept(ada, monkeypatch):
    key, asked = ada.new(), ada.ask_to_add()
    numbers = key.key.public_key().public_numbers()

    class Bent:
        x, y = numbers.x, numbers.y ^ 1

    monkeypatch.setattr(type(key), "_point", lambda _: Bent)
    assert refusal_of(ada.add, key, asked=asked) is PasskeyRefused


def test_an_id_that_is_not_the_one_in_the_data_is_not_kept(ada):
    key, asked = ada.new(), ada.ask_to_add()
    other = ada.new().create(asked.options)
    credential = {**key.create(asked.options), "id": other["id"], "rawId": other["rawId"]}
    assert refusal_of(ada.add, key, asked=asked, credential=credential) is PasskeyRefused


def test_where_passkeys_are_no_way_in_they_are_still_a_second_step(ada, services):
    key = ada.add()
    ada.tenant = services.tenant_administration.change_settings(ada.tenant, {"methods": ["password"]})
    assert refusal_of(ada.passkeys.ask_to_sign_in, ada.tenant) is MethodDisabled
    assert refusal_of(ada.ask_to_add) is MethodDisabled
    assert ada.show(key) == ("swk", "user")


def test_where_second_factors_are_off_none_is_added(ada, services):
    key = ada.add()
    ada.tenant = services.tenant_administration.change_settings(ada.tenant, {"second_factor": "off"})
    assert refusal_of(ada.ask_to_add) is MethodDisabled
    assert ada.sign_in(key)


def test_a_name_is_a_name(ada):
    for name in ("x" * 65, "a\x00b"):
        asked = ada.ask_to_add()
        assert refusal_of(ada.add, asked=asked, name=name) is InvalidInput
    assert json.dumps([one.name for one in ada.list()]) == "[]"
