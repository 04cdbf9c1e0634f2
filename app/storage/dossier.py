"""What we hold on a person, table by table, for them to read: columns by name, so that no secret comes along."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.storage.application_sessions import ApplicationSession
from app.storage.applications import Application
from app.storage.backup_codes import BackupCode, BackupCodeSet
from app.storage.base import Db
from app.storage.code_guesses import CodeGuesses
from app.storage.device_grants import DeviceGrant
from app.storage.factor_resets import FactorReset
from app.storage.grants import Consent
from app.storage.idempotent_requests import IdempotentRequest
from app.storage.known_devices import KnownDevice
from app.storage.link_requests import LinkRequest
from app.storage.links import OneTimeToken
from app.storage.passkeys import Passkey, PasskeyChallenge
from app.storage.password_history import FormerPassword
from app.storage.pending_logins import PendingLogin
from app.storage.risk_assessments import RiskAssessment
from app.storage.roles import Role, RoleAssignment
from app.storage.sessions import Session
from app.storage.totp_authenticators import TotpAuthenticator
from app.storage.users import User

Found = list[dict[str, Any]]
_Column = InstrumentedAttribute[Any]


def profile(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    columns = (
        User.id, User.email, User.name, User.created_at, User.updated_at, User.email_verified_at,
        User.password_changed_at, User.password_leaked_at, User.last_sign_in_at, User.disabled_at, User.leaving_at,
        User.erase_at, User.second_factor_due_at, User.passkey_offered_at, User.profile,
    )  # fmt: skip
    return _read(db, *columns, where=[User.tenant_id == tenant_id, User.id == user_id], newest=User.created_at)


def roles(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    theirs = [RoleAssignment.tenant_id == tenant_id, RoleAssignment.user_id == user_id]
    named = [Role.tenant_id == RoleAssignment.tenant_id, Role.id == RoleAssignment.role_id]
    return _read(db, Role.name, RoleAssignment.granted_at, where=theirs + named, newest=RoleAssignment.granted_at)


def sessions(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    columns = (
        Session.id, Session.created_at, Session.last_seen_at, Session.expires_at, Session.auth_time, Session.amr,
        Session.acr, Session.remember, Session.ip, Session.user_agent, Session.revoked_at, Session.revoked_reason,
    )  # fmt: skip
    return _read(
        db,
        *columns,
        where=[Session.tenant_id == tenant_id, Session.user_id == user_id],
        newest=Session.created_at,
    )


def applications(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """Which applications they have signed in to, within sessions that are still remembered."""
    used, named = ApplicationSession, Application
    of = [Session.tenant_id == used.tenant_id, Session.id == used.session_id]
    of += [named.tenant_id == used.tenant_id, named.id == used.application_id]
    theirs = [Session.tenant_id == tenant_id, Session.user_id == user_id]
    return _read(db, named.name, used.session_id, used.first_at, used.last_at, where=of + theirs, newest=used.last_at)


def consents(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """What they have allowed applications."""
    named = [Application.tenant_id == Consent.tenant_id, Application.id == Consent.application_id]
    theirs = [Consent.tenant_id == tenant_id, Consent.user_id == user_id]
    columns = (Application.name, Consent.scopes, Consent.granted_at, Consent.updated_at)
    return _read(db, *columns, where=named + theirs, newest=Consent.updated_at)


def connected_devices(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """Devices without a keyboard that they have let in, or refused."""
    of = DeviceGrant
    named = [Application.tenant_id == of.tenant_id, Application.id == of.application_id]
    theirs = [of.tenant_id == tenant_id, of.user_id == user_id]
    columns = (Application.name, of.scopes, of.created_at, of.decided_at, of.approved, of.ip, of.user_agent)
    return _read(db, *columns, where=named + theirs, newest=of.created_at)


def devices(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    of = KnownDevice
    columns = (
        of.first_seen_at, of.last_seen_at, of.cleared_until, of.trusted_at, of.trusted_until, of.trusted_ip,
        of.trusted_agent,
    )  # fmt: skip
    return _read(
        db,
        *columns,
        where=[KnownDevice.tenant_id == tenant_id, KnownDevice.user_id == user_id],
        newest=KnownDevice.last_seen_at,
    )


def former_passwords(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """That there were some, and until when."""
    of = FormerPassword
    return _read(db, of.replaced_at, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.replaced_at)


def assessments(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    of = RiskAssessment
    columns = (
        of.at, of.signals, of.factors, of.score, of.level, of.mode, of.outcome, of.session_id, of.ip, of.network,
        of.country, of.city, of.latitude, of.longitude, of.user_agent,
    )  # fmt: skip
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.at)


def links(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """Links and codes that were mailed, also to an address that is to become theirs."""
    of = OneTimeToken
    columns = (of.purpose, of.sent_to, of.channel, of.created_at, of.expires_at, of.spent_at, of.ip, of.user_agent)
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.created_at)


def link_requests(db: Db, *, tenant_id: UUID, email: str, now: datetime) -> Found:
    """Links that were asked for under an address, and can still be sent."""
    of = LinkRequest
    columns = (of.purpose, of.email, of.channel, of.created_at, of.expires_at, of.ip, of.user_agent)
    where = [of.tenant_id == tenant_id, func.lower(of.email) == email.lower(), of.expires_at > now]
    return _read(db, *columns, where=where, newest=of.created_at)


def pending_logins(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> Found:
    """Sign-ins that have begun and still want something."""
    of = PendingLogin
    columns = (of.email, of.step, of.created_at, of.expires_at)
    where = [of.tenant_id == tenant_id, of.user_id == user_id, of.expires_at > now]
    return _read(db, *columns, where=where, newest=of.created_at)


def apps(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """Apps that show codes, those that were never finished among them."""
    of = TotpAuthenticator
    columns = (of.id, of.name, of.created_at, of.confirmed_at, of.last_used_at)
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.created_at)


def backup_codes(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """When they were made, and each use of one."""
    sets, of = BackupCodeSet, BackupCode
    where = [sets.tenant_id == tenant_id, sets.user_id == user_id, of.tenant_id == sets.tenant_id]
    where.append(of.user_id == sets.user_id)
    return _read(db, sets.made_at, sets.saved_at, of.used_at, where=where, newest=of.used_at)


def passkeys(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    of = Passkey
    columns = (
        of.id, of.name, of.aaguid, of.transports, of.synced, of.created_at, of.last_used_at, of.cloned_at,
    )  # fmt: skip
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.created_at)


def passkey_challenges(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> Found:
    """What their passkeys were asked for, and can still answer."""
    of = PasskeyChallenge
    where = [of.tenant_id == tenant_id, of.user_id == user_id, of.expires_at > now]
    return _read(db, of.purpose, of.created_at, of.expires_at, where=where, newest=of.created_at)


def code_guesses(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """Wrong codes, since the last right one."""
    of = CodeGuesses
    columns = (of.recent, of.in_a_row, of.locks, of.locked_until, of.told_at, of.touched_at)
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.touched_at)


def factor_resets(db: Db, *, tenant_id: UUID, user_id: UUID) -> Found:
    """What administrators have started to take away from them. Who they were is theirs."""
    of = FactorReset
    columns = (of.id, of.reason, of.started_at, of.takes_effect_at, of.cancelled_at, of.done_at)
    return _read(db, *columns, where=[of.tenant_id == tenant_id, of.user_id == user_id], newest=of.started_at)


def idempotent_requests(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> Found:
    """What they have sent under a key of their own, and is answered alike when it is sent again."""
    of = IdempotentRequest
    where = [of.tenant_id == tenant_id, of.user_id == user_id, of.expires_at > now]
    return _read(db, of.claimed_at, of.answered_at, of.status, of.expires_at, where=where, newest=of.claimed_at)


def _read(db: Db, *columns: _Column, where: list[ColumnElement[bool]], newest: _Column) -> Found:
    rows = db.execute(select(*columns).where(*where).order_by(newest.desc())).mappings()
    return [dict(row) for row in rows]
