"""Bring a database to the newest revision, and say whether it is there."""

from functools import cache
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import NullPool, create_engine

from app.storage.pool import Pool

_SCRIPTS = Path(__file__).parents[2] / "migrations"
# What the process calls as itself, before or without becoming a narrow role.
_FUNCTIONS = (
    "resolve_tenant",
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
# One migration at a time over one database, whoever starts it.
_LOCK = 0x706F72


@cache
def head() -> str:
    """The newest revision in this tree: read from its files once, not for every probe of readiness."""
    return ScriptDirectory(str(_SCRIPTS)).get_current_head() or ""


def upgrade(owner_url: str, *, login_role: str) -> None:
    """Migrate as the owner, then let ``login_role`` become the narrow roles and call the functions."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=NullPool, use_native_hstore=False
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.commit()
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(_SCRIPTS))
        command.upgrade(config, "head")
        connection.commit()
        _let_in(connection.connection.driver_connection, login_role)  # type: ignore[arg-type]
        connection.exec_driver_sql("SELECT ensure_audit_partitions(now())")
        connection.commit()


def _let_in(connection: psycopg.Connection, login_role: str) -> None:
    role = sql.Identifier(login_role)
    for statement in (
        "GRANT portico_app, portico_platform TO {} WITH INHERIT FALSE, SET TRUE",
        "GRANT USAGE ON SCHEMA public TO {}",
        f"GRANT EXECUTE ON FUNCTION {', '.join(_FUNCTIONS)} TO {{}}",
        "GRANT SELECT ON alembic_version TO {}",
    ):
        connection.execute(sql.SQL(statement).format(role))


def current(pool: Pool) -> str | None:
    """The revision that the database is at."""
    with pool.connection() as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def is_harmless(pool: Pool) -> bool:
    """Whether we are logged in as a role that owns nothing and that row-level security binds."""
    with pool.connection() as connection:
        row = connection.execute(
            "SELECT NOT r.rolsuper AND NOT r.rolbypassrls"
            " AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)"
            " FROM pg_roles r WHERE r.rolname = session_user"
        ).fetchone()
    return bool(row and row[0])
