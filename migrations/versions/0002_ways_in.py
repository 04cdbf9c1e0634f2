"""What surrounds a first factor: history, mailed links, devices that rotate, session limits, risk, exports, leaving."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would look for its parameters in the SQL.
    cursor = op.get_bind().connection.cursor()
    for part in ("tables", "policies", "functions"):
        cursor.execute(Path(__file__).with_name("0002_sql").joinpath(f"{part}.sql").read_text())
