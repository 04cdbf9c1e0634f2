"""Codes for applications, each in one statement."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would look for its parameters in the SQL.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_name("0006_sql").joinpath("codes.sql").read_text())
