"""What clients have signed and shown: each counts once (RFC 7523, section 3; RFC 9449, section 11.1)."""

from datetime import datetime
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, OfTenant
from app.storage.pool import Pool


class ShownProof(OfTenant, Base):
    __tablename__ = "shown_proofs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        Index("ix_shown_proofs_expires_at", "expires_at"),
    )

    name_digest: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


def show(pool: Pool, *, tenant_id: UUID, name_digest: bytes, expires_at: datetime) -> bool:
    """Whether it is shown for the first time. To be remembered until ``expires_at``, when it counts no more anyway."""
    with pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        return bool(
            cursor.execute("SELECT hot_show_proof(%s, %s, %s)", (tenant_id, name_digest, expires_at)).fetchone()
        )
