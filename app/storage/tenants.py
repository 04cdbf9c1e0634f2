"""Tenants and the hosts that are theirs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant
from app.storage.pool import Pool


class Tenant(Base):
    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'", name="slug_is_a_label"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    theme: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class TenantDomain(OfTenant, Base):
    __tablename__ = "tenant_domains"
    __table_args__ = (
        Index("uq_tenant_domains_verified_host", "host", unique=True, postgresql_where=text("verified_at IS NOT NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What ``resolve_tenant`` tells about a tenant."""

    id: UUID
    slug: str
    name: str
    settings: dict[str, Any]
    theme: dict[str, Any]
    version: int
    suspended_at: datetime | None


def resolve(pool: Pool, *, slug: str | None, host: str | None, tenant_id: UUID | None) -> Resolved | None:
    """The tenant with this slug, verified host or id. Asked before any tenant is known, so of the driver directly."""
    with pool.connection() as connection:
        row = connection.execute("SELECT * FROM resolve_tenant(%s, %s, %s)", (slug, host, tenant_id)).fetchone()
    if row is None:
        return None
    found, slug_, name, settings, theme, version, suspended_at = row
    return Resolved(
        id=found, slug=slug_, name=name, settings=settings, theme=theme, version=version, suspended_at=suspended_at
    )


def add_unscoped(
    db: Db, *, new_id: UUID, slug: str, name: str, settings: dict[str, Any], theme: dict[str, Any], now: datetime
) -> Tenant | None:
    """Found a tenant, or return ``None`` when the slug is taken. For operators."""
    return db.scalar(
        insert(Tenant)
        .values(id=new_id, slug=slug, name=name, settings=settings, theme=theme, created_at=now)
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(Tenant)
    )


def add_domain(db: Db, *, tenant_id: UUID, host: str, now: datetime) -> TenantDomain | None:
    """Give a host to a tenant, as verified by an operator, or return ``None`` when it is somebody's already."""
    return db.scalar(
        insert(TenantDomain)
        .values(tenant_id=tenant_id, host=host, verified_at=now)
        .on_conflict_do_nothing()
        .returning(TenantDomain)
    )


def verified_hosts(db: Db, *, tenant_id: UUID) -> list[str]:
    """The domains of a tenant's own, beside the one under the base domain."""
    found = select(TenantDomain.host).where(TenantDomain.tenant_id == tenant_id, TenantDomain.verified_at.is_not(None))
    return list(db.scalars(found.order_by(TenantDomain.host)))


def all_unscoped(db: Db) -> list[Tenant]:
    """Every tenant, by slug. For operators."""
    return list(db.scalars(select(Tenant).order_by(Tenant.slug)))


def suspend(db: Db, *, tenant_id: UUID, at: datetime | None) -> Tenant | None:
    """Suspend (or, with ``None``, activate) a tenant; ``None`` when it already was so."""
    wanted = Tenant.suspended_at.is_(None) if at else Tenant.suspended_at.is_not(None)
    return db.scalar(
        update(Tenant)
        .where(Tenant.id == tenant_id, wanted)
        .values(suspended_at=at, version=Tenant.version + 1)
        .returning(Tenant)
    )


def change_settings(db: Db, *, tenant_id: UUID, settings: dict[str, Any], version: int) -> Tenant | None:
    """Replace the settings, or return ``None`` when somebody else was faster."""
    return db.scalar(
        update(Tenant)
        .where(Tenant.id == tenant_id, Tenant.version == version)
        .values(settings=settings, version=version + 1)
        .returning(Tenant)
    )
