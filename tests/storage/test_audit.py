"""Audit rows are written and read, never changed; their months are made ahead."""

from datetime import UTC, datetime

import psycopg
import pytest

from app.storage import audit


@pytest.mark.parametrize("role", ["portico_app", "portico_platform"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET event = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"],
)
def test_nobody_but_the_owner_can_change_what_happened(as_role, cast, role, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(role, cast.acme, statement)


@pytest.mark.parametrize("role", ["portico_app", "portico_platform"])
def test_nor_by_naming_a_month(as_role, cast, role, owner):
    months = owner.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_events'::regclass"
    )
    for (month,) in months.fetchall():
        for statement in (f"UPDATE {month} SET event = 'x'", f"DELETE FROM {month}", f"SELECT * FROM {month}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                as_role(role, cast.acme, statement)


def test_this_month_and_the_next_two_are_there_after_migrating(owner):
    found = _months(owner)
    first = datetime.now(UTC).replace(day=1)
    for ahead in range(3):
        month = first.month - 1 + ahead
        assert f"audit_events_{first.year + month // 12}{month % 12 + 1:02}" in found


def test_a_row_of_now_goes_into_its_month(cast, owner):
    cast.ada.sign_in()
    places = owner.execute(
        "SELECT DISTINCT tableoid::regclass::text FROM audit_events WHERE tenant_id = %s", [cast.acme.id]
    )
    assert places.fetchall() == [(f"audit_events_{datetime.now(UTC):%Y%m}",)]


def test_months_are_made_ahead_once(services, owner):
    with services.units.platform() as unit:
        assert audit.prepare_months_unscoped(unit.db, now=datetime(2041, 11, 15, tzinfo=UTC)) == 3
        assert audit.prepare_months_unscoped(unit.db, now=datetime(2041, 12, 1, tzinfo=UTC)) == 1
        assert audit.prepare_months_unscoped(unit.db, now=datetime(2041, 12, 31, tzinfo=UTC)) == 0
    assert {"audit_events_204111", "audit_events_204112", "audit_events_204201", "audit_events_204202"} <= _months(
        owner
    )


def _months(owner):
    rows = owner.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_events'::regclass")
    return {row[0] for row in rows}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"])
def test_months_begin_at_midnight_utc_wherever_the_server_thinks_it_is(owner, zone):
    """Else two of them overlap, or leave a gap, where a server's time zone is not UTC."""
    with owner.transaction(force_rollback=True):
        owner.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        for month in range(1, 13):
            owner.execute("SELECT ensure_audit_partitions(%s)", [datetime(2043, month, 28, 23, tzinfo=UTC)])
        owner.execute("SET LOCAL TimeZone = 'UTC'")
        bounds = owner.execute(
            "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class c"
            " WHERE relkind = 'r' AND relname LIKE 'audit_events_2043%'"
        ).fetchall()
        assert len(bounds) == 12
        assert all(bound.count("-01 00:00:00+00'") == 2 for (bound,) in bounds), bounds


def test_what_happened_in_one_tenant_is_not_read_in_another(services, cast):
    cast.mallory.sign_in()
    with services.units.read(cast.acme.id) as db:
        assert audit.newest(db, tenant_id=cast.globex.id) == []
