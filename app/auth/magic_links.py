"""Signing in by mail: a link for the browser that asked, and a code to type wherever one waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.auth import requests
from app.auth.arriving import Proof
from app.auth.codes import MOST_TRIES, Codes, digits, is_code
from app.auth.errors import InvalidCode, LinkExpired, TenantSuspended
from app.auth.factors import EMAIL
from app.auth.gate import Gate, SignedIn
from app.auth.lockout import Lockout
from app.auth.pending import PendingLogins
from app.clock import Clock, wall_clock
from app.email import addresses
from app.errors import NotFound, Problem, refuse, settle
from app.events import Event
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import links, pending_logins
from app.storage.base import Db
from app.storage.links import OneTimeToken
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

PURPOSE = "magic_link"
AMR = (EMAIL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What a link is for, to whoever has opened it. ``same_browser``: it was asked for here, and signs in here."""

    email: str
    same_browser: bool
    for_api: bool
    code: str
    asked_at: datetime
    ip: str | None
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    """A link or code that somebody has used, and what was wished for when it was asked for."""

    user_id: UUID
    remember: bool
    wants_tokens: bool


class MagicLinks:
    """Asks for links, follows them, and lets a waiting browser in."""

    def __init__(
        self,
        units: Units,
        *,
        gate: Gate,
        lockout: Lockout,
        pending: PendingLogins,
        codes: Codes,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._gate = gate
        self._lockout = lockout
        self._pending = pending
        self._codes = codes
        self._outbox = outbox
        self._clock = clock

    def ask(self, tenant: Tenant, *, email: str, remember: bool, for_api: bool, origin: Origin) -> str:
        """Ask for a link. Returns the secret that the browser or client keeps: only with it does the link sign in.

        Says nothing about the address. Raises ``InvalidInput`` for what cannot be one, ``NotFound`` where links are
        switched off.
        """
        _allowed(tenant)
        address, life = addresses.parse(email), timedelta(minutes=tenant.settings.magic_link_minutes)
        with self._units.begin(tenant.id) as unit:
            challenge = self._pending.start(
                unit,
                tenant,
                email=address.shown,
                step="magic_link",
                life=life,
                remember=remember,
                flow_id=origin.flow_id,
            )
            requests.ask(
                unit,
                tenant,
                outbox=self._outbox,
                purpose=PURPOSE,
                email=address.shown,
                life=life,
                origin=origin,
                now=self._clock(),
                challenge=challenge.digest,
                channel="api" if for_api else "page",
            )
        return challenge.secret

    def number(self, challenge: str) -> str:
        """What the waiting screen shows, for whoever opens the link on another device."""
        return self._codes.number(crypto.digest(challenge))

    def look(self, tenant: Tenant, *, token: str, challenge: str | None) -> Landing:
        """What a link is for. Looking changes nothing. Raises ``LinkExpired``."""
        _allowed(tenant)
        with self._units.read(tenant.id) as db:
            found = self._find(db, tenant, token)
        return Landing(
            email=found.sent_to,
            same_browser=found.channel == "page" and _bound(found, challenge),
            for_api=found.channel == "api",
            code=self._codes.of(token),
            asked_at=found.created_at,
            ip=str(found.ip) if found.ip else None,
            user_agent=found.user_agent,
        )

    def follow(self, tenant: Tenant, *, token: str, challenge: str | None, for_api: bool, origin: Origin) -> SignedIn:
        """Sign in with a link.

        1. Unknown, stale, used, replaced, or sent to an address they have left: ``LinkExpired``.
        2. In another browser or client than asked for it: ``LinkExpired`` too; it stays good for the right one.
        3. Otherwise the gate, which may owe more.
        """

        def spend(unit: Unit) -> OneTimeToken | None:
            found = self._find(unit.db, tenant, token)
            if not _bound(found, challenge) or (found.channel == "api") is not for_api:
                return None
            return links.spend_by_id(unit.db, tenant_id=tenant.id, token_id=found.id, now=self._clock())

        return self._enter(tenant, challenge, spend, LinkExpired, origin=origin)

    def redeem(self, tenant: Tenant, *, code: str, challenge: str | None, for_api: bool, origin: Origin) -> SignedIn:
        """Sign in with the code of the newest mail: five tries, counted before they are compared.

        Wrong, used, replaced, tried too often, or never sent: ``InvalidCode``, in the same words, and a mark for each:
        a write in any case, so that no time tells who is known. What is no code at all is no try.
        """

        def spend(unit: Unit) -> OneTimeToken | None:
            bound = crypto.digest(challenge or "")
            held = links.hold_code(
                unit.db,
                tenant_id=tenant.id,
                purpose=PURPOSE,
                challenge_digest=bound,
                now=self._clock(),
                most=MOST_TRIES,
            )
            # Compared with something in any case: an unknown address costs as much as a known one.
            right = self._codes.matches(code, bound, held.code_digest if held and held.code_digest else b"")
            right = right and held is not None and (held.channel == "api") is for_api
            if held and is_code(code):
                links.tried(unit.db, tenant_id=tenant.id, token_id=held.id, used_at=self._clock() if right else None)
            if not right:
                self._failed(unit, tenant, held.user_id if held else None, reason="wrong", origin=origin)
                return None
            return held

        return self._enter(tenant, challenge, spend, InvalidCode, origin=origin)

    def approve(self, tenant: Tenant, *, token: str, number: str, origin: Origin) -> None:
        """Let the waiting browser in, on the word of whoever opened the link elsewhere and reads its number.

        So nothing that presses buttons by itself lets a stranger in. Raises ``LinkExpired``, and ``InvalidInput`` for
        another number; five tries, which it shares with the code.
        """
        _allowed(tenant)
        if not digits(number):
            # Nothing was typed: that is no try.
            raise refuse("number", "required", "Type the number that the other screen shows.")
        with self._units.begin(tenant.id) as unit:
            outcome = self._approve(unit, tenant, token, number, origin=origin)
        if outcome:
            raise outcome

    def enter_approved(self, tenant: Tenant, *, challenge: str | None, origin: Origin) -> SignedIn | None:
        """Sign the waiting browser in, once it was approved; ``None`` as long as it was not."""

        def spend(unit: Unit) -> OneTimeToken | None:
            return links.spend_approved(
                unit.db,
                tenant_id=tenant.id,
                purpose=PURPOSE,
                challenge_digest=crypto.digest(challenge or ""),
                now=self._clock(),
            )

        try:
            return self._enter(tenant, challenge, spend, _NotYet, origin=origin)
        except _NotYet:
            return None

    def _approve(self, unit: Unit, tenant: Tenant, token: str, number: str, *, origin: Origin) -> Problem | None:
        now = self._clock()
        held = links.hold_approval(
            unit.db,
            tenant_id=tenant.id,
            purpose=PURPOSE,
            secret_digest=crypto.digest(token),
            now=now,
            most=MOST_TRIES,
        )
        if held is None or held.challenge_digest is None or held.channel != "page":
            return LinkExpired()
        right = digits(number) == self._codes.number(held.challenge_digest)
        links.tried(unit.db, tenant_id=tenant.id, token_id=held.id, approved_at=now if right else None)
        if not right:
            self._failed(unit, tenant, held.user_id, reason="wrong_number", origin=origin)
            return refuse("number", "wrong_number", "That is not the number on the other screen.")
        row = events.row(
            Event.USER_UPDATED,
            now=now,
            actor=ANYBODY,
            origin=origin,
            subject_id=held.user_id,
            changed="sign_in_approved",
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        return None

    def _enter(
        self,
        tenant: Tenant,
        challenge: str | None,
        spend: Callable[[Unit], OneTimeToken | None],
        refusal: type[Problem],
        *,
        origin: Origin,
    ) -> SignedIn:
        _allowed(tenant)
        with self._units.begin(tenant.id) as unit:
            outcome = self._spend(unit, tenant, challenge or "", spend, refusal, origin=origin)
        spent = settle(outcome)
        arrival, lane_open = self._lockout.arrive(tenant, user_id=spent.user_id, origin=origin)
        if not lane_open:
            # Locked reads like wrong here too.
            with self._units.begin(tenant.id) as unit:
                self._failed(unit, tenant, spent.user_id, reason="locked", origin=origin)
            raise refusal(log="lane locked")
        proof = Proof(amr=AMR, remember=spent.remember, wants_tokens=spent.wants_tokens)
        return self._gate.admit(tenant, arrival, proof, origin=origin)

    def _spend(
        self,
        unit: Unit,
        tenant: Tenant,
        challenge: str,
        spend: Callable[[Unit], OneTimeToken | None],
        refusal: type[Problem],
        *,
        origin: Origin,
    ) -> _Spent | Problem:
        """Spend the link or code, and the waiting that goes with it. What was counted stays counted."""
        token = spend(unit)
        if token is None:
            return refusal()
        pending = self._pending.find(unit.db, tenant, challenge)
        pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=crypto.digest(challenge))
        row = events.row(
            Event.MAGIC_LINK_USED, now=self._clock(), actor=ANYBODY, origin=origin, subject_id=token.user_id
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        return _Spent(
            user_id=token.user_id,
            remember=bool(pending and pending.remember),
            wants_tokens=token.channel == "api",
        )

    def _failed(self, unit: Unit, tenant: Tenant, subject: UUID | None, *, reason: str, origin: Origin) -> None:
        row = events.row(
            Event.LOGIN_FAILED,
            now=self._clock(),
            actor=ANYBODY,
            origin=origin,
            subject_id=subject,
            outcome="refused",
            reason=reason,
            method=PURPOSE,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])

    def _find(self, db: Db, tenant: Tenant, token: str) -> OneTimeToken:
        found = links.peek(
            db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=self._clock()
        )
        if found is None:
            raise LinkExpired
        return found


class _NotYet(Problem):
    """Nobody has approved it. Never leaves this module."""

    code = "not_approved"
    status = 409
    title = "It has not been approved yet."


def _allowed(tenant: Tenant) -> None:
    if tenant.suspended:
        raise TenantSuspended
    if not tenant.settings.allows("magic_link"):
        raise NotFound


def _bound(token: OneTimeToken, challenge: str | None) -> bool:
    """Whether whoever holds ``challenge`` asked for the token."""
    asked = token.challenge_digest
    return bool(challenge and asked is not None and crypto.same(asked, crypto.digest(challenge)))
