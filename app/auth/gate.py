"""The gate: every way in ends here, and nothing else starts a session.

A way in (password, mailed link or code, passkey, second factor; social later) proves something and says who arrived and
what was shown. The stages, in order, say what is still owed. Only when nothing is, one statement writes a session.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from app import crypto, events
from app.auth import factors
from app.auth.arriving import Assessed, Person, Proof, acr_of, enrolment_due, facts, person_of
from app.auth.assessing import Assessor
from app.auth.ending import Ending
from app.auth.errors import InvalidCredentials, SessionLimitReached
from app.auth.owing import Owing
from app.auth.stages import next_step
from app.auth.tokens import NewFamily, Tokens
from app.clock import Clock, wall_clock
from app.events import Event
from app.ids import uuid7
from app.metrics import SIGN_INS
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin
from app.storage import hot
from app.storage.hot import Arrival, Opened
from app.storage.pool import Pool
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What an API client gets. ``expires_in``: seconds that the access token lives."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session has begun. One of ``cookie`` and ``tokens`` is set. ``device`` is the secret of the known device.

    ``offer_passkey``: they came in by password, have no passkey, and were never asked whether they would like one.
    """

    person: Person
    session_id: UUID
    device: str
    expires_at: datetime
    remember: bool
    cookie: str | None = None
    tokens: TokenPair | None = None
    offer_passkey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secrets:
    """What a new session is known by; none of it is stored. ``family``: for those who get tokens."""

    session_id: UUID
    device: str
    cookie: str | None
    family: NewFamily | None


class Gate:
    """Starts sessions."""

    def __init__(
        self,
        pool: Pool,
        *,
        tokens: Tokens,
        assessor: Assessor,
        owing: Owing,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._assessor = assessor
        self._owing = owing
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def admit(self, tenant: Tenant, arrival: Arrival, proof: Proof, *, origin: Origin) -> SignedIn:
        """Start a session when nothing is owed.

        1. Something is: the refusal of the first step that is. Where one can go on (a second factor, a code by mail, a
           factor to be set up), it carries a challenge to do so.
        2. Disabled, or another password, since it was proven: ``InvalidCredentials``.
        3. As many sessions as are allowed: the oldest ends, or ``SessionLimitReached`` where the tenant wants that.
        4. Otherwise a session.
        """
        now = self._clock()
        assessed = proof.assessed
        if assessed is None and proof.proven and arrival.user_id:
            assessed = self._assessor.assess(tenant, arrival, now=now, origin=origin, browser=not proof.wants_tokens)
        proof = replace(proof, assessed=assessed)
        if step := next_step(facts(tenant, arrival, proof, risk=assessed.level if assessed else "low", now=now)):
            self._owing.refuse(tenant, arrival, proof, step, now=now, origin=origin)
        person = person_of(arrival)
        secrets = self._mint(tenant, proof, now=now)
        expires_at = now + tenant.settings.session_life(remember=proof.remember)
        opened = self._open(tenant, arrival, proof, secrets, now=now, expires_at=expires_at, origin=origin)
        if opened.outcome != "opened":
            self._turn_away(tenant, arrival, proof, opened, now=now, origin=origin)
        self._ending.made_room(tenant, opened.made_room, now=now)
        if opened.promised:
            self._outbox.wake()
        SIGN_INS.labels("+".join(proof.amr), "success").inc()
        return SignedIn(
            person=person,
            session_id=secrets.session_id,
            device=origin.device if opened.device_kept and origin.device else secrets.device,
            expires_at=expires_at,
            remember=proof.remember,
            cookie=secrets.cookie,
            tokens=self._pair(tenant, person, proof, secrets, now=now, session_ends=expires_at),
            offer_passkey=factors.PASSWORD in proof.amr and not (arrival.passkey or arrival.passkey_offered),
        )

    def _mint(self, tenant: Tenant, proof: Proof, *, now: datetime) -> _Secrets:
        tokens = proof.wants_tokens
        return _Secrets(
            session_id=uuid7(),
            device=crypto.mint(),
            cookie=None if tokens else crypto.mint(),
            family=self._tokens.new_family(tenant, remember=proof.remember, now=now) if tokens else None,
        )

    def _open(
        self,
        tenant: Tenant,
        arrival: Arrival,
        proof: Proof,
        secrets: _Secrets,
        *,
        now: datetime,
        expires_at: datetime,
        origin: Origin,
    ) -> Opened:
        user_id = person_of(arrival).id
        return hot.open_session(
            self._pool,
            tenant_id=tenant.id,
            session=hot.NewSession(
                id=secrets.session_id,
                user_id=user_id,
                token_digest=crypto.digest(secrets.cookie) if secrets.cookie else None,
                expires_at=expires_at,
                amr=_amr(tenant, proof),
                acr=acr_of(tenant, proof),
                remember=proof.remember,
                ip=origin.ip,
                user_agent=origin.user_agent,
                replaces=origin.session_id,
                trusted_until=_trusted_until(tenant, proof, now=now),
                second_factor_due_at=enrolment_due(tenant, arrival, now=now) if _puts_off(tenant, arrival) else None,
                family=secrets.family.row if secrets.family else None,
            ),
            now=now,
            policy=hot.SessionPolicy(
                most=tenant.settings.most_sessions,
                refuse_new=tenant.settings.session_limit == "refuse_new",
                lives=tenant.settings.lives,
                token_life=self._ending.token_life(tenant),
            ),
            password_changed_at=arrival.password_changed_at,
            new_hash=proof.new_hash,
            device_shown=crypto.digest(origin.device) if origin.device else None,
            device_new=crypto.digest(secrets.device),
            lane=proof.lane,
            stamp=proof.stamp,
            relieve=arrival.known_device,
            assessment=_let_in(proof),
            audit=_begun(tenant, user_id, proof, session_id=secrets.session_id, now=now, origin=origin),
            audit_room=_made_room(user_id, now=now, origin=origin),
        )

    def _turn_away(
        self, tenant: Tenant, arrival: Arrival, proof: Proof, opened: Opened, *, now: datetime, origin: Origin
    ) -> NoReturn:
        """They changed while they were being proven, or there is no room. It leaves a mark."""
        full = opened.outcome == "full"
        self._owing.mark(
            tenant,
            arrival,
            proof,
            Event.SESSION_LIMIT_REACHED if full else Event.LOGIN_BLOCKED,
            reason="session_limit" if full else "changed_meanwhile",
            now=now,
            origin=origin,
        )
        if full:
            raise SessionLimitReached
        raise InvalidCredentials(log=f"changed meanwhile user={arrival.user_id}")

    def _pair(
        self, tenant: Tenant, person: Person, proof: Proof, secrets: _Secrets, *, now: datetime, session_ends: datetime
    ) -> TokenPair | None:
        if secrets.family is None:
            return None
        access, expires_in = self._tokens.access(
            tenant,
            session_id=secrets.session_id,
            user_id=person.id,
            roles=person.roles,
            amr=_amr(tenant, proof),
            acr=acr_of(tenant, proof),
            auth_time=now,
            now=now,
            session_ends=session_ends,
        )
        return TokenPair(
            access_token=access,
            refresh_token=secrets.family.token,
            expires_in=expires_in,
            session_id=secrets.session_id,
        )


def _let_in(proof: Proof) -> dict[str, object] | None:
    assessed: Assessed | None = proof.assessed
    if assessed is None:
        return None
    went_on = assessed.row["outcome"] == "code_required"
    return {**assessed.row, "outcome": "allowed_after_code" if went_on else "allowed"}


def _amr(tenant: Tenant, proof: Proof) -> tuple[str, ...]:
    return factors.in_full(proof.amr, mail_counts=tenant.settings.second_factor_email)


def _trusted_until(tenant: Tenant, proof: Proof, *, now: datetime) -> datetime | None:
    """They asked to be asked no more on this device, and have shown both factors on it."""
    days = tenant.settings.trusted_device_days
    return now + timedelta(days=days) if proof.trust and days and acr_of(tenant, proof) == factors.TWO else None


def _puts_off(tenant: Tenant, arrival: Arrival) -> bool:
    """A factor is asked of them that they have not got, and this is the first time they come in without."""
    required = tenant.settings.requires_second_factor(arrival.roles)
    return required and not factors.is_enrolled(arrival) and arrival.second_factor_due_at is None


def _begun(
    tenant: Tenant, user_id: UUID, proof: Proof, *, session_id: UUID, now: datetime, origin: Origin
) -> list[events.Row]:
    trusted = [Event.DEVICE_TRUSTED] if _trusted_until(tenant, proof, now=now) else []
    return [
        events.row(
            event,
            now=now,
            actor=Actor(kind=ActorKind.USER, id=user_id),
            origin=origin,
            subject_id=user_id,
            session_id=session_id,
            method="+".join(proof.amr),
        )
        for event in (Event.LOGIN_SUCCEEDED, Event.SESSION_CREATED, *trusted)
    ]


def _made_room(user_id: UUID, *, now: datetime, origin: Origin) -> list[events.Row]:
    """For each session that ends so that this one can begin; its name is filled in where it is known."""
    return [
        events.row(
            event,
            now=now,
            actor=Actor(kind=ActorKind.USER, id=user_id),
            origin=origin,
            subject_id=user_id,
            reason="session_limit",
        )
        for event in (Event.SESSION_LIMIT_REACHED, Event.SESSION_REVOKED)
    ]
