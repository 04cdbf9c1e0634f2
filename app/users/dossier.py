"""Everything that we hold on a person, section by section, as they may read it. Secrets and hashes never."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.storage import audit, dossier
from app.storage.audit import AuditEvent
from app.storage.base import Db
from app.storage.dossier import Found
from app.users.activity import is_own

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom it is about, and the unit to read in."""

    db: Db
    tenant_id: UUID
    user_id: UUID
    now: datetime


def _profile(of: Subject) -> Found:
    return dossier.profile(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _roles(of: Subject) -> Found:
    return dossier.roles(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _sessions(of: Subject) -> Found:
    return dossier.sessions(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _devices(of: Subject) -> Found:
    return dossier.devices(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _applications(of: Subject) -> Found:
    return dossier.applications(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _consents(of: Subject) -> Found:
    return dossier.consents(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _connected_devices(of: Subject) -> Found:
    return dossier.connected_devices(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _former_passwords(of: Subject) -> Found:
    return dossier.former_passwords(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _assessments(of: Subject) -> Found:
    return dossier.assessments(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _links(of: Subject) -> Found:
    return dossier.links(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _link_requests(of: Subject) -> Found:
    found: Found = []
    for person in _profile(of):
        found += dossier.link_requests(of.db, tenant_id=of.tenant_id, email=person["email"], now=of.now)
    return found


def _pending_logins(of: Subject) -> Found:
    return dossier.pending_logins(of.db, tenant_id=of.tenant_id, user_id=of.user_id, now=of.now)


def _apps(of: Subject) -> Found:
    return dossier.apps(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _backup_codes(of: Subject) -> Found:
    return dossier.backup_codes(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _passkeys(of: Subject) -> Found:
    return dossier.passkeys(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _passkey_challenges(of: Subject) -> Found:
    return dossier.passkey_challenges(of.db, tenant_id=of.tenant_id, user_id=of.user_id, now=of.now)


def _code_guesses(of: Subject) -> Found:
    return dossier.code_guesses(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _factor_resets(of: Subject) -> Found:
    return dossier.factor_resets(of.db, tenant_id=of.tenant_id, user_id=of.user_id)


def _idempotent_requests(of: Subject) -> Found:
    return dossier.idempotent_requests(of.db, tenant_id=of.tenant_id, user_id=of.user_id, now=of.now)


def _activity(of: Subject) -> Found:
    return [_happening(row) for row in _trail(of)]


Section = Callable[[Subject], Found]
# What is kept of people in a new table gets a line here.
SECTIONS: dict[str, Section] = {
    "profile": _profile,
    "roles": _roles,
    "sign_ins": _sessions,
    "devices": _devices,
    "applications": _applications,
    "allowed_applications": _consents,
    "connected_devices": _connected_devices,
    "former_passwords": _former_passwords,
    "authentication_apps": _apps,
    "backup_codes": _backup_codes,
    "passkeys": _passkeys,
    "passkeys_asked": _passkey_challenges,
    "wrong_codes": _code_guesses,
    "second_step_resets": _factor_resets,
    "risk_assessments": _assessments,
    "messages": _links,
    "asked_for": _link_requests,
    "unfinished_sign_ins": _pending_logins,
    "repeatable_requests": _idempotent_requests,
    "activity": _activity,
}


def gather(of: Subject) -> dict[str, Found]:
    """All of it. ``profile`` is empty when they have gone."""
    return {name: section(of) for name, section in SECTIONS.items()}


def _trail(of: Subject) -> Iterator[AuditEvent]:
    after = None
    while True:
        rows = audit.of_subject(of.db, tenant_id=of.tenant_id, subject_id=of.user_id, after=after, most=_PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = (rows[-1].at, rows[-1].id)


def _happening(row: AuditEvent) -> dict[str, Any]:
    own = is_own(row)
    return {
        "at": row.at,
        "event": row.event,
        "outcome": row.outcome,
        "by": "you" if own and row.actor_id else row.actor_kind if own or row.actor_id is None else "somebody else",
        "session_id": row.session_id,
        "ip": row.ip if own else None,
        "user_agent": row.user_agent if own else None,
        "details": row.details,
    }
