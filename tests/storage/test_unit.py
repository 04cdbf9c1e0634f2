"""Units of work: one transaction, one tenant, and what is done after it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from app.storage import users
from app.storage.unit import unit_is_open


@pytest.fixture
def statements(engine):
    """What is said to the database, in order."""
    said = []

    def hear(_connection, _cursor, statement, parameters, _context, _many):
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def _count(db):
    return db.scalar(text("SELECT count(*) FROM users"))


@pytest.mark.parametrize("outer", ["begin", "read", "platform"])
@pytest.mark.parametrize("inner", ["begin", "read", "platform"])
def test_a_unit_inside_a_unit_raises_and_the_outer_one_goes_on(services, cast, outer, inner):
    def enter(kind):
        return getattr(services.units, kind)(*([] if kind == "platform" else [cast.acme.id]))

    with enter(outer):
        with pytest.raises(RuntimeError, match="unit inside a unit"), enter(inner):
            pytest.fail("it must not open")
        assert unit_is_open()
    assert not unit_is_open()


def test_units_of_two_threads_do_not_meet(services, cast):
    globex = cast.globex

    def read(_):
        with services.units.read(globex.id) as db:
            return _count(db)

    with services.units.read(cast.acme.id) as db, ThreadPoolExecutor(2) as threads:
        assert _count(db) == 2
        assert list(threads.map(read, range(4))) == [1] * 4


def test_the_first_statement_sets_the_narrow_role_and_the_tenant(services, cast, statements):
    with services.units.begin(cast.acme.id) as unit:
        unit.db.execute(text("SELECT 1"))
    with services.units.platform() as unit:
        unit.db.execute(text("SELECT 2"))
    (first, values), (second, _), (third, platform), _ = statements
    for statement in (first, third):
        assert "set_config('role'" in statement
        assert "set_config('app.tenant_id'" in statement
    assert second == "SELECT 1"
    assert {"portico_app", str(cast.acme.id)} <= set(_flat(values))
    assert {"portico_platform", ""} <= set(_flat(platform))


def _flat(parameters):
    return parameters.values() if isinstance(parameters, dict) else parameters


def test_an_exception_rolls_back_and_frees_the_thread(services, cast, clock):
    with pytest.raises(ZeroDivisionError), services.units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
        users.describe(unit.db, tenant_id=cast.acme.id, user_id=cast.ada.id, name="Changed", now=clock())
        raise ZeroDivisionError
    assert not unit_is_open()
    with services.units.read(cast.acme.id) as db:
        assert users.by_id(db, tenant_id=cast.acme.id, user_id=cast.ada.id).name == "Ada"


def test_what_is_for_after_the_commit_happens_after_it_and_outside(services, cast, clock, owner):
    seen = []

    def look():
        name = owner.execute("SELECT name FROM users WHERE id = %s", [cast.ada.id]).fetchone()[0]
        seen.append((name, unit_is_open()))

    with services.units.begin(cast.acme.id) as unit:
        users.describe(unit.db, tenant_id=cast.acme.id, user_id=cast.ada.id, name="Changed", now=clock())
        unit.after_commit(look)
        assert seen == []
    assert seen == [("Changed", False)]


def test_after_a_rollback_nothing_happens(services, cast):
    happened = []
    with pytest.raises(ZeroDivisionError), services.units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
        unit.after_commit(lambda: happened.append(1))
        raise ZeroDivisionError
    with pytest.raises(Exception, match="violates"), services.units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
        unit.after_commit(lambda: happened.append(1))
        unit.db.execute(
            text("INSERT INTO roles (tenant_id, id, name, created_at) SELECT tenant_id, id, name, now() FROM roles")
        )
    assert happened == []


def test_the_tenant_and_the_role_end_with_the_transaction(services, cast):
    with services.units.begin(cast.acme.id):
        pass
    with services.ports.pool.connection() as connection:
        row = connection.execute("SELECT current_user, current_setting('app.tenant_id', true)").fetchone()
    assert row[0] == "portico_login"
    assert not row[1]


def test_a_unit_sees_its_own_tenant_even_where_the_query_forgets_it(services, cast):
    with services.units.read(cast.globex.id) as db:
        assert _count(db) == 1
        assert db.scalar(text("SELECT count(*) FROM tenants")) == 1
    with services.units.platform() as unit:
        assert unit.db.scalar(text("SELECT count(*) FROM tenants")) > 1


def test_what_units_end_with_is_done_by_each_that_may_write_and_undoes_it_where_it_fails(services, cast, owner):
    told = []
    with services.units.each_ends_with(told.append):
        with services.units.read(cast.acme.id):
            pass
        assert told == []
        for unit in (services.units.begin(cast.acme.id), services.units.platform()):
            with unit as open_unit:
                pass
            assert told.pop() is open_unit.db
    with services.units.each_ends_with(lambda _: 1 / 0), pytest.raises(ZeroDivisionError):
        services.users.create(
            cast.acme, email="zoe@acme.example", password="", name="Zoe", role_names=["member"], check=False
        )
    assert owner.execute("SELECT count(*) FROM users WHERE tenant_id = %s", [cast.acme.id]).fetchone() == (2,)
    with services.units.begin(cast.acme.id):
        pass
    assert told == []
