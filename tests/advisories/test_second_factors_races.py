"""Two things at the same moment: what is left is what one of them alone would have left."""

import pytest

from app.auth import errors
from app.auth.showing_again import Shown
from tests.auth.apps import Apps, refused
from tests.auth.factored import add_passkey, left_of
from tests.auth.second_steps import with_app
from tests.auth.steps import is_in, links_to
from tests.cast import PASSWORD, an_origin
from tests.waiting import at_once


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


@pytest.mark.parametrize("tokens", [False, True])
def test_whoever_signs_out_while_they_are_asked_again_is_signed_out(bob, cast, services, tokens):
    for _ in range(5):
        signed_in = bob.sign_in(tokens=tokens)
        scope = cast.bob.scope(signed_in)
        held = {"cookie": signed_in.cookie} if signed_in.cookie else {"token": signed_in.tokens.access_token}
        shown = Shown(password=PASSWORD, method="totp", code=bob.code())
        proven, _ = at_once(
            lambda scope=scope, shown=shown, held=held: services.reauthentication.prove(
                cast.acme, scope, shown, **held
            ),
            lambda scope=scope: services.sessions.logout(cast.acme, scope),
        )
        assert not is_in(cast.bob, signed_in)
        if cookie := getattr(proven, "cookie", ""):
            with pytest.raises(errors.InvalidToken):
                services.sessions.by_cookie(cast.acme, cookie, origin=an_origin())


def test_the_last_two_of_different_kinds_do_not_both_go_where_one_is_required(bob, cast, services):
    tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": "required"})
    key, (app,) = add_passkey(cast.bob), services.totp.list(tenant, cast.bob.id)
    scope = cast.bob.scope(bob.sign_in())
    heard = at_once(
        lambda: services.own_apps.remove(tenant, scope, app.id), lambda: services.passkeys.remove(tenant, scope, key)
    )
    assert sorted(type(one) for one in heard if one) == [errors.SecondFactorNeeded]


def test_codes_made_while_the_last_factor_goes_are_not_left_without_it(bob, cast, services):
    scope = cast.bob.scope(bob.sign_in())
    (app,) = services.totp.list(cast.acme, cast.bob.id)
    at_once(
        lambda: services.own_apps.remove(cast.acme, scope, app.id),
        lambda: services.backup_codes.make(cast.acme, scope),
        lambda: services.backup_codes.make(cast.acme, scope),
    )
    left = left_of(cast.bob)
    assert (left["totp_authenticators"], left["backup_code_sets"]) == (0, 0)


def test_one_backup_code_at_the_door_and_inside_at_once_counts_in_one_place(bob, cast, services):
    signed_in = bob.sign_in()
    scope, code = cast.bob.scope(signed_in), Apps(services).make(cast.bob)[0]
    challenge = bob.first()
    shown = Shown(password=PASSWORD, method="backup_code", code=code)
    heard = at_once(
        lambda: refused(bob.answer, challenge, code, method="backup_code"),
        lambda: refused(services.reauthentication.prove, cast.acme, scope, shown, token=signed_in.tokens.access_token),
    )
    assert sorted(map(str, heard)) == sorted(map(str, [None, errors.InvalidCode]))


def test_whoever_answers_while_the_account_is_locked_down_is_not_in(bob, cast, services, letters, clock):
    """The answer comes before and its session ends, or after and begins none."""
    clock.forward(days=1)
    bob.sign_in()
    bob.sign_in()
    token = links_to(letters, cast.bob.email, "/secure-account")[-1]
    challenge, code = bob.first(), bob.code()
    entered, _ = at_once(
        lambda: bob.answer(challenge, code, trust=True),
        lambda: services.lock_down.by_link(cast.acme, token=token, origin=an_origin()),
    )
    assert isinstance(entered, errors.InvalidCode | errors.InvalidCredentials) or not is_in(cast.bob, entered)
    assert left_of(cast.bob)["trusted"] == 0
