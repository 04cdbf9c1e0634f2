"""Whatever a passkey has signed counts once; and a counter that does not go up speaks of a copy."""

import pytest

from app.auth.errors import PasskeyKnown, PasskeyRefused
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.auth.test_magic_links_races import rush, won

CROWD = 20


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


def test_twenty_with_one_answer_make_one_session(ada, cast, sessions_of):
    key, before = ada.add(), sessions_of(cast.ada)
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    credential = key.get(asked.options)
    outcomes = rush(*[lambda: ada.sign_in(key, asked=asked, credential=credential)] * CROWD)
    assert len(won(outcomes)) == 1
    assert outcomes.count(PasskeyRefused) == CROWD - 1
    assert sessions_of(cast.ada) == before + 1


def test_twenty_with_one_answer_as_a_factor_prove_it_once(ada):
    key = ada.add()
    asked = ada.passkeys.ask_as_factor(ada.tenant, user_id=ada.person.id, secret="s")
    credential = key.get(asked.options)

    def show():
        with ada.services.units.begin(ada.tenant.id) as unit:
            return ada.passkeys.check_as_factor(
                unit, ada.tenant, user_id=ada.person.id, secret="s", credential=credential
            )

    outcomes = rush(*[show] * CROWD)
    assert sorted(outcomes, key=str) == sorted([("swk", "user"), *[None] * (CROWD - 1)], key=str)


def test_twenty_with_one_new_passkey_keep_one(ada):
    key, asked = ada.new(), ada.ask_to_add()
    credential = key.create(asked.options)
    outcomes = rush(*[lambda: ada.add(key, asked=asked, credential=credential)] * CROWD)
    assert len(won(outcomes)) == 1
    assert len(ada.list()) == 1


def test_twenty_who_were_asked_apart_keep_the_same_one_once(ada):
    key = ada.new()
    asked = [ada.ask_to_add() for _ in range(CROWD)]
    outcomes = rush(*[lambda one=one: ada.add(key, asked=one, credential=key.create(one.options)) for one in asked])
    assert len(won(outcomes)) == 1
    assert outcomes.count(PasskeyKnown) == CROWD - 1


def test_a_refused_answer_is_spent_too(ada):
    key = ada.add()
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    assert refusal_of(ada.sign_in, key, asked=asked, origin="https://evil.example") is PasskeyRefused
    assert refusal_of(ada.sign_in, key, asked=asked) is PasskeyRefused


def test_a_counter_that_goes_up_is_fine_and_so_is_none(ada):
    counting, none = ada.add(ada.new(steps=1, count=7)), ada.add()
    for _ in range(3):
        assert ada.sign_in(counting)
        assert ada.sign_in(none)
    assert not any(one.cloned for one in ada.list())


def test_a_copy_is_refused_told_of_once_and_shown(ada, letters, happened):
    key = ada.add(ada.new(steps=1))
    copy = key.copy()
    ada.sign_in(key)
    letters.deliver()
    letters.clear()
    for _ in range(2):
        copy.count = 0
        assert refusal_of(ada.sign_in, copy) is PasskeyRefused
    assert ("login.failed", "refused", "cloned") in happened(ada.tenant)
    assert ada.list()[0].cloned
    warnings = [mail for mail in letters.deliver() if mail.to == ada.person.email]
    assert len(warnings) == 1
    assert "a copy" in warnings[0].text
    assert ada.sign_in(key)


def test_a_copy_is_no_second_factor_either(ada):
    key = ada.add(ada.new(steps=1))
    copy = key.copy()
    assert ada.show(key) == ("swk", "user")
    assert ada.show(copy) is None
    assert ada.list()[0].cloned


def test_of_twenty_with_the_same_count_one_is_believed(ada):
    key = ada.add(ada.new(count=1))
    asked = [ada.passkeys.ask_to_sign_in(ada.tenant) for _ in range(CROWD)]
    key.count = 2
    answers = [key.get(one.options) for one in asked]
    outcomes = rush(
        *[lambda a=a, c=c: ada.sign_in(key, asked=a, credential=c) for a, c in zip(asked, answers, strict=True)]
    )
    assert len(won(outcomes)) == 1


def test_a_wrong_signature_with_an_old_count_is_no_sign_of_a_copy(ada):
    """Anybody could write it down."""
    key = ada.add(ada.new(steps=1))
    ada.sign_in(key)
    forger = ada.new(count=0, user_handle=key.user_handle, credential_id=key.credential_id)
    assert refusal_of(ada.sign_in, forger) is PasskeyRefused
    assert not ada.list()[0].cloned


def test_what_has_expired_is_swept(ada, services, clock, owner):
    ada.passkeys.ask_to_sign_in(ada.tenant)
    clock.forward(minutes=6)
    services.upkeep.remove_expired()
    rows = owner.execute("SELECT count(*) FROM passkey_challenges WHERE tenant_id = %s", [ada.tenant.id])
    assert rows.fetchone() == (0,)
