"""A code that is typed at the very moment when whatever else kills it: one waits for the other, nobody hears an error.

The comparison is held up until the rival waits for the row that has just been counted, or is through without it.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest

from app.auth import one_time
from app.errors import Problem
from app.storage import users
from tests.auth.linking import Links
from tests.auth.wary import MEDIUM, Wary
from tests.cast import PASSWORD, an_origin

NEW = "another set of radishes"
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted"
    " AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
)


@pytest.fixture
def wary(services, cast, letters):
    wary = Wary(services, cast, letters, MEDIUM)
    cast.person(wary.tenant, "other.owner@wary.example", role="owner")
    return wary


@pytest.fixture
def slow(monkeypatch, services, database_urls):
    """Comparing a code takes until somebody waits for a lock, or had none to wait for: (it began, they are through)."""
    began, through = Event(), Event()

    def until_somebody_waits():
        began.set()
        with psycopg.connect(database_urls[0], autocommit=True) as connection:
            deadline = time.monotonic() + 5
            while not connection.execute(WAITING).fetchone()[0] and time.monotonic() < deadline:
                if through.wait(0.01):
                    return

    codes = services.magic_links._codes
    assert codes is services.second_factor._email_codes._codes
    real = codes.matches

    def matches(*arguments):
        until_somebody_waits()
        return real(*arguments)

    monkeypatch.setattr(codes, "matches", matches)
    return began, through


@pytest.fixture(params=["worker", "password", "address", "not me", "leaving"])
def rival(request, wary, services, letters):
    """What kills the code: prepared, and ready to be called."""
    scope = wary.zoe.scope(wary.sign_in(device=wary.device))
    new = "zoe@new.example"
    if request.param == "address":
        services.email_change.ask(wary.tenant, scope, email=new)
        token = letters.token_to(new)
        return lambda _: services.email_change.confirm(wary.tenant, scope, token=token)
    if request.param == "not me":
        return lambda _: services.lock_down.by_link(wary.tenant, token=_not_me(wary), origin=an_origin())
    if request.param == "leaving":
        return lambda _: services.farewell.leave(wary.tenant, scope, confirmation=wary.zoe.email)
    if request.param == "password":
        return lambda _: services.password_change.change(
            wary.tenant, scope, password=PASSWORD, new_password=NEW, keep_sessions=True
        )
    return lambda again: (again(), letters.deliver())


def _not_me(wary):
    with wary.services.units.begin(wary.tenant.id) as unit:
        user = users.by_id(unit.db, tenant_id=wary.tenant.id, user_id=wary.zoe.id)
        return one_time.mint(unit.db, wary.tenant, user, "not_me", now=wary.services.ports.clock())


def together(slow, redeem, rival):
    """Whatever each of them raised that is no refusal."""
    began, through = slow

    def quietly(act, over=None):
        try:
            act()
        except Problem:
            return None
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            return repr(error).splitlines()[0]
        finally:
            if over:
                over.set()
        return None

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(quietly, redeem)
        began.wait(5)
        second = threads.submit(quietly, rival, through)
        return [first.result(30), second.result(30)]


def test_the_code_of_a_risky_sign_in(wary, slow, rival, sessions_of):
    challenge, code = wary.mailed()
    said = together(slow, lambda: wary.redeem(challenge, code), lambda: rival(lambda: wary.resend(challenge)))
    assert said == [None, None]


def test_the_code_of_a_mailed_link(wary, slow, rival, services, letters):
    links = Links(services, wary.tenant, letters)
    challenge, _, code = links.mailed(wary.zoe)
    said = together(slow, lambda: links.type(code, challenge), lambda: rival(lambda: links.ask(wary.zoe.email)))
    assert said == [None, None]
