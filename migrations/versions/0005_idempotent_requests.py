"""Requests that carry a key of the client's, so that sending them again creates nothing twice."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would look for its parameters in the SQL.
    cursor = op.get_bind().connection.cursor()
    for part in ("tables", "policies"):
        cursor.execute(Path(__file__).with_name("0005_sql").joinpath(f"{part}.sql").read_text())
