"""The limit of sessions is exact, however many sign in at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth import errors
from app.auth.login import Attempt
from tests.auth.steps import outcome
from tests.blueprints.visitors import Browser
from tests.cast import PASSWORD, an_origin


@pytest.fixture
def limited(cast, services):
    """Acme with other settings; Bob is from there."""

    def limited(**settings):
        cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, settings)
        return cast.bob.tenant

    return limited


@pytest.fixture
def live(owner, cast):
    """How many of Bob's sessions have not ended, by the tables."""

    def live():
        query = "SELECT count(*) FROM sessions WHERE user_id = %s AND revoked_at IS NULL"
        return owner.execute(query, [cast.bob.id]).fetchone()[0]

    return live


def test_twenty_at_once_by_password_link_and_code_leave_exactly_five(cast, services, live, letters, wired):
    """By several ways in and several processes: the count is exact."""
    ask = services.magic_links.ask
    links = [ask(cast.acme, email=f"{cast.bob.email}", remember=False, for_api=True, origin=an_origin())]
    token = next(word for word in letters.to(cast.bob.email).text.split() if "token=" in word).partition("token=")[2]
    portals = [wired() for _ in range(3)]

    def enter(number):
        if number == 7:
            how = {"token": token, "challenge": links[0], "for_api": True, "origin": an_origin()}
            return outcome(services.magic_links.follow, cast.acme, **how)
        attempt = Attempt(email=cast.bob.email, password=PASSWORD, wants_tokens=number % 2 == 0)
        return outcome(portals[number % 3].login.with_password, cast.acme, attempt, origin=an_origin())

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(enter, range(20))) == [None] * 20
    assert live() == 5


def test_twenty_at_once_where_two_are_allowed_let_two_in(cast, limited, live):
    limited(most_sessions=2, session_limit="refuse_new")
    with ThreadPoolExecutor(20) as threads:
        heard = list(threads.map(lambda _: outcome(cast.bob.sign_in), range(20)))
    assert (heard.count(None), heard.count(errors.SessionLimitReached)) == (2, 18)
    assert live() == 2


def test_a_button_pressed_twice_in_a_browser_that_is_signed_in_is_no_error(app, cast, live):
    """Both replace the same session: whoever comes second finds it replaced, and is in all the same."""
    browser = Browser(app, cast.acme.origin)
    browser.sign_in(cast.bob)
    session, csrf = (browser.cookie(name) for name in ("portico_session", "portico_csrf"))
    fields = {"csrf_token": browser.csrf(), "email": cast.bob.email, "password": PASSWORD}

    def press(_):
        tab = Browser(app, cast.acme.origin)
        tab.plant("portico_session", session)
        tab.plant("portico_csrf", browser.cookie("portico_csrf") or csrf)
        return tab.open("POST", "/login", data=fields).status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(press, range(4))) == {303}
