"""The owner's and the login role's own connections: what the database itself lets them do."""

import psycopg
import pytest


@pytest.fixture
def login(database_urls):
    """The role that processes log in as, with nothing of ours around it."""
    with psycopg.connect(database_urls[1], autocommit=True) as connection:
        yield connection


@pytest.fixture
def as_role(login):
    """Run a statement as a narrow role of one tenant."""

    def as_role(role, tenant, statement, *values):
        with login.transaction(force_rollback=True):
            login.execute(
                "SELECT set_config('role', %s, true), set_config('app.tenant_id', %s, true)",
                [role, str(tenant.id) if tenant else ""],
            )
            return login.execute(statement, values)

    return as_role
