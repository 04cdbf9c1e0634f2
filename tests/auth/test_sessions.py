"""Where somebody is signed in, and ending it."""

from uuid import uuid4

import pytest

from app.auth import errors
from app.errors import NotFound
from tests.cast import an_origin


@pytest.fixture
def cookie(services, cast):
    def cookie(person, signed_in):
        return services.sessions.by_cookie(person.tenant, signed_in.cookie, origin=an_origin())

    return cookie


def test_the_list_shows_every_session_the_current_one_first(cast, services):
    phone, laptop = cast.ada.sign_in(), cast.ada.sign_in(tokens=False)
    views = services.sessions.list(cast.acme, cast.ada.scope(phone))
    assert [(view.id, view.current, view.browser) for view in views] == [
        (phone.session_id, True, False),
        (laptop.session_id, False, True),
    ]
    assert views[0].ip == "192.0.2.7"
    assert "Chrome" in views[0].user_agent


def test_nobody_elses_sessions_are_listed(cast, services):
    mine = cast.ada.sign_in()
    cast.bob.sign_in()
    cast.mallory.sign_in()
    assert [view.id for view in services.sessions.list(cast.acme, cast.ada.scope(mine))] == [mine.session_id]


def test_ending_one_ends_its_cookie_its_token_and_its_refresh_token(cast, services, cookie):
    here, browser, client = cast.ada.sign_in(), cast.ada.sign_in(tokens=False), cast.ada.sign_in()
    scope = cast.ada.scope(here)
    for ended in (browser, client):
        services.sessions.end(cast.acme, scope, ended.session_id)
    assert cookie(cast.ada, browser) is None
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(client)
    with pytest.raises(errors.InvalidRefreshToken):
        services.tokens.refresh(cast.acme, client.tokens.refresh_token, origin=an_origin())
    assert cast.ada.scope(here)


def test_ending_one_twice_is_not_found(cast, services):
    scope, other = cast.ada.scope(cast.ada.sign_in()), cast.ada.sign_in()
    services.sessions.end(cast.acme, scope, other.session_id)
    with pytest.raises(NotFound):
        services.sessions.end(cast.acme, scope, other.session_id)


@pytest.mark.parametrize("whose", ["bob", "mallory", "nobody"])
def test_somebody_elses_session_is_not_found_and_lives_on(cast, services, whose):
    scope = cast.ada.scope(cast.ada.sign_in())
    person = getattr(cast, whose, None)
    theirs = person.sign_in() if person else None
    with pytest.raises(NotFound):
        services.sessions.end(cast.acme, scope, theirs.session_id if theirs else uuid4())
    assert person is None or person.scope(theirs)


def test_ending_all_others_keeps_this_one(cast, services, happened):
    here, *others = [cast.ada.sign_in() for _ in range(4)]
    bobs = cast.bob.sign_in()
    assert services.sessions.end_all(cast.acme, cast.ada.scope(here), current_too=False) == 3
    assert cast.ada.scope(here)
    assert cast.bob.scope(bobs)
    for other in others:
        with pytest.raises(errors.InvalidToken):
            cast.ada.scope(other)
    assert happened(cast.acme).count(("session.revoked", "success", "revoked_by_owner")) == 3


def test_ending_all_ends_this_one_too(cast, services):
    signed_in = [cast.ada.sign_in() for _ in range(3)]
    assert services.sessions.end_all(cast.acme, cast.ada.scope(signed_in[0]), current_too=True) == 3
    for one in signed_in:
        with pytest.raises(errors.InvalidToken):
            cast.ada.scope(one)


def test_logging_out_twice_is_once(cast, services, cookie):
    signed_in = cast.ada.sign_in(tokens=False)
    scope = cookie(cast.ada, signed_in)
    services.sessions.logout(cast.acme, scope)
    services.sessions.logout(cast.acme, scope)
    assert cookie(cast.ada, signed_in) is None


@pytest.mark.parametrize(("remember", "days"), [(False, 7), (True, 30)])
def test_a_session_ends_absolutely_however_busy_it_was(cast, clock, cookie, remember, days):
    signed_in = cast.ada.sign_in(tokens=False, remember=remember)
    for _ in range(days):
        assert cookie(cast.ada, signed_in)
        clock.forward(days=1)
    assert cookie(cast.ada, signed_in) is None


def test_a_session_may_idle_until_its_end(cast, clock, cookie):
    """Idle time-out is off by default."""
    signed_in = cast.ada.sign_in(tokens=False)
    clock.forward(days=6, hours=23)
    assert cookie(cast.ada, signed_in)


def test_an_expired_session_is_not_listed(cast, services, clock):
    cast.ada.sign_in()
    clock.forward(days=8)
    now = cast.ada.sign_in()
    assert [view.id for view in services.sessions.list(cast.acme, cast.ada.scope(now))] == [now.session_id]


def test_last_seen_moves_by_five_minutes_not_with_every_request(cast, services, clock, cookie):
    signed_in = cast.ada.sign_in(tokens=False)

    def seen():
        (view,) = services.sessions.list(cast.acme, cookie(cast.ada, signed_in))
        return view.last_seen_at

    first = seen()
    clock.forward(minutes=4)
    assert seen() == first
    clock.forward(minutes=2)
    assert seen() > first


def test_a_cookie_of_acme_is_nothing_at_globex(cast, services):
    signed_in = cast.ada.sign_in(tokens=False)
    assert services.sessions.by_cookie(cast.globex, signed_in.cookie, origin=an_origin()) is None
