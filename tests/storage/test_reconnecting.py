"""PostgreSQL hangs up, and the next call works all the same."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from app.storage import hot, users
from app.storage.pool import engine_over, open_pool
from app.storage.unit import Units
from tests.cast import PASSWORD


@pytest.fixture
def own(settings):
    """A pool of this test's own, full of connections that have been used."""
    with open_pool(settings.database_url.get_secret_value(), most=4, application="doomed") as pool:
        yield pool


@pytest.fixture
def hang_up(owner):
    """The server ends every connection of the pool."""

    def hang_up():
        ended = owner.execute(
            "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity"
            " WHERE application_name LIKE 'doomed@%' AND datname = current_database()"
        ).fetchone()[0]
        assert ended

    return hang_up


def _look(pool, cast, services):
    now, lives = services.ports.clock(), cast.acme.settings.lives
    return hot.session_by_id(pool, tenant_id=cast.acme.id, session_id=cast.session, now=now, lives=lives)


def _until_all_are_back(pool):
    """They go back by way of the pool's own threads."""
    deadline = time.monotonic() + 10
    while (stats := pool.get_stats())["pool_available"] != stats["pool_size"]:
        assert time.monotonic() < deadline, "connections leaked"
        time.sleep(0.02)


@pytest.fixture
def signed_in(cast):
    cast.session = cast.ada.sign_in().session_id
    return cast


def test_a_hot_statement_works_after_the_server_has_hung_up(own, signed_in, services, hang_up):
    for _ in range(3):
        assert _look(own, signed_in, services).user_id == signed_in.ada.id
        hang_up()
    assert _look(own, signed_in, services).user_id == signed_in.ada.id


def test_a_unit_works_after_the_server_has_hung_up(own, cast, hang_up):
    units = Units(engine_over(own))
    for _ in range(3):
        with units.read(cast.acme.id) as db:
            assert users.by_id(db, tenant_id=cast.acme.id, user_id=cast.ada.id)
        hang_up()


def test_with_all_its_connections_gone_no_call_fails(own, signed_in, services, hang_up):
    def look(_):
        return _look(own, signed_in, services)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(look, range(40)))
        hang_up()
        assert all(threads.map(look, range(40)))


def test_a_statement_prepared_before_is_prepared_again(own, signed_in, services, hang_up):
    """It was prepared at its second use; the new connection has never heard of it."""
    person = "SELECT * FROM hot_person(%s, NULL, %s, NULL, now())", [signed_in.acme.id, signed_in.ada.id]
    with own.connection() as connection:
        for _ in range(5):
            connection.execute(*person)
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] >= 1
    hang_up()
    with own.connection() as connection:
        for _ in range(5):
            assert connection.execute(*person).fetchone()


def test_statements_that_somebody_deallocated_are_prepared_again(own, signed_in, services):
    """As PgBouncer's DISCARD ALL does between two clients."""
    for _ in range(4):
        assert _look(own, signed_in, services)
    with own.connection() as connection:
        connection.prepare_threshold = 1
        connection.execute("DISCARD PLANS")
    assert _look(own, signed_in, services)


def test_hanging_up_in_the_middle_of_a_unit_loses_the_change_and_nothing_else(own, cast, hang_up, services):
    units, now = Units(engine_over(own)), services.ports.clock()
    with pytest.raises(Exception, match=r"terminat|closed|lost"), units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
        users.describe(unit.db, tenant_id=cast.acme.id, user_id=cast.ada.id, name="Changed", now=now)
        hang_up()
    with units.read(cast.acme.id) as db:
        assert users.by_id(db, tenant_id=cast.acme.id, user_id=cast.ada.id).name == "Ada"
    _until_all_are_back(own)


def test_a_connection_that_failed_goes_back_and_the_pool_never_runs_dry(own, cast, services):
    units = Units(engine_over(own))
    for _ in range(12):
        with pytest.raises(Exception, match="division"), units.read(cast.acme.id) as db:
            db.connection().exec_driver_sql("SELECT 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero), own.connection() as connection:
        connection.execute("SELECT 1 / 0")
    _until_all_are_back(own)


def test_signing_in_works_right_after_the_server_has_hung_up(own, cast, wired, hang_up, guess_on):
    portal = wired(pool=own, engine=engine_over(own))
    assert guess_on(portal, PASSWORD)
    hang_up()
    assert guess_on(portal, PASSWORD)


@pytest.fixture
def guess_on(cast):
    def guess_on(portal, password):
        cast.ada.services = portal
        return cast.ada.sign_in(password=password).tokens

    return guess_on
