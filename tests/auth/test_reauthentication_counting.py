"""Guesses while showing that it is you: the password in a lane of its own, codes on the account's one counter."""

from dataclasses import replace

import pytest

from app.auth import errors
from app.errors import Forbidden, InvalidInput
from app.ids import uuid7
from tests.auth.apps import Apps
from tests.auth.holding import Holder
from tests.auth.second_steps import with_app
from tests.auth.showing import Again, without_password
from tests.auth.steps import change_password, outcome

WRONG = (InvalidInput, "password")


@pytest.fixture
def bob(cast, clock):
    """Bob in a browser, before he had an app."""
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    again.apped = with_app(cast.bob, clock)
    return again


def wrong(bob):
    return bob.try_to(method="totp", code=bob.apped.wrong())


def test_a_stolen_session_does_not_find_out_the_password(cast, happened):
    again = Again(cast.bob, cast.bob.sign_in())
    for _ in range(5):
        assert again.try_to("wrong") == WRONG
    assert again.try_to() == WRONG
    assert outcome(change_password, cast.bob, cast.bob.sign_in()) is InvalidInput
    assert ("login.failed", "refused", "wrong") in happened(cast.acme)
    assert ("account.locked", "refused", "password") in happened(cast.acme)


def test_it_does_not_lock_the_owner_out_of_signing_in(cast):
    again = Again(cast.bob, cast.bob.sign_in())
    for _ in range(6):
        again.try_to("wrong")
    assert cast.bob.sign_in().tokens


def test_after_a_while_the_password_is_looked_at_again(cast, clock):
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    for _ in range(6):
        again.try_to("wrong")
    clock.forward(minutes=31)
    assert again.try_to() is None


def test_codes_here_and_at_the_door_are_counted_together(bob):
    for _ in range(3):
        assert wrong(bob) == (errors.InvalidCode,)
    challenge = bob.apped.first()
    for _ in range(2):
        assert outcome(bob.apped.answer, challenge, bob.apped.wrong()) is errors.InvalidCode
    assert bob.try_to(method="totp", code=bob.apped.code()) == (errors.InvalidCode,)
    assert outcome(bob.apped.answer, challenge, bob.apped.code()) is errors.InvalidCode


def test_the_other_way_round_too_and_the_owner_is_told(bob, cast, letters, happened):
    challenge = bob.apped.first()
    for _ in range(4):
        outcome(bob.apped.answer, challenge, bob.apped.wrong())
    letters.deliver().clear()
    assert wrong(bob) == (errors.InvalidCode,)
    assert len([mail for mail in letters.deliver() if mail.to == cast.bob.email]) == 1
    assert ("login.second_factor_failed", "refused", None) in happened(cast.acme)
    assert bob.try_to(method="totp", code=bob.apped.code()) == (errors.InvalidCode,)
    assert happened(cast.acme)[0] == ("login.second_factor_failed", "refused", "locked")


def test_a_right_code_forgets_the_wrong_ones(bob, owner):
    for _ in range(4):
        wrong(bob)
    bob.prove(method="totp", code=bob.apped.code())
    counted = owner.execute("SELECT count(*) FROM code_guesses WHERE user_id = %s", [bob.person.id]).fetchone()
    assert counted == (0,)


def test_a_passkey_forgets_no_wrong_code(bob, owner, cast, services):
    """Whoever can use one may not go on guessing at the other."""
    holder = Holder(services, cast.bob)
    key = holder.add()
    for _ in range(3):
        wrong(bob)
    asked = services.reauthentication.ask_passkey(cast.acme, bob.scope)
    bob.prove("", code=bob.apped.wrong(), credential=key.get(asked.options), challenge=asked.secret)
    query = "SELECT in_a_row FROM code_guesses WHERE user_id = %s"
    assert owner.execute(query, [cast.bob.id]).fetchone() == (3,)


def test_after_too_many_in_a_row_only_a_backup_code_helps(bob, owner, services):
    codes = Apps(services).make(bob.person)
    wrong(bob)
    owner.execute("UPDATE code_guesses SET in_a_row = 50, recent = '{}' WHERE user_id = %s", [bob.person.id])
    assert bob.try_to(method="totp", code=bob.apped.code()) == (errors.InvalidCode,)
    assert bob.try_to(method="backup_code", code=codes[0]) is None


def test_a_mailed_code_has_five_tries(cast, owner, letters, clock):
    again = Again(cast.bob, cast.bob.sign_in())
    without_password(owner, cast.bob)
    code = again.ask_mail(letters)
    miss = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert again.try_to("", code=miss) == (errors.InvalidCode,)
        clock.forward(seconds=70)
    clock.forward(minutes=2)
    assert again.try_to("", code=code) == (errors.InvalidCode,)


def test_whoever_acts_for_another_may_not_show_anything(bob):
    acting = replace(bob.scope, impersonator_id=uuid7())
    assert bob.try_to(scope=acting, method="totp", code=bob.apped.code()) == (Forbidden,)
    for act in (bob.services.reauthentication.mail_code, bob.services.reauthentication.ask_passkey):
        assert outcome(act, bob.tenant, acting) is Forbidden


def test_another_tenant_knows_nobody_of_this_one(bob, cast):
    """A scope of Acme's, by some mistake, at Globex."""
    assert bob.try_to(tenant=cast.globex, method="totp", code=bob.apped.code()) == (errors.InvalidToken,)
    assert bob.scope is not None
    assert bob.scope_of(bob.held, cast.globex) is None


def test_the_owner_reads_of_it_in_their_activity(bob, services):
    bob.prove(method="totp", code=bob.apped.code())
    entries, _ = services.activity.entries(bob.scope, after=None, limit=1)
    assert (entries[0].event, entries[0].title) == ("login.succeeded", "You confirmed that it was you")
