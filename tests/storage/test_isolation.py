"""Tenants cannot see each other, whatever a statement says: the database itself refuses."""

import psycopg
import pytest

from app.crypto import digest
from app.ids import uuid7
from app.storage import hot
from tests.cast import an_origin

TABLES = [
    "tenant_domains",
    "users",
    "roles",
    "role_assignments",
    "known_devices",
    "sessions",
    "refresh_families",
    "lockout_lanes",
    "risk_assessments",
    "password_history",
    "leak_checks",
    "data_exports",
    "totp_authenticators",
    "backup_code_sets",
    "backup_codes",
    "passkeys",
    "passkey_challenges",
    "code_guesses",
    "factor_resets",
    "applications",
    "application_logos",
    "application_secrets",
    "application_sessions",
    "authorization_flows",
    "pushed_requests",
    "authorization_codes",
    "consents",
    "device_grants",
    "shown_proofs",
    "idempotent_requests",
    "pending_logins",
    "link_requests",
    "one_time_tokens",
    "signing_keys",
    "revocations",
    "outbox",
    "audit_events",
]
HOT = (
    "hot_session",
    "hot_person",
    "hot_begin_sign_in",
    "hot_known_device",
    "hot_open_session",
    "hot_family_secret",
    "hot_rotate",
    "hot_application",
    "hot_show_proof",
    "hot_claims",
    "hot_live_family",
    "hot_give_code",
)


def test_every_table_has_forced_row_level_security(owner):
    rows = owner.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition"
        " AND relname <> 'alembic_version'"
    ).fetchall()
    assert {name for name, forced in rows if forced} == {*TABLES, "tenants"}
    assert all(forced for _, forced in rows)


@pytest.mark.parametrize("table", TABLES)
def test_the_login_role_itself_may_read_nothing(login, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        login.execute(f"SELECT * FROM {table}")


@pytest.mark.parametrize("table", [table for table in TABLES if table != "outbox"])
@pytest.mark.parametrize("role", ["portico_app"])
def test_without_a_tenant_there_is_nothing_and_with_one_only_its_own(as_role, cast, role, table):
    cast.mallory.sign_in()
    if table == "link_requests":
        cast.services.verification.resend(cast.acme, email="x@acme.example", origin=an_origin())
    assert as_role(role, None, f"SELECT count(*) FROM {table}").fetchone() == (0,)
    others = f"SELECT count(*) FROM {table} WHERE tenant_id <> %s"
    assert as_role(role, cast.acme, others, cast.acme.id).fetchone() == (0,)


def test_a_row_cannot_be_written_into_another_tenant(as_role, cast):
    insert = "INSERT INTO roles (tenant_id, id, name, created_at) VALUES (%s, %s, 'boss', now())"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        as_role("portico_app", cast.acme, insert, cast.globex.id, uuid7())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        as_role("portico_app", cast.acme, "UPDATE users SET tenant_id = %s", cast.globex.id)
    deleted = as_role("portico_app", cast.acme, "DELETE FROM users WHERE tenant_id = %s", cast.globex.id)
    assert deleted.rowcount == 0


@pytest.mark.parametrize("role", ["portico_resolver", "portico_hot", "postgres", "portico_login"])
def test_the_login_role_cannot_become_more_than_it_should(login, role):
    if role == "portico_login":
        assert login.execute("SELECT current_user").fetchone() == ("portico_login",)
        return
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        login.execute(f"SET ROLE {role}")


def test_no_narrow_role_can_log_in_bypass_or_own_tables(owner):
    rows = owner.execute(
        "SELECT rolname, rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb,"
        " EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)"
        " FROM pg_roles r WHERE rolname LIKE 'portico\\_%' AND rolname <> 'portico_login'"
    ).fetchall()
    assert len(rows) == 4
    assert all(row[1:] == (False, False) for row in rows)


def test_a_session_of_globex_is_nothing_at_acme(services, cast):
    pool, now = services.ports.pool, services.ports.clock()
    browser, client = cast.mallory.sign_in(tokens=False), cast.mallory.sign_in()
    lives = cast.globex.settings.lives
    by_digest = {"digest": digest(browser.cookie), "now": now, "lives": lives}
    by_id = {"session_id": client.session_id, "now": now, "lives": lives}
    assert hot.session_by_digest(pool, tenant_id=cast.globex.id, **by_digest)
    assert hot.session_by_digest(pool, tenant_id=cast.acme.id, **by_digest) is None
    assert hot.session_by_id(pool, tenant_id=cast.globex.id, **by_id)
    assert hot.session_by_id(pool, tenant_id=cast.acme.id, **by_id) is None


def test_a_person_of_globex_is_nobody_at_acme(services, cast):
    pool, now = services.ports.pool, services.ports.clock()
    signed_in = cast.mallory.sign_in()
    meant = {"user_id": cast.mallory.id, "device_digest": digest(signed_in.device), "now": now}
    at_home = hot.person(pool, tenant_id=cast.globex.id, **meant)
    away = hot.person(pool, tenant_id=cast.acme.id, **meant)
    assert (at_home.email, at_home.known_device, len(at_home.history)) == (cast.mallory.email, True, 1)
    assert (away.user_id, away.known_device, away.history, away.roles) == (None, False, [], [])


def test_a_device_and_a_family_of_globex_are_nothing_at_acme(services, cast, owner):
    pool, signed_in = services.ports.pool, cast.mallory.sign_in()
    device = {"email_key": cast.mallory.email, "device_digest": digest(signed_in.device)}
    assert hot.known_device(pool, tenant_id=cast.globex.id, **device)
    assert not hot.known_device(pool, tenant_id=cast.acme.id, **device)
    row = owner.execute("SELECT id FROM refresh_families WHERE tenant_id = %s", [cast.globex.id]).fetchone()
    assert hot.family_secret(pool, tenant_id=cast.globex.id, family_id=row[0])
    assert hot.family_secret(pool, tenant_id=cast.acme.id, family_id=row[0]) is None


def test_the_hot_functions_are_owned_by_a_role_that_the_policies_bind(owner):
    rows = owner.execute(
        "SELECT proname, r.rolname, prosecdef, proconfig FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE proname LIKE 'hot\\_%'"
    ).fetchall()
    assert {row[0] for row in rows} == set(HOT)
    assert all(row[1:3] == ("portico_hot", True) and row[3][0] == "search_path=pg_catalog, public" for row in rows)


def test_nobody_else_may_call_our_functions(owner):
    open_to_all = owner.execute(
        "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace"
        " AND has_function_privilege('public', p.oid, 'EXECUTE')"
    ).fetchall()
    assert open_to_all == []
