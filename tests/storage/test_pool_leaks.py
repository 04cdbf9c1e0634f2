"""However a transaction ends, its connection goes back: the pool of a process never runs dry."""

import time

import pytest
from sqlalchemy import text

from app.storage.pool import engine_over, open_pool
from app.storage.unit import Units

MOST = 3


@pytest.fixture
def own(settings):
    with open_pool(settings.database_url.get_secret_value(), most=MOST, application="doomed") as pool:
        yield pool


@pytest.fixture
def units(own):
    return Units(engine_over(own))


def _works(units, cast):
    with units.read(cast.acme.id) as db:
        return db.scalar(text("SELECT count(*) FROM users"))


def test_connections_that_die_within_a_unit_are_replaced(units, cast, owner):
    """PostgreSQL restarts under load, again and again; afterwards the process still has its connections."""
    for _ in range(MOST + 1):
        with pytest.raises(Exception, match=r"terminat|closed|lost"), units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
            pid = unit.db.scalar(text("SELECT pg_backend_pid()"))
            owner.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
            unit.db.execute(text("SELECT 1"))
    assert _works(units, cast) == 2


def test_connections_that_die_at_the_commit_are_replaced(units, cast, owner):
    for _ in range(MOST + 1):
        with pytest.raises(Exception, match=r"terminat|closed|lost"), units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
            pid = unit.db.scalar(text("SELECT pg_backend_pid()"))
            owner.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    assert _works(units, cast) == 2


def test_connections_that_idle_in_a_transaction_too_long_are_replaced(units, cast):
    for _ in range(MOST + 1):
        with pytest.raises(Exception, match=r"timeout|terminat|closed|lost"), units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
            unit.db.execute(text("SET LOCAL idle_in_transaction_session_timeout = '20ms'"))
            time.sleep(0.1)
            unit.db.execute(text("SELECT 1"))
    assert _works(units, cast) == 2


@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT no_such_column", "SELECT pg_sleep(1)"])
def test_statements_that_fail_give_their_connection_back(units, cast, statement):
    for _ in range(MOST + 1):
        with pytest.raises(Exception, match=r"division|no_such|timeout"), units.read(cast.acme.id) as db:  # noqa: PT012 - it fails at its end
            db.execute(text("SET LOCAL statement_timeout = '20ms'"))
            db.execute(text(statement))
    assert _works(units, cast) == 2


def test_a_caller_that_gives_up_in_the_middle_gives_its_connection_back(units, cast):
    for error in (KeyboardInterrupt, SystemExit, GeneratorExit, ValueError, TimeoutError):
        with pytest.raises(error), units.begin(cast.acme.id):
            raise error
    assert _works(units, cast) == 2


def test_a_connection_that_died_under_a_hot_statement_is_replaced(own, owner, units, cast):
    for _ in range(MOST + 1):
        with pytest.raises(Exception, match=r"terminat|closed|lost"), own.connection() as connection:  # noqa: PT012 - it fails at its end
            pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
            owner.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
            connection.execute("SELECT 1")
    assert _works(units, cast) == 2
