"""Roles and who holds them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.ids import uuid7
from app.storage.base import Base, Db, HasId, OfTenant


class Role(HasId, Base):
    __tablename__ = "roles"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "name", name="uq_roles_name"),
    )

    name: Mapped[str]
    permissions: Mapped[list[str] | None]  # None for system roles: app/auth/rbac.py has theirs
    created_at: Mapped[datetime]


class RoleAssignment(OfTenant, Base):
    __tablename__ = "role_assignments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_role_assignments_user",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["roles.tenant_id", "roles.id"],
            ondelete="CASCADE",
            name="fk_role_assignments_role",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role_id: Mapped[UUID] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime]


def add_system_roles(db: Db, *, tenant_id: UUID, names: Sequence[str], now: datetime) -> None:
    """The roles that every tenant has. Idempotent."""
    db.execute(
        insert(Role).on_conflict_do_nothing(index_elements=["tenant_id", "name"]),
        [{"tenant_id": tenant_id, "id": uuid7(), "name": name, "created_at": now} for name in names],
    )


def assign(db: Db, *, tenant_id: UUID, user_id: UUID, name: str, now: datetime) -> bool:
    """Give a role; ``False`` when they have it or there is no such role."""
    role_id = db.scalar(select(Role.id).where(Role.tenant_id == tenant_id, Role.name == name))
    if role_id is None:
        return False
    return (
        db.scalar(
            insert(RoleAssignment)
            .values(tenant_id=tenant_id, user_id=user_id, role_id=role_id, granted_at=now)
            .on_conflict_do_nothing()
            .returning(RoleAssignment.user_id)
        )
        is not None
    )


def names(db: Db, *, tenant_id: UUID) -> set[str]:
    """The roles that there are."""
    return set(db.scalars(select(Role.name).where(Role.tenant_id == tenant_id)))


def held_by(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[Role]:
    """The roles that somebody holds."""
    return list(
        db.scalars(
            select(Role)
            .join(RoleAssignment, (RoleAssignment.tenant_id == Role.tenant_id) & (RoleAssignment.role_id == Role.id))
            .where(Role.tenant_id == tenant_id, RoleAssignment.user_id == user_id)
            .order_by(Role.name)
        )
    )


def names_of(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[str]:
    """The names of somebody's roles."""
    found = (
        select(Role.name)
        .join(RoleAssignment, (RoleAssignment.tenant_id == Role.tenant_id) & (RoleAssignment.role_id == Role.id))
        .where(RoleAssignment.tenant_id == tenant_id, RoleAssignment.user_id == user_id)
    )
    return list(db.scalars(found.order_by(Role.name)))
