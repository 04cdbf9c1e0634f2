"""Relying apps: what is registered of each. Their secrets, logos and sessions are in files of their own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKeyConstraint, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId
from app.storage.tenants import Tenant


class Application(HasId, Base):
    __tablename__ = "applications"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        CheckConstraint("type IN ('web', 'spa', 'native', 'machine')", name="type"),
        CheckConstraint(
            "auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
            name="auth_method",
        ),
        CheckConstraint("signing_algorithm IN ('RS256', 'ES256', 'EdDSA')", name="signing_algorithm"),
        CheckConstraint("auth_method <> 'none' OR require_pkce", name="public_needs_pkce"),
    )

    name: Mapped[str]
    type: Mapped[str]
    auth_method: Mapped[str]
    grant_types: Mapped[list[str]]
    redirect_uris: Mapped[list[str]] = mapped_column(server_default="{}")
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(server_default="{}")
    backchannel_logout_uri: Mapped[str | None]
    scopes: Mapped[list[str]] = mapped_column(server_default="{}")
    resources: Mapped[list[str]] = mapped_column(server_default="{}")
    serves: Mapped[list[str]] = mapped_column(server_default="{}")
    signing_algorithm: Mapped[str] = mapped_column(server_default="RS256")
    jwks: Mapped[dict[str, Any] | None]
    require_pkce: Mapped[bool] = mapped_column(server_default="true")
    require_pushed_requests: Mapped[bool] = mapped_column(server_default="false")
    require_dpop: Mapped[bool] = mapped_column(server_default="false")
    first_party: Mapped[bool] = mapped_column(server_default="false")
    access_token_minutes: Mapped[int | None]
    refresh_token_days: Mapped[int | None]
    home_uri: Mapped[str | None]
    policy_uri: Mapped[str | None]
    terms_uri: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


def add(
    db: Db, *, tenant_id: UUID, new_id: UUID, name: str, type_: str, values: Mapping[str, Any], now: datetime
) -> Application:
    """A new application; ``values`` are its further columns."""
    made: Application | None = db.scalar(
        insert(Application)
        .values(tenant_id=tenant_id, id=new_id, name=name, type=type_, created_at=now, updated_at=now, **values)
        .returning(Application)
    )
    if made is None:
        raise RuntimeError("an insert returns its row")
    return made


def by_id(db: Db, *, tenant_id: UUID, application_id: UUID) -> Application | None:
    return db.scalar(select(Application).where(Application.tenant_id == tenant_id, Application.id == application_id))


def by_ids(db: Db, *, tenant_id: UUID, application_ids: Collection[UUID]) -> list[Application]:
    """Those of them that there are."""
    found = select(Application).where(Application.tenant_id == tenant_id, Application.id.in_(application_ids))
    return list(db.scalars(found)) if application_ids else []


def page(
    db: Db, *, tenant_id: UUID, limit: int, after: tuple[datetime, UUID] | None, search: str = ""
) -> list[Application]:
    """The newest first, ``limit`` of them, behind the key ``after`` (created_at, id), with ``search`` in the name."""
    found = select(Application).where(Application.tenant_id == tenant_id)
    if search:
        found = found.where(Application.name.icontains(search, autoescape=True))
    if after:
        found = found.where(
            or_(
                Application.created_at < after[0],
                (Application.created_at == after[0]) & (Application.id < after[1]),
            )
        )
    return list(db.scalars(found.order_by(Application.created_at.desc(), Application.id.desc()).limit(limit)))


def change(
    db: Db, *, tenant_id: UUID, application_id: UUID, version: int | None, values: Mapping[str, Any], now: datetime
) -> Application | None:
    """Change some columns; ``None`` where it is gone, or has another version than the one that was read."""
    changing = update(Application).where(Application.tenant_id == tenant_id, Application.id == application_id)
    if version is not None:
        changing = changing.where(Application.version == version)
    return db.scalar(changing.values(**values, updated_at=now, version=Application.version + 1).returning(Application))


def remove(db: Db, *, tenant_id: UUID, application_id: UUID) -> bool:
    """With everything that hangs on it: secrets, codes, consents, families."""
    gone = db.scalar(
        delete(Application)
        .where(Application.tenant_id == tenant_id, Application.id == application_id)
        .returning(Application.id)
    )
    return gone is not None


def redirect_uris(db: Db, *, tenant_id: UUID) -> list[str]:
    """Every redirect URI of the tenant's applications that are switched on: whose origins may ask across origins."""
    found = select(func.unnest(Application.redirect_uris)).where(
        Application.tenant_id == tenant_id, Application.disabled_at.is_(None)
    )
    return list(db.scalars(found.distinct()))


def is_told() -> tuple[ColumnElement[bool], ...]:
    """Whether it hears when a session ends in which it was used."""
    return Application.backchannel_logout_uri.is_not(None), Application.disabled_at.is_(None)


def told_unscoped(db: Db) -> list[tuple[UUID, dict[str, Any]]]:
    """Every tenant that has applications which hear when sessions end, and its settings. For a sweep."""
    having = select(Application.id).where(Application.tenant_id == Tenant.id, *is_told())
    return [(row.id, row.settings) for row in db.execute(select(Tenant.id, Tenant.settings).where(having.exists()))]


def lock(db: Db, *, tenant_id: UUID, application_id: UUID) -> Application | None:
    """The application, which nobody else changes until this transaction ends."""
    found = select(Application).where(Application.tenant_id == tenant_id, Application.id == application_id)
    return db.scalar(found.with_for_update().execution_options(populate_existing=True))


def hold(db: Db, *, tenant_id: UUID, application_id: UUID) -> bool:
    """Whether it is there and switched on; until this transaction ends nobody removes it.

    Whoever removes one, or switches it off, locks it before its flows, codes, devices and families: so does whoever
    writes one of those.
    """
    found = select(Application.id).where(
        Application.tenant_id == tenant_id, Application.id == application_id, Application.disabled_at.is_(None)
    )
    return db.scalar(found.with_for_update(read=True, key_share=True)) is not None
