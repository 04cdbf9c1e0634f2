"""How long a session lives: by the settings of now, not by those under which it began."""

import pytest

from tests.auth.steps import is_in, refreshes


@pytest.fixture
def under(cast, services):
    """Acme's settings change; Bob's tenant is what they are now."""

    def under(**settings):
        cast.bob.tenant = services.tenant_administration.change_settings(cast.bob.tenant, settings)

    return under


def browser(cast, **wanted):
    return cast.bob.sign_in(tokens=False, **wanted)


def test_asvs_7_3_1_a_session_that_nobody_uses_ends(cast, under, clock):
    under(idle_minutes=30)
    page, client = browser(cast), cast.bob.sign_in()
    clock.forward(minutes=31)
    assert not is_in(cast.bob, page)
    assert not refreshes(cast.bob, client)


def test_use_keeps_a_session_and_so_does_refreshing(cast, under, clock, services):
    under(idle_minutes=30)
    page, client = browser(cast), cast.bob.sign_in()
    token = client.tokens.refresh_token
    for _ in range(5):
        clock.forward(minutes=25)
        assert is_in(cast.bob, page)
        token = services.tokens.refresh(cast.bob.tenant, token, origin=cast.bob.scope(page).origin).refresh_token


@pytest.mark.parametrize("minutes", [5, 30, 600, 43200])
def test_the_limit_is_exact_to_a_twentieth(cast, under, clock, minutes):
    """What is written now and then must not be so coarse that people are signed out while they work."""
    under(idle_minutes=minutes, session_days=90)
    page = browser(cast)
    for _ in range(3):
        clock.forward(minutes=minutes * 0.9)
        assert is_in(cast.bob, page)
    clock.forward(minutes=minutes, seconds=1)
    assert not is_in(cast.bob, page)


def test_using_it_does_not_make_it_live_for_ever(cast, under, clock):
    under(idle_minutes=43200)
    page, remembered = browser(cast), browser(cast, remember=True)
    for _ in range(6):
        clock.forward(days=1)
        assert is_in(cast.bob, page)
        assert is_in(cast.bob, remembered)
    clock.forward(days=1, seconds=1)
    assert not is_in(cast.bob, page)
    assert is_in(cast.bob, remembered)


def test_an_idle_limit_that_is_switched_on_bites_what_has_slept(cast, under, clock):
    slept = browser(cast)
    clock.forward(hours=2)
    used = browser(cast)
    under(idle_minutes=60)
    assert not is_in(cast.bob, slept)
    assert is_in(cast.bob, used)


def test_ghsa_64w3_a_shorter_life_bites_the_sessions_there_are(cast, under, clock, services):
    page, client, remembered = browser(cast), cast.bob.sign_in(), browser(cast, remember=True)
    clock.forward(days=2)
    assert is_in(cast.bob, page)
    under(session_days=1)
    assert not is_in(cast.bob, page)
    assert not refreshes(cast.bob, client)
    assert is_in(cast.bob, remembered), "thirty days are still allowed"
    under(remember_days=1)
    assert not is_in(cast.bob, remembered)


def test_ghsa_64w3_remembering_that_is_switched_off_bites_the_sessions_there_are(cast, under, clock):
    page, client = browser(cast, remember=True), cast.bob.sign_in(remember=True)
    clock.forward(days=8)
    assert is_in(cast.bob, page)
    under(remember_me=False)
    assert not is_in(cast.bob, page)
    assert not refreshes(cast.bob, client)


def test_where_remembering_is_off_asking_for_it_changes_nothing(cast, under, clock):
    under(remember_me=False)
    page, client = browser(cast, remember=True), cast.bob.sign_in(remember=True)
    clock.forward(days=7, seconds=1)
    assert not is_in(cast.bob, page)
    assert not refreshes(cast.bob, client)


def test_a_longer_life_gives_nobody_more_than_they_were_promised(cast, under, clock):
    page = browser(cast)
    under(session_days=30)
    clock.forward(days=7, seconds=1)
    assert not is_in(cast.bob, page)


def test_what_no_longer_counts_is_not_listed(cast, under, clock, services):
    browser(cast)
    clock.forward(days=2)
    here = browser(cast)
    under(session_days=1)
    assert [view.id for view in services.sessions.list(cast.bob.tenant, cast.bob.scope(here))] == [here.session_id]


def test_a_shorter_refresh_life_bites_the_families_there_are(cast, under, clock):
    client = cast.bob.sign_in()
    clock.forward(days=2)
    under(refresh_token_days=1)
    assert not refreshes(cast.bob, client)


def test_an_access_token_whose_session_no_longer_counts_is_not_active(cast, under, clock, services):
    """RFC 7662, 2.2: active means that it would be honoured."""
    under(access_token_minutes=1440, idle_minutes=30)
    client = cast.bob.sign_in()
    clock.forward(minutes=31)
    assert not is_in(cast.bob, client)
    assert not services.sessions.introspect(cast.bob.tenant, client.tokens.access_token).active
