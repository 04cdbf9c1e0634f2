"""OpenID Connect: applications, sign-ins on their behalf, codes, consents, devices, and keys that can be published."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would look for its parameters in the SQL.
    cursor = op.get_bind().connection.cursor()
    for part in ("tables", "policies", "functions"):
        cursor.execute(Path(__file__).with_name("0004_sql").joinpath(f"{part}.sql").read_text())
