"""Back-channel logout: whichever way a session ends, the applications that were used in it are told, once."""

import pytest

from app.auth.errors import RefreshTokenReused
from tests.cast import PASSWORD, an_origin
from tests.oidc.codes import redeemed
from tests.oidc.issued import issued
from tests.oidc.telling import used_by

NEW = "seven quiet otters 52"


@pytest.fixture
def ways(services, cast, letters, browse):
    """Each ends Bob's session, its scope given."""
    acme, bob = cast.acme, cast.bob

    def elsewhere():
        return bob.scope(bob.sign_in(tokens=False))

    def reset(_):
        services.recovery.ask(acme, email=bob.email, origin=an_origin())
        services.recovery.reset(acme, token=letters.token_to(bob.email), new_password=NEW, origin=an_origin())

    def change(_):
        scope = elsewhere()
        services.password_change.change(acme, scope, password=PASSWORD, new_password=NEW, keep_sessions=False)

    def more_than_fit(_):
        for _ in range(acme.settings.most_sessions):
            bob.sign_in()

    return {
        "signing out": lambda scope: services.sessions.logout(acme, scope),
        "another device": lambda scope: services.sessions.end(acme, elsewhere(), scope.session_id),
        "everywhere": lambda _: services.sessions.end_all(acme, elsewhere(), current_too=True),
        "all but this": lambda _: services.sessions.end_all(acme, elsewhere(), current_too=False),
        "disabled": lambda _: services.users.disable(acme, email=bob.email),
        "password reset": reset,
        "password change": change,
        "session limit": more_than_fit,
        "leaving": lambda _: services.farewell.leave(acme, elsewhere(), confirmation=bob.email),
        "lock-down": lambda _: services.lock_down.from_inside(acme, elsewhere()),
    }


@pytest.mark.parametrize(
    "way",
    [
        "signing out",
        "another device",
        "everywhere",
        "all but this",
        "disabled",
        "password reset",
        "password change",
        "session limit",
        "leaving",
        "lock-down",
    ],
)
def test_every_way_out_is_told_once_to_every_application(services, cast, listener, ways, way):
    notes, mail = listener.application(cast.acme), listener.application(cast.acme, "Mail")
    session = used_by(services, cast.bob, notes, mail)
    adas = used_by(services, cast.ada, notes)
    services.drainer.drain()
    services.ports.queue.clear()
    ways[way](session.scope)
    assert services.ports.queue, "nobody has woken the worker"
    assert sorted(listener.told) == [("/Mail", session.id), ("/Notes", session.id)]
    assert services.drainer.drain() == 0
    services.sessions.logout(cast.acme, adas.scope)
    assert listener.told[2:] == [("/Notes", adas.id)]


def test_the_button_on_our_pages_tells_them_too(services, cast, listener, browse):
    browser = browse(cast.acme)
    session = used_by(services, cast.bob, listener.application(cast.acme), browser=browser)
    assert browser.post("/logout").status_code == 303
    assert listener.told == [("/Notes", session.id)]


def test_a_sign_in_that_was_copied_ends_and_they_are_told(services, cast, listener, clock):
    """The API's refresh token, shown again: its session ends, and with it what applications did in it."""
    signed_in = cast.bob.sign_in()
    got = issued(services, cast.bob, listener.application(cast.acme), scope=cast.bob.scope(signed_in))
    old = signed_in.tokens.refresh_token
    services.tokens.refresh(cast.acme, old, origin=an_origin())
    clock.forward(minutes=1)
    with pytest.raises(RefreshTokenReused):
        services.tokens.refresh(cast.acme, old, origin=an_origin())
    assert listener.told == [("/Notes", str(got.scope.session_id))]


def test_an_applications_own_reuse_ends_its_grant_and_not_the_session(services, cast, listener, app):
    notes = listener.application(cast.acme)
    client, answer, code = redeemed(services, app, cast.bob, notes)
    assert client.post(code.fields).status_code == 400
    assert "access_token" in answer
    assert listener.told == []
    services.sessions.logout(cast.acme, code.scope)
    assert listener.told == [("/Notes", str(code.scope.session_id))]
