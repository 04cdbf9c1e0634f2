"""What the database itself says of its tables: tenant first, row-level security forced, secrets only digested."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

from app.storage import models

# The list of tenants itself, and Alembic's own.
WITHOUT_TENANT = {"tenants", "alembic_version"}
# Over all tenants on purpose: the sweeps', and the one rule that a verified host is one tenant's.
INDEXES_NOT_BY_TENANT = {
    "ix_backup_code_sets_shown",
    "ix_factor_resets_due",
    "ix_idempotent_requests_expires_at",
    "ix_outbox_due",
    "ix_passkey_challenges_expires_at",
    "ix_revocations_unpublished",
    "ix_shown_proofs_expires_at",
    "ix_users_erase_at",
    "uq_tenant_domains_verified_host",
}
TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"


@pytest.fixture
def ask(database_urls):
    with psycopg.connect(database_urls[0]) as connection:
        yield lambda question: connection.execute(question).fetchall()


def test_every_table_has_a_tenant(ask):
    without = ask(
        f"SELECT c.relname FROM pg_class c WHERE {TABLES} AND NOT EXISTS (SELECT FROM pg_attribute a"
        " WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)"
    )
    assert {name for (name,) in without} == WITHOUT_TENANT


def test_every_index_begins_with_the_tenant(ask):
    """So no unique rule and no search reaches over tenants."""
    otherwise = ask(
        "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid"
        f" JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0] WHERE {TABLES}"
        " AND a.attname <> 'tenant_id' AND c.relname NOT IN ('tenants', 'alembic_version')"
    )
    assert {name for (name,) in otherwise} == INDEXES_NOT_BY_TENANT


def test_every_key_between_tables_carries_the_tenant(ask):
    otherwise = ask(
        "SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a"
        " ON a.attrelid = c.oid AND a.attnum = k.conkey[1]"
        f" WHERE k.contype = 'f' AND {TABLES} AND a.attname <> 'tenant_id'"
    )
    assert otherwise == []


def test_row_level_security_is_enabled_and_forced_everywhere(ask):
    unguarded = ask(
        f"SELECT c.relname FROM pg_class c WHERE {TABLES} AND c.relname <> 'alembic_version'"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    assert unguarded == []


def test_policies_name_a_role_and_never_everybody(ask):
    assert ask("SELECT policyname FROM pg_policies WHERE 'public' = ANY(roles)") == []
    kinds = ask("SELECT DISTINCT policyname, roles::text[], qual FROM pg_policies ORDER BY 1, 3")
    own = [(roles, qual) for name, roles, qual in kinds if name == "own_tenant"]
    assert all(set(roles) == {"portico_app", "portico_hot"} and "app.tenant_id" in qual for roles, qual in own)
    assert {tuple(roles) for name, roles, _ in kinds if name == "every_tenant"} == {("portico_platform",)}


def test_partitions_are_reached_through_their_table_alone(ask):
    """They have no policies of their own, so nobody may name them."""
    assert ask("SELECT count(*) FROM pg_class c WHERE c.relispartition AND c.relkind = 'r'")[0][0] >= 4
    granted = ask(
        "SELECT c.relname, r.rolname FROM pg_class c, pg_roles r WHERE c.relispartition AND c.relkind = 'r'"
        " AND r.rolname LIKE 'portico%' AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')"
    )
    assert granted == []


def test_no_column_holds_a_secret_in_clear(ask):
    """Named token, secret, code, password or key: a digest, a hash, a ciphertext, or something about it."""
    columns = ask(
        f"SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE {TABLES}"
        " AND a.attnum > 0 AND a.attname ~ '(token|secret|code|password|challenge)'"
        " AND a.attname !~ '(_digest|_hash|_encrypted|_at|_minutes|_days)$'"
    )
    assert columns == []


def test_only_what_is_personal_in_an_audit_row_may_be_erased_and_only_by_the_platform(ask):
    """What was written is sealed by its digest, which stays."""
    granted = ask(
        "SELECT r.rolname, a.attname FROM pg_roles r, pg_attribute a WHERE r.rolname LIKE 'portico%'"
        " AND a.attrelid = 'audit_events'::regclass AND a.attnum > 0"
        " AND has_column_privilege(r.oid, a.attrelid, a.attname, 'UPDATE')"
    )
    assert set(granted) == {("portico_platform", column) for column in ("ip", "user_agent", "personal_salt")}


def test_functions_that_lend_rights_pin_their_search_path_and_are_not_public(ask):
    lending = ask(
        "SELECT p.proname, p.proconfig::text, r.rolname, has_function_privilege('public', p.oid, 'EXECUTE')"
        " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    )
    assert lending
    for name, config, owner, public in lending:
        assert "search_path=pg_catalog, public" in config, name
        assert not public, name
        assert owner in {"portico_hot", "portico_resolver"} or name == "ensure_audit_partitions", name


def test_the_models_are_what_the_migrations_make(database_urls):
    owner = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database_urls[0]), poolclass=NullPool
    )
    with owner.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: not (kind == "table" and name.startswith("audit_events_")),
            },
        )
        assert compare_metadata(context, models.metadata) == []


def test_there_is_one_head():
    from alembic.script import ScriptDirectory

    from app.storage import migrate

    assert len(ScriptDirectory(str(migrate._SCRIPTS)).get_heads()) == 1
