"""So many sessions and no more, however they begin: the oldest makes room, or the new one is refused."""

import pytest

from app.auth import errors
from tests.auth.steps import is_in, outcome, refreshes
from tests.blueprints.visitors import Browser


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


def test_the_sixth_ends_the_oldest_at_once_whether_it_is_a_cookie_or_a_token(cast, active, live):
    first, second = cast.bob.sign_in(), cast.bob.sign_in(tokens=False)
    others = [cast.bob.sign_in(tokens=number % 2 == 0) for number in range(3)]
    adas = cast.ada.sign_in()
    sixth = cast.bob.sign_in(tokens=False)
    assert not is_in(cast.bob, first)
    assert not active(cast.bob, first)
    assert not refreshes(cast.bob, first)
    assert all(is_in(cast.bob, one) for one in (second, *others, sixth))
    cast.bob.sign_in()
    assert not is_in(cast.bob, second)
    assert live() == 5
    assert is_in(cast.ada, adas)


def test_another_process_refuses_the_token_of_the_ended_one_too(cast, listening, active):
    elsewhere = listening()
    first = cast.bob.sign_in()
    assert active(cast.bob, first, elsewhere)
    for _ in range(5):
        cast.bob.sign_in()
    assert not active(cast.bob, first, elsewhere)


def test_the_owner_is_told_which_one_ended_and_the_trail_says_so(cast, letters, happened):
    device = cast.bob.sign_in().device
    for _ in range(4):
        cast.bob.sign_in(device=device)
    letters.deliver().clear()
    cast.bob.sign_in(device=device)
    (mail,) = letters.deliver()
    assert mail.subject == "You were signed out of Acme on one device"
    assert "192.0.2.7" in mail.text
    trail = happened(cast.acme)
    assert trail.count(("session.limit_reached", "success", "session_limit")) == 1
    assert trail.count(("session.revoked", "success", "session_limit")) == 1


def test_refusing_the_new_one_leaves_all_others_and_says_why(cast, limited, live, happened, letters):
    limited(most_sessions=2, session_limit="refuse_new")
    both = [cast.bob.sign_in(), cast.bob.sign_in(tokens=False)]
    letters.deliver().clear()
    for tokens in (True, False):
        with pytest.raises(errors.SessionLimitReached) as refusal:
            cast.bob.sign_in(tokens=tokens)
        assert (refusal.value.status, refusal.value.code) == (403, "session_limit_reached")
    assert all(is_in(cast.bob, one) for one in both)
    assert live() == 2
    assert happened(cast.acme).count(("session.limit_reached", "refused", "session_limit")) == 2
    assert list(letters.deliver()) == []


def test_where_the_new_one_is_refused_a_wrong_password_still_reads_like_one(cast, limited):
    limited(most_sessions=1, session_limit="refuse_new")
    cast.bob.sign_in()
    assert outcome(cast.bob.sign_in, password="wrong") is errors.InvalidCredentials


def test_being_refused_at_the_limit_costs_no_guess(cast, limited, services):
    tenant = limited(most_sessions=1, session_limit="refuse_new")
    first = cast.bob.sign_in()
    for _ in range(7):
        assert outcome(cast.bob.sign_in) is errors.SessionLimitReached
    services.sessions.logout(tenant, cast.bob.scope(first))
    cast.bob.sign_in()


@pytest.mark.parametrize("gone", ["logged out", "run out", "idle"])
def test_what_has_ended_counts_no_more(cast, limited, services, clock, gone):
    tenant = limited(most_sessions=1, session_limit="refuse_new", idle_minutes=60)
    first = cast.bob.sign_in()
    assert outcome(cast.bob.sign_in) is errors.SessionLimitReached
    if gone == "logged out":
        services.sessions.logout(tenant, cast.bob.scope(first))
    else:
        clock.forward(days=8) if gone == "run out" else clock.forward(minutes=61)
    cast.bob.sign_in()


def test_a_limit_that_became_lower_bites_at_the_next_sign_in(cast, limited, live):
    for _ in range(5):
        cast.bob.sign_in()
    limited(most_sessions=2)
    cast.bob.sign_in()
    assert live() == 2


def test_a_browser_that_signs_in_again_replaces_its_own_session(app, cast, limited, live):
    limited(most_sessions=2, session_limit="refuse_new")
    phone, browser = cast.bob.sign_in(), Browser(app, cast.acme.origin)
    for _ in range(3):
        assert browser.sign_in(cast.bob).status_code == 303
        assert live() == 2
    assert is_in(cast.bob, phone)


def test_somebody_elses_session_in_that_browser_makes_no_room(app, cast, limited, live):
    limited(most_sessions=1, session_limit="refuse_new")
    cast.bob.sign_in()
    browser = Browser(app, cast.acme.origin)
    browser.sign_in(cast.ada)
    assert browser.sign_in(cast.bob).status_code == 403
    assert browser.get("/account").status_code == 200, "Ada is still in"
    assert live() == 1
