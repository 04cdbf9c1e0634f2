"""Migrating: from nothing, twice, by two at once; and what the login role may do afterwards."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from app.embedded.postgres import LOGIN_ROLE
from app.storage import migrate
from app.storage.pool import open_pool


@pytest.fixture
def empty(database_urls, worker_id):
    """(owner, login): a database with nothing in it."""
    name = f"portico_empty_{worker_id}"
    with psycopg.connect(database_urls[0], autocommit=True) as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield tuple(url.replace(f"/portico_{worker_id}?", f"/{name}?") for url in database_urls)
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _grants(url):
    with psycopg.connect(url) as owner:
        return (
            owner.execute(
                "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
            ).fetchall()
            + owner.execute(
                "SELECT proname, proacl::text, proowner::regrole::text FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
            ).fetchall()
        )


def test_migrating_twice_changes_nothing(empty):
    migrate.upgrade(empty[0], login_role=LOGIN_ROLE)
    once = _grants(empty[0])
    migrate.upgrade(empty[0], login_role=LOGIN_ROLE)
    assert _grants(empty[0]) == once


def test_afterwards_the_login_role_is_let_in_and_harmless(empty):
    migrate.upgrade(empty[0], login_role=LOGIN_ROLE)
    with open_pool(empty[1], most=1, application="tests") as pool:
        assert migrate.current(pool) == migrate.head()
        assert migrate.is_harmless(pool)
        with pool.connection() as connection:
            assert connection.execute("SELECT * FROM resolve_tenant('acme', NULL, NULL)").fetchone() is None


def test_an_owner_is_not_harmless(database_urls):
    with open_pool(database_urls[0], most=1, application="tests") as pool:
        assert not migrate.is_harmless(pool)


def test_four_who_migrate_at_once_do_it_once(empty):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: migrate.upgrade(empty[0], login_role=LOGIN_ROLE), range(4)))
    with psycopg.connect(empty[0]) as owner:
        assert owner.execute("SELECT version_num FROM alembic_version").fetchall() == [(migrate.head(),)]


def test_an_unmigrated_database_is_told_from_a_migrated_one(empty):
    with open_pool(empty[1], most=1, application="tests") as pool, pytest.raises(psycopg.errors.UndefinedTable):
        migrate.current(pool)


def test_a_migration_that_fails_leaves_no_half(empty):
    with pytest.raises(psycopg.errors.UndefinedObject):
        migrate.upgrade(empty[0], login_role="nobody_has_this_name")
    migrate.upgrade(empty[0], login_role=LOGIN_ROLE)
    with open_pool(empty[1], most=1, application="tests") as pool:
        assert migrate.current(pool) == migrate.head()
