"""Two who need the same rows take them in the same order: nobody is answered with an error for having come together.

Each test holds the audit table for a moment, so that the two stand exactly where they could block each other.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from app import crypto
from app.auth import errors
from app.auth.registration import NewAccount
from tests.cast import PASSWORD, an_origin

EMAIL = "petra@acme.example"


@pytest.fixture
def together(database_urls):
    """Run two use cases so that both hold what they have written before either can finish."""

    def together(first, second):
        with psycopg.connect(database_urls[0]) as holder, ThreadPoolExecutor(2) as threads:
            holder.execute("LOCK TABLE audit_events IN EXCLUSIVE MODE")
            running = [threads.submit(first)]
            _until_waiting(holder, 1)
            running.append(threads.submit(second))
            _until_waiting(holder, 2)
            holder.rollback()
            return [job.exception() for job in running]

    return together


def _until_waiting(connection, number):
    waiting = (
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        " AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
    )
    deadline = time.monotonic() + 3
    while connection.execute(waiting).fetchone()[0] < number:
        assert time.monotonic() < deadline, f"{number} should be waiting by now"
        time.sleep(0.01)


def test_a_link_followed_while_the_address_is_registered_again(cast, services, letters, together):
    def register():
        new = NewAccount(email=EMAIL, password="petra velvet orbit 71")
        return services.registration.register(cast.acme, new, origin=an_origin()).challenge

    mine = register()
    token = letters.token_to(EMAIL)

    def follow():
        services.verification.verify(
            cast.acme,
            token=token,
            challenges=[crypto.digest(mine)],
            new_password=None,
            origin=an_origin(),
        )

    registered, followed = together(register, follow)
    assert registered is None
    assert followed is None or isinstance(followed, errors.LinkExpired)


def test_a_token_refreshed_while_its_session_is_ended(cast, services, together, clock):
    signed_in = cast.ada.sign_in()
    scope = cast.ada.scope(signed_in)
    clock.forward(minutes=6)

    def refresh():
        services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin())

    refreshed, ended = together(refresh, lambda: services.sessions.logout(cast.acme, scope))
    assert refreshed is None or isinstance(refreshed, errors.InvalidRefreshToken)
    assert ended is None
    with pytest.raises(errors.InvalidRefreshToken):
        refresh()


def test_a_page_opened_while_its_session_is_ended(cast, services, together, clock):
    signed_in = cast.ada.sign_in(tokens=False)
    scope = cast.ada.scope(signed_in)
    clock.forward(minutes=6)
    outcomes = together(
        lambda: services.sessions.end_all(cast.acme, scope, current_too=True),
        lambda: services.sessions.by_cookie(cast.acme, signed_in.cookie, origin=an_origin()),
    )
    assert outcomes == [None, None]
    assert services.sessions.by_cookie(cast.acme, signed_in.cookie, origin=an_origin()) is None


def test_a_sign_in_while_the_account_is_disabled(cast, services, together, guess):
    outcomes = together(
        lambda: services.users.disable(cast.acme, email=cast.ada.email),
        lambda: guess(cast.acme, cast.ada.email, PASSWORD),
    )
    assert outcomes == [None, None]
    assert guess(cast.acme, cast.ada.email, PASSWORD) is errors.AccountDisabled


def test_two_who_end_all_sessions(cast, services, together):
    scopes = [cast.ada.scope(cast.ada.sign_in()) for _ in range(2)]
    ends = [lambda scope=scope: services.sessions.end_all(cast.acme, scope, current_too=True) for scope in scopes]
    assert together(*ends) == [None, None]


def test_a_disabling_while_the_owner_ends_all_sessions(cast, services, together):
    scope = cast.ada.scope(cast.ada.sign_in())
    outcomes = together(
        lambda: services.users.disable(cast.acme, email=cast.ada.email),
        lambda: services.sessions.end_all(cast.acme, scope, current_too=True),
    )
    assert outcomes == [None, None]
