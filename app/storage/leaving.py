"""People who leave: until when they may come back, and all that goes with them when they do not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Delete, Row, Update, delete, func, or_, select, text, update

from app.storage.audit import AuditEvent
from app.storage.base import Db
from app.storage.known_devices import KnownDevice
from app.storage.link_requests import LinkRequest
from app.storage.lockout_lanes import LockoutLane
from app.storage.outbox import OutboxEntry
from app.storage.passkeys import PasskeyChallenge
from app.storage.pending_logins import PendingLogin
from app.storage.roles import Role, RoleAssignment
from app.storage.users import User

_PATIENCE = text("SET LOCAL statement_timeout = '5min'")


def hold_holders(db: Db, *, tenant_id: UUID, roles: Sequence[str]) -> dict[str, set[UUID]]:
    """Who holds each of these roles and can use it; none of them changes until this transaction ends.

    Always in the same order, so that two who leave at once wait for each other instead of blocking each other.
    """
    rows = db.execute(
        select(Role.name, User.id)
        .join(RoleAssignment, (RoleAssignment.tenant_id == Role.tenant_id) & (RoleAssignment.role_id == Role.id))
        .join(User, (User.tenant_id == RoleAssignment.tenant_id) & (User.id == RoleAssignment.user_id))
        .where(Role.tenant_id == tenant_id, Role.name.in_(roles), User.disabled_at.is_(None), User.leaving_at.is_(None))
        .order_by(User.id)
        .with_for_update(of=User)
    ).all()
    return {role: {user_id for name, user_id in rows if name == role} for role in roles}


def leave(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, erase_at: datetime) -> User | None:
    """They leave; ``None`` when they were leaving already."""
    return db.scalar(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.leaving_at.is_(None))
        .values(leaving_at=now, erase_at=erase_at, updated_at=now)
        .returning(User)
    )


def stay(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> User | None:
    """They stay after all; ``None`` when they were not leaving."""
    return db.scalar(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.leaving_at.is_not(None))
        .values(leaving_at=None, erase_at=None, updated_at=now)
        .returning(User)
    )


def due_unscoped(db: Db, *, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Whose time has come, of all tenants: (tenant, person), the longest due first."""
    rows = db.execute(select(User.tenant_id, User.id).where(User.erase_at <= now).order_by(User.erase_at).limit(most))
    return [(tenant_id, user_id) for tenant_id, user_id in rows]


def device_digests(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[bytes]:
    """By what their browsers are known."""
    found = select(KnownDevice.digest).where(KnownDevice.tenant_id == tenant_id, KnownDevice.user_id == user_id)
    return list(db.scalars(found))


def erase(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> Row[str, str] | None:
    """Remove the person, with all that hangs on them: (address, its key), or ``None`` when they stayed after all.

    Gives this transaction more time than a request has: a long past is forgotten in it.
    """
    db.execute(_PATIENCE)
    return db.execute(
        delete(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.erase_at <= now)
        .returning(User.email, User.email_key)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def forget_in_trail(db: Db, *, tenant_id: UUID, user_id: UUID) -> None:
    """What is personal in the audit rows that they did or that were about them. The rows and their digests stay."""
    # One after the other, so that each finds its index.
    for theirs in (
        AuditEvent.subject_id == user_id,
        (AuditEvent.actor_id == user_id) & AuditEvent.actor_id.is_distinct_from(AuditEvent.subject_id),
        AuditEvent.impersonator_id == user_id,
    ):
        _run(
            db,
            update(AuditEvent)
            .where(AuditEvent.tenant_id == tenant_id, theirs)
            .values(ip=None, user_agent="", personal_salt=None),
        )


def forget_requests(db: Db, *, tenant_id: UUID, user_id: UUID, spellings: Collection[str]) -> None:
    """What was asked for under their address, which no key ties to them. ``spellings`` are in lower case."""
    _run(
        db,
        delete(LinkRequest).where(LinkRequest.tenant_id == tenant_id, func.lower(LinkRequest.email).in_(spellings)),
    )
    named = or_(PendingLogin.user_id == user_id, func.lower(PendingLogin.email).in_(spellings))
    _run(db, delete(PendingLogin).where(PendingLogin.tenant_id == tenant_id, named))
    asked = PasskeyChallenge.user_id == user_id
    _run(db, delete(PasskeyChallenge).where(PasskeyChallenge.tenant_id == tenant_id, asked))


def forget_guesses(db: Db, *, tenant_id: UUID, lanes: Collection[bytes]) -> None:
    _run(db, delete(LockoutLane).where(LockoutLane.tenant_id == tenant_id, LockoutLane.lane.in_(lanes)))


def forget_promises(db: Db, *, tenant_id: UUID, user_id: UUID, spellings: Collection[str]) -> None:
    """What was to be sent to them; and whatever failed with their address in the error that a mail server gave."""
    said = [func.strpos(func.lower(OutboxEntry.last_error), spelling) > 0 for spelling in spellings]
    theirs = or_(OutboxEntry.payload["user_id"].astext == str(user_id), *said)
    _run(db, delete(OutboxEntry).where(OutboxEntry.tenant_id == tenant_id, theirs))


def _run(db: Db, statement: Delete | Update) -> None:
    """Many rows, of which this transaction holds none in memory."""
    db.execute(statement.execution_options(synchronize_session=False))
