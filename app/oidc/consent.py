"""What people allow applications: asked once, remembered, asked again for more, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app import events
from app.clock import Clock, wall_clock
from app.errors import Forbidden, NotFound
from app.events import Event
from app.oidc.clients import Client
from app.oidc.revoking import Revoking
from app.scope import Scope
from app.storage import applications, grants
from app.storage.applications import Application, UsedIn
from app.storage.grants import Consent, Held
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


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


class Consents:
    """The caller's own; nobody allows an application anything for somebody else."""

    def __init__(self, units: Units, *, revoking: Revoking, clock: Clock = wall_clock) -> None:
        self._units = units
        self._revoking = revoking
        self._clock = clock

    def needed(self, tenant: Tenant, client: Client, user_id: UUID, scopes: Iterable[str]) -> bool:
        """Whether they have to be asked: not for what is the tenant's own, else for what they have not allowed yet."""
        return not client.first_party and not self.remembered(tenant, client, user_id).issuperset(scopes)

    def remembered(self, tenant: Tenant, client: Client, user_id: UUID) -> frozenset[str]:
        """What they have allowed it so far."""
        with self._units.read(tenant.id) as db:
            known = grants.consent(db, tenant_id=tenant.id, user_id=user_id, application_id=client.id)
        return frozenset(known.scopes if known else ())

    def allow(self, tenant: Tenant, scope: Scope, client: Client, scopes: Iterable[str]) -> None:
        """Remember it, beside what was allowed before. Raises ``Forbidden`` for who acts for somebody else."""
        with self._units.begin(tenant.id) as unit:
            self.remember(unit, tenant, scope, client, scopes)

    def remember(
        self, unit: Unit, tenant: Tenant, scope: Scope, client: Client, scopes: Iterable[str], *, by: str | None = None
    ) -> None:
        """The same, within the unit of what it is allowed with. ``by``: how, where it was not on the consent page."""
        refuse_impersonators(scope)
        allowed, now = sorted(scopes), self._clock()
        grants.allow(
            unit.db,
            tenant_id=tenant.id,
            user_id=scope.user_id,
            application_id=client.id,
            scopes=allowed,
            now=now,
        )
        self._record(unit, tenant, scope, Event.CONSENT_GRANTED, client, scopes=" ".join(allowed), method=by)

    def deny(self, tenant: Tenant, scope: Scope, client: Client) -> None:
        """They said no. What was allowed before stays."""
        with self._units.begin(tenant.id) as unit:
            self.note_denial(unit, tenant, scope, client)

    def note_denial(self, unit: Unit, tenant: Tenant, scope: Scope, client: Client, *, by: str | None = None) -> None:
        """The same, within the unit of what it is denied with."""
        refuse_impersonators(scope)
        self._record(unit, tenant, scope, Event.CONSENT_GRANTED, client, refused=True, reason="denied", method=by)

    def list(self, tenant: Tenant, scope: Scope) -> list[Allowed]:
        """Who has access: what the caller allowed, and what they are signed in to; the latest first."""
        now, lives = self._clock(), tenant.settings.lives
        with self._units.read(tenant.id) as db:
            known = grants.consents_of(db, tenant_id=tenant.id, user_id=scope.user_id)
            held = grants.held_by(db, tenant_id=tenant.id, user_id=scope.user_id, now=now, lives=lives)
            ids = {one.application_id for one in known} | {one.application_id for one in held}
            named = applications.by_ids(db, tenant_id=tenant.id, application_ids=ids)
            logos = applications.with_logo(db, tenant_id=tenant.id, application_ids=ids)
            used = applications.used_by(db, tenant_id=tenant.id, user_id=scope.user_id, now=now, lives=lives)
        found = [
            _allowed(
                application,
                next((one for one in known if one.application_id == application.id), None),
                [one for one in held if one.application_id == application.id],
                [one for one in used if one.application_id == application.id],
                logos=logos,
                here=scope.session_id,
            )
            for application in named
        ]
        return sorted(found, key=lambda one: one.last_used_at or one.since, reverse=True)

    def revoke(self, tenant: Tenant, scope: Scope, application_id: UUID) -> None:
        """Take everything back: tokens are refused at once, codes and refresh tokens are dead, and it has to ask again.

        Raises ``NotFound`` where it has no access; ``Forbidden`` for who acts for somebody else.
        """
        refuse_impersonators(scope)
        with self._units.begin(tenant.id) as unit:
            named = applications.by_id(unit.db, tenant_id=tenant.id, application_id=application_id)
            if named is None:
                raise NotFound
            known = grants.disallow(unit.db, tenant_id=tenant.id, user_id=scope.user_id, application_id=application_id)
            ended = self._revoking.all_of(unit, tenant, application_id, user_id=scope.user_id, now=self._clock())
            if not known and not ended:
                raise NotFound
            self._record(unit, tenant, scope, Event.CONSENT_REVOKED, named, grants=ended)

    def _record(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        event: Event,
        about: Client | Application,
        *,
        refused: bool = False,
        **details: Any,
    ) -> None:
        row = events.row(
            event,
            now=self._clock(),
            actor=scope.actor,
            origin=scope.origin,
            subject_id=scope.user_id,
            session_id=scope.session_id,
            outcome="refused" if refused else "success",
            application_id=str(about.id),
            application_name=about.name,
            **details,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])


def refuse_impersonators(scope: Scope) -> None:
    """Whom an application may know is nobody's to say for somebody else. Raises ``Forbidden``."""
    if scope.impersonator_id:
        raise Forbidden("You cannot do this for somebody else.")


def _allowed(
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
