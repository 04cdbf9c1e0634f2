"""Showing once more that it is you: every way to do it, and what the session says afterwards."""

from datetime import timedelta

import pytest

from app.auth.errors import InvalidCode, InvalidToken, MethodDisabled, PasskeyRefused, StepUpRequired
from app.errors import InvalidInput
from tests.auth.apps import Apps, with_settings
from tests.auth.holding import Holder
from tests.auth.second_steps import with_app
from tests.auth.showing import Again, without_password


@pytest.fixture(params=["browser", "client"])
def stale(request, cast, clock):
    """Bob, signed in with his password, an hour ago."""
    again = Again(cast.bob, cast.bob.sign_in(tokens=request.param == "client"))
    clock.forward(minutes=11)
    return again


@pytest.fixture
def apped(stale, cast, clock):
    """The same, with an app since then."""
    stale.apped = with_app(cast.bob, clock)
    return stale


@pytest.fixture
def keyed(stale, services, cast):
    """The same, with a passkey; ``key`` and what it is asked."""

    def keyed(**like):
        holder = Holder(services, cast.bob)
        key = holder.add(holder.new(**like))
        asked = services.reauthentication.ask_passkey(cast.acme, stale.scope)
        return {"credential": key.get(asked.options), "challenge": asked.secret}

    return keyed


def said(again):
    scope = again.scope
    return set(scope.amr), scope.acr


def test_a_password_does_where_there_is_no_second_factor(stale, clock):
    assert stale.passes() is StepUpRequired
    stale.prove()
    assert stale.passes() is None
    assert said(stale) == ({"pwd"}, "1")
    assert clock() - stale.scope.auth_time < timedelta(minutes=1)


def test_a_password_and_a_code_of_an_app(apped):
    apped.prove(method="totp", code=apped.apped.code())
    assert said(apped) == ({"pwd", "otp", "mfa"}, "2")
    assert apped.passes() is None


def test_a_password_and_a_backup_code_which_is_gone_then(apped, services):
    codes = Apps(services).make(apped.person)
    apped.prove(method="backup_code", code=codes[0].lower())
    assert said(apped) == ({"pwd", "backup", "mfa"}, "2")
    assert apped.try_to(method="backup_code", code=codes[0]) == (InvalidCode,)
    assert services.backup_codes.state(apped.tenant, apped.person.id).left == 9


def test_a_passkey_that_knows_who_holds_it_does_alone(stale, keyed):
    stale.prove("", **keyed())
    assert said(stale) == ({"swk", "user", "mfa"}, "2")


def test_one_that_does_not_is_a_second_factor(stale, keyed):
    assert stale.try_to("", **keyed(verifies=False, synced=False)) == (InvalidInput, "password")
    assert stale.try_to("wrong", **keyed(verifies=False)) == (InvalidInput, "password")
    stale.prove(**keyed(verifies=False, synced=False))
    assert said(stale) == ({"pwd", "hwk", "mfa"}, "2")


def test_a_passkeys_answer_counts_once_and_only_for_what_was_asked(stale, keyed, services, cast):
    shown = keyed()
    assert stale.try_to("", **{**shown, "challenge": "another"}) == (PasskeyRefused,)
    stale.prove("", **shown)
    assert stale.try_to("", **shown) == (PasskeyRefused,)
    mallory = Again(cast.mallory, cast.mallory.sign_in())
    Holder(services, cast.mallory).add()
    assert mallory.try_to("", **keyed()) == (PasskeyRefused,)


def test_without_a_password_a_mailed_code_does(stale, owner, letters):
    without_password(owner, stale.person)
    assert stale.try_to("whatever") == (InvalidInput, "code")
    stale.prove("", code=stale.ask_mail(letters))
    assert said(stale) == ({"email"}, "1")


def test_without_a_password_and_with_a_factor_both_are_asked(apped, owner, letters):
    without_password(owner, apped.person)
    code = apped.ask_mail(letters)
    assert apped.try_to("", method="totp", code=apped.apped.code()) == (InvalidInput, "email_code")
    assert apped.try_to("", email_code=code) == (InvalidInput, "code")
    apped.prove("", email_code=code, method="totp", code=apped.apped.code())
    assert said(apped) == ({"email", "otp", "mfa"}, "2")


def test_a_mailed_code_is_a_second_factor_only_where_the_tenant_says_so(apped, letters):
    lax = with_settings(apped.tenant, second_factor_email=True)
    with pytest.raises(MethodDisabled):
        apped.ask_mail(letters)
    assert apped.try_to(method="email_code", code="123456") == (InvalidInput, "method")
    apped.tenant = lax
    apped.prove(method="email_code", code=apped.ask_mail(letters))
    assert said(apped) == ({"pwd", "email", "mfa"}, "2")


def test_where_passwords_are_off_they_prove_nothing(stale, letters):
    stale.tenant = with_settings(stale.tenant, methods=("magic_link",))
    assert stale.try_to() == (InvalidInput, "code")
    stale.prove("", code=stale.ask_mail(letters))
    assert said(stale) == ({"email"}, "1")


def test_what_is_missing_is_named_and_counts_for_nothing(apped, owner):
    assert apped.try_to("") == (InvalidInput, "password", "code")
    assert apped.try_to() == (InvalidInput, "code")
    assert apped.try_to(code="12") == (InvalidCode,)
    assert apped.try_to(method="passkey", code="123456") == (InvalidInput, "method")
    assert owner.execute("SELECT count(*) FROM code_guesses WHERE user_id = %s", [apped.person.id]).fetchone()[0] == 0


def test_whoever_has_no_passkey_is_asked_for_none(stale, services):
    with pytest.raises(MethodDisabled):
        services.reauthentication.ask_passkey(stale.tenant, stale.scope)
    assert stale.try_to("", credential={"id": "x"}) == (InvalidInput, "method")


def test_asvs_7_2_4_what_they_came_with_is_dead_at_once(stale):
    before = stale.held
    stale.prove()
    assert stale.held != before
    if stale.page:
        assert stale.scope_of(before) is None
    else:
        with pytest.raises(InvalidToken):
            stale.scope_of(before)
        assert not stale.services.sessions.introspect(stale.tenant, before).active
