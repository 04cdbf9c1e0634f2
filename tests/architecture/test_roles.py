"""What each database role can and cannot do, asked in SQL, past all our own code."""

from contextlib import contextmanager

import psycopg
import pytest
from psycopg import errors, sql

TABLES = [
    "tenants", "tenant_domains", "users", "roles", "role_assignments", "known_devices", "sessions", "refresh_families",
    "lockout_lanes", "pending_logins", "link_requests", "one_time_tokens", "signing_keys", "revocations", "outbox",
    "audit_events", "password_history", "leak_checks", "risk_assessments", "data_exports",
]  # fmt: skip


@pytest.fixture
def act_as(database_urls):
    """``with act_as("portico_app", tenant) as run``: logged in as the process is, and then narrowed."""

    @contextmanager
    def act_as(role=None, tenant=None):
        with psycopg.connect(database_urls[1]) as connection:
            if role:
                connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            if tenant:
                connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant.id),))
            yield connection.execute
            connection.rollback()

    return act_as


def readable(run, table):
    try:
        return run(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
    except errors.InsufficientPrivilege:
        return []


@pytest.mark.parametrize("table", [*TABLES, "audit_events_default"])
def test_the_login_role_reads_nothing(act_as, cast, table):
    with act_as() as run, pytest.raises(errors.InsufficientPrivilege):
        run(f"SELECT FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_without_a_tenant_portico_app_sees_nothing(act_as, cast, table):
    cast.ada.sign_in()
    with act_as("portico_app") as run:
        assert readable(run, table) == []


@pytest.mark.parametrize("table", TABLES)
def test_with_acmes_tenant_no_row_of_globex_is_seen(act_as, cast, table):
    cast.mallory.sign_in()
    column = "id" if table == "tenants" else "tenant_id"
    with act_as("portico_app", cast.acme) as run:
        if table == "outbox":  # written only: not even the own rows are read
            with pytest.raises(errors.InsufficientPrivilege):
                run("SELECT FROM outbox")
            return
        assert run(f"SELECT count(*) FROM {table} WHERE {column} <> %s", (cast.acme.id,)).fetchone() == (0,)


def test_with_acmes_tenant_nothing_of_globex_is_written(act_as, cast):
    """Changed and removed: nothing. Added or moved there: refused."""
    mallory, acme, globex = cast.mallory, cast.acme, cast.globex
    with act_as("portico_app", acme) as run:
        assert run("UPDATE users SET name = 'x' WHERE tenant_id = %s", (globex.id,)).rowcount == 0
        assert run("DELETE FROM users WHERE id = %s", (mallory.id,)).rowcount == 0
    outbox = (
        "INSERT INTO outbox (tenant_id, id, kind, payload, created_at, due_at) VALUES (%s, %s, 'x', '{}', now(), now())"
    )
    audit = (
        "SELECT audit_write(%s, jsonb_build_array(jsonb_build_object('id', %s::text, 'at', now(), 'event', 'x',"
        " 'outcome', 'success', 'actor_kind', 'user')))"
    )
    for statement, values in (
        ("UPDATE users SET tenant_id = %s WHERE id = %s", (globex.id, cast.bob.id)),
        ("INSERT INTO roles (tenant_id, id, name, created_at) VALUES (%s, %s, 'x', now())", (globex.id, acme.id)),
        (outbox, (globex.id, acme.id)),
        (audit, (globex.id, acme.id)),
    ):
        with act_as("portico_app", acme) as run, pytest.raises(errors.InsufficientPrivilege):
            run(statement, values)


@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE audit_events SET event = 'x'",
        "DELETE FROM audit_events",
        "UPDATE tenants SET name = 'x'",
        "INSERT INTO tenants (id) VALUES (gen_random_uuid())",
        "TRUNCATE users",
        "DROP TABLE users",
        "CREATE TABLE mine (a int)",
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        "DELETE FROM revocations",
        "UPDATE password_history SET password_hash = 'x'",
        "DELETE FROM risk_assessments",
    ],
)
@pytest.mark.parametrize("role", [None, "portico_app"])
def test_what_no_request_needs_no_request_may(act_as, cast, role, verb):
    with act_as(role, cast.acme) as run, pytest.raises(errors.InsufficientPrivilege):
        run(verb)


def test_audit_rows_are_changed_by_no_role_at_all(act_as, cast):
    for verb in ("UPDATE audit_events SET event = 'x'", "DELETE FROM audit_events"):
        with act_as("portico_platform") as run, pytest.raises(errors.InsufficientPrivilege):
            run(verb)


@pytest.mark.parametrize("role", ["portico_hot", "portico_resolver", "postgres"])
def test_the_login_role_cannot_become_those_that_lend_rights(act_as, role):
    with pytest.raises(errors.InsufficientPrivilege), act_as(role):
        pass


def test_a_reset_of_the_role_wins_nothing(act_as, cast):
    with act_as("portico_app", cast.acme) as run:
        run("RESET ROLE")
        with pytest.raises(errors.InsufficientPrivilege):
            run("SELECT FROM users")


def test_the_login_role_owns_nothing_and_no_role_bypasses_the_policies(database_urls):
    with psycopg.connect(database_urls[0]) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
            " (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) FROM pg_roles r WHERE rolname LIKE 'portico%'"
        ).fetchall()
    assert {name for name, *_ in roles} == {
        "portico_login",
        "portico_app",
        "portico_platform",
        "portico_resolver",
        "portico_hot",
    }
    assert all(not any(powers) for _, *powers in roles)


def test_hot_functions_look_at_the_tenant_they_are_told_of(act_as, cast):
    session = cast.mallory.sign_in().session_id
    by_id = "SELECT email FROM hot_session(%s, NULL, %s, now(), interval '7 days', interval '30 days', NULL)"
    with act_as() as run:
        own, other = (run(by_id, (tenant.id, session)).fetchall() for tenant in (cast.globex, cast.acme))
    assert (own, other) == ([(cast.mallory.email,)], [])
