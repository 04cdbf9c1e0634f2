"""The gate: every way in ends here, and nothing else starts a session.

A way in (password today; links, social, passkeys later) proves something and hands over plain facts. The stages, in
order, say what is still owed. Only when nothing is, one statement writes the session.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from app import crypto, events
from app.auth.errors import InvalidCredentials
from app.auth.stages import REFUSALS, PendingLogin, next_step
from app.auth.tokens import Tokens
from app.clock import Clock, wall_clock
from app.events import Event
from app.ids import uuid7
from app.metrics import SIGN_INS
from app.scope import ANYBODY, Actor, ActorKind, Origin
from app.storage import hot
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The one who signs in, as the caller is told about them."""

    id: UUID
    email: str
    name: str
    email_verified: bool
    roles: tuple[str, ...]
    created_at: datetime
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How somebody comes in. ``wants_tokens``: an API client; else a browser, which gets a cookie.

    ``password_changed_at`` tells which password was compared; the session is refused when it is no longer theirs.
    ``new_hash`` renews its hash. ``lane`` and ``stamp`` name the guess that turned out right; ``known_device``
    relieves that device's lane.
    """

    person: Person
    amr: tuple[str, ...]
    acr: str
    remember: bool
    wants_tokens: bool
    password_changed_at: datetime | None = None
    new_hash: str | None = None
    lane: bytes | None = None
    stamp: datetime | None = None
    known_device: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What an API client gets. ``expires_in``: seconds that the access token lives."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session has begun. One of ``cookie`` and ``tokens`` is set. ``device`` is the secret of the known device."""

    person: Person
    session_id: UUID
    device: str
    expires_at: datetime
    remember: bool
    cookie: str | None = None
    tokens: TokenPair | None = None


class Gate:
    """Starts sessions."""

    def __init__(self, pool: Pool, units: Units, *, tokens: Tokens, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._units = units
        self._tokens = tokens
        self._clock = clock

    def admit(self, tenant: Tenant, login: PendingLogin, entry: Entry, *, origin: Origin) -> SignedIn:
        """Start a session when nothing is owed.

        Raises the refusal of the first step that is; and ``InvalidCredentials`` when the account was disabled or its
        password changed while it was being proven.
        """
        if step := next_step(login):
            raise REFUSALS[step](log=f"owed {step}")
        now = self._clock()
        person, session_id = entry.person, uuid7()
        device = origin.device if entry.known_device and origin.device else crypto.mint()
        cookie = None if entry.wants_tokens else crypto.mint()
        started = self._tokens.new_family(tenant, remember=entry.remember, now=now) if entry.wants_tokens else None
        expires_at = now + tenant.settings.session_life(remember=entry.remember)
        opened = hot.open_session(
            self._pool,
            tenant_id=tenant.id,
            session=hot.NewSession(
                id=session_id,
                user_id=person.id,
                token_digest=crypto.digest(cookie) if cookie else None,
                expires_at=expires_at,
                amr=entry.amr,
                acr=entry.acr,
                remember=entry.remember,
                ip=origin.ip,
                user_agent=origin.user_agent,
                device_digest=crypto.digest(device),
                family=started.row if started else None,
            ),
            now=now,
            password_changed_at=entry.password_changed_at,
            new_hash=entry.new_hash,
            lane=entry.lane,
            stamp=entry.stamp,
            relieve=entry.known_device,
            audit=_happenings(entry, session_id=session_id, now=now, origin=origin),
        )
        if not opened:
            self._changed_meanwhile(tenant, entry, origin=origin)
        SIGN_INS.labels("+".join(entry.amr), "success").inc()
        tokens = None
        if started:
            access, expires_in = self._tokens.access(
                tenant,
                session_id=session_id,
                user_id=person.id,
                roles=person.roles,
                amr=entry.amr,
                acr=entry.acr,
                auth_time=now,
                now=now,
                session_ends=expires_at,
            )
            tokens = TokenPair(
                access_token=access, refresh_token=started.token, expires_in=expires_in, session_id=session_id
            )
        return SignedIn(
            person=person,
            session_id=session_id,
            device=device,
            expires_at=expires_at,
            remember=entry.remember,
            cookie=cookie,
            tokens=tokens,
        )

    def _changed_meanwhile(self, tenant: Tenant, entry: Entry, *, origin: Origin) -> NoReturn:
        """They were disabled, or changed their password, while this one was being proven. It leaves a mark."""
        row = events.row(
            Event.LOGIN_BLOCKED,
            now=self._clock(),
            actor=ANYBODY,
            origin=origin,
            subject_id=entry.person.id,
            outcome="refused",
            reason="changed_meanwhile",
        )
        with self._units.begin(tenant.id) as unit:
            events.record(unit, tenant_id=tenant.id, rows=[row])
        raise InvalidCredentials(log=f"changed meanwhile user={entry.person.id}")


def _happenings(entry: Entry, *, session_id: UUID, now: datetime, origin: Origin) -> list[events.Row]:
    actor = Actor(kind=ActorKind.USER, id=entry.person.id)
    return [
        events.row(
            event,
            now=now,
            actor=actor,
            origin=origin,
            subject_id=entry.person.id,
            session_id=session_id,
            method="+".join(entry.amr),
        )
        for event in (Event.LOGIN_SUCCEEDED, Event.SESSION_CREATED)
    ]
