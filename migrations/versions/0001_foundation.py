"""Tenants, people, sessions, refresh families, lockout lanes, links, signing keys, revocations, audit, outbox.

Every table but ``tenants`` carries ``tenant_id``, first in its key, and a forced row-level policy. The process logs in
as a role that owns nothing and may only become ``portico_app`` (one tenant) or ``portico_platform`` (sweeps,
operators). ``portico_resolver`` and ``portico_hot`` cannot be become: they own functions and nothing else.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would look for its parameters in the SQL.
    cursor = op.get_bind().connection.cursor()
    for part in ("roles", "tables", "policies", "functions"):
        cursor.execute(Path(__file__).with_name("0001_sql").joinpath(f"{part}.sql").read_text())
