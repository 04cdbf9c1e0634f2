"""What people see of an application that has access: what it may, and where they have signed in to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.storage.application_sessions import UsedIn
from app.storage.applications import Application
from app.storage.grants import Consent, Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A session in which somebody has signed in to an application."""

    session_id: UUID
    current: bool
    user_agent: str
    browser: bool
    ip: str | None
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """An application that has access. ``scopes``: what was allowed; ``remembered``: it is not asked for again."""

    id: UUID
    name: str
    home_uri: str | None
    first_party: bool
    has_logo: bool
    remembered: bool
    scopes: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None
    uses: tuple[Use, ...]


def allowed(
    application: Application,
    known: Consent | None,
    held: list[Held],
    used: list[UsedIn],
    *,
    logos: set[UUID],
    here: UUID | None,
) -> Allowed:
    scopes = {*(known.scopes if known else ()), *(name for one in held for name in one.scopes)}
    return Allowed(
        id=application.id,
        name=application.name,
        home_uri=application.home_uri,
        first_party=application.first_party,
        has_logo=application.id in logos,
        remembered=known is not None,
        scopes=tuple(sorted(scopes)),
        since=min([*([known.granted_at] if known else []), *(one.since for one in held)]),
        last_used_at=max((one.last_at for one in used), default=None),
        uses=tuple(
            Use(
                session_id=one.session_id,
                current=one.session_id == here,
                user_agent=one.user_agent,
                browser=one.browser,
                ip=one.ip,
                last_at=one.last_at,
            )
            for one in used
        ),
    )
