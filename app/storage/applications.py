"""Relying apps: what they are, what they are known by, and in which sessions they were used."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, OfTenant
from app.storage.sessions import Session, is_young
from app.tenancy import SessionLives


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


class ApplicationLogo(OfTenant, Base):
    __tablename__ = "application_logos"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_logos_application",
        ),
    )

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    png: Mapped[bytes]
    updated_at: Mapped[datetime]


class ApplicationSecret(HasId, Base):
    __tablename__ = "application_secrets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_secrets_application",
        ),
        Index("ix_application_secrets_application", "tenant_id", "application_id"),
    )

    application_id: Mapped[UUID]
    secret_digest: Mapped[bytes]
    hint: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class ApplicationSession(OfTenant, Base):
    __tablename__ = "application_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            ondelete="CASCADE",
            name="fk_application_sessions_session",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_sessions_application",
        ),
        Index("ix_application_sessions_application", "tenant_id", "application_id"),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


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


def secrets_of(db: Db, *, tenant_id: UUID, application_id: UUID) -> list[ApplicationSecret]:
    """What it is known by, oldest first, also what has expired."""
    return list(
        db.scalars(
            select(ApplicationSecret)
            .where(ApplicationSecret.tenant_id == tenant_id, ApplicationSecret.application_id == application_id)
            .order_by(ApplicationSecret.created_at, ApplicationSecret.id)
        )
    )


def add_secret(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    secret_digest: bytes,
    hint: str,
    now: datetime,
) -> None:
    db.add(
        ApplicationSecret(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            secret_digest=secret_digest,
            hint=hint,
            created_at=now,
        )
    )


def end_secret(
    db: Db, *, tenant_id: UUID, application_id: UUID, secret_id: UUID, expires_at: datetime
) -> ApplicationSecret | None:
    """It counts until then, and no longer than it did."""
    return db.scalar(
        update(ApplicationSecret)
        .where(
            ApplicationSecret.tenant_id == tenant_id,
            ApplicationSecret.application_id == application_id,
            ApplicationSecret.id == secret_id,
        )
        .values(expires_at=func.least(ApplicationSecret.expires_at, expires_at))
        .returning(ApplicationSecret)
    )


def remove_secret(db: Db, *, tenant_id: UUID, application_id: UUID, secret_id: UUID) -> bool:
    gone = db.scalar(
        delete(ApplicationSecret)
        .where(
            ApplicationSecret.tenant_id == tenant_id,
            ApplicationSecret.application_id == application_id,
            ApplicationSecret.id == secret_id,
        )
        .returning(ApplicationSecret.id)
    )
    return gone is not None


def note_use(db: Db, *, tenant_id: UUID, secret_id: UUID, now: datetime) -> None:
    """A client has shown this secret."""
    db.execute(
        update(ApplicationSecret)
        .where(ApplicationSecret.tenant_id == tenant_id, ApplicationSecret.id == secret_id)
        .values(last_used_at=now)
    )


def logo(db: Db, *, tenant_id: UUID, application_id: UUID) -> ApplicationLogo | None:
    return db.scalar(
        select(ApplicationLogo).where(
            ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id == application_id
        )
    )


def logo_times(db: Db, *, tenant_id: UUID, application_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the pictures of these were put there; those that have none are left out."""
    found = db.execute(
        select(ApplicationLogo.application_id, ApplicationLogo.updated_at).where(
            ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id.in_(application_ids)
        )
    )
    return {row.application_id: row.updated_at for row in found}


def put_logo(db: Db, *, tenant_id: UUID, application_id: UUID, png: bytes, now: datetime) -> None:
    fresh = insert(ApplicationLogo).values(tenant_id=tenant_id, application_id=application_id, png=png, updated_at=now)
    db.execute(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "application_id"], set_={"png": png, "updated_at": now}
        )
    )


def remove_logo(db: Db, *, tenant_id: UUID, application_id: UUID) -> bool:
    gone = db.scalar(
        delete(ApplicationLogo)
        .where(ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id == application_id)
        .returning(ApplicationLogo.application_id)
    )
    return gone is not None


def used_in(db: Db, *, tenant_id: UUID, session_id: UUID, application_id: UUID, now: datetime) -> None:
    """Somebody has signed in to it within this session: it hears of the session's end."""
    fresh = insert(ApplicationSession).values(
        tenant_id=tenant_id, session_id=session_id, application_id=application_id, first_at=now, last_at=now
    )
    db.execute(
        fresh.on_conflict_do_update(index_elements=["tenant_id", "session_id", "application_id"], set_={"last_at": now})
    )


def by_ids(db: Db, *, tenant_id: UUID, application_ids: Collection[UUID]) -> list[Application]:
    """Those of them that there are."""
    found = select(Application).where(Application.tenant_id == tenant_id, Application.id.in_(application_ids))
    return list(db.scalars(found)) if application_ids else []


def with_logo(db: Db, *, tenant_id: UUID, application_ids: Collection[UUID]) -> set[UUID]:
    """Which of them have one."""
    found = select(ApplicationLogo.application_id).where(
        ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id.in_(application_ids)
    )
    return set(db.scalars(found)) if application_ids else set()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedIn:
    """A session in which somebody has signed in to an application."""

    application_id: UUID
    session_id: UUID
    browser: bool
    user_agent: str
    ip: str | None
    last_at: datetime


def used_by(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, lives: SessionLives) -> list[UsedIn]:
    """Where somebody has signed in to applications, in sessions that are live: the latest first."""
    found = db.execute(
        select(ApplicationSession, Session)
        .join(
            Session,
            (Session.tenant_id == ApplicationSession.tenant_id) & (Session.id == ApplicationSession.session_id),
        )
        .where(
            ApplicationSession.tenant_id == tenant_id,
            Session.user_id == user_id,
            Session.revoked_at.is_(None),
            is_young(now, lives),
        )
        .order_by(ApplicationSession.last_at.desc(), ApplicationSession.session_id)
    )
    return [
        UsedIn(
            application_id=used.application_id,
            session_id=session.id,
            browser=session.token_digest is not None,
            user_agent=session.user_agent,
            ip=session.ip,
            last_at=used.last_at,
        )
        for used, session in found
    ]
