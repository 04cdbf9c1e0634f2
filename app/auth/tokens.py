"""Access tokens, and what is traded for them: refresh tokens (``refresh_tokens`` says what they are)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import events
from app.auth.ending import Ending
from app.auth.errors import InvalidRefreshToken, RefreshTokenReused
from app.auth.refresh_tokens import Families, Recognised
from app.auth.signing import CLIENT_ID, Signer
from app.auth.stages import PendingLogin, next_step
from app.clock import Clock, wall_clock
from app.errors import Problem, settle
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import ANYBODY, Actor, ActorKind, Origin
from app.storage import hot
from app.storage.hot import Rotation
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFamily:
    """A family to be written with its session: ``row`` for storage, ``token`` for the caller."""

    token: str
    row: tuple[UUID, bytes, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A new pair. ``expires_in``: seconds that the access token lives."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_id: UUID


class Tokens:
    """Issues access tokens, begins families and rotates them (RFC 9700, section 4.14.2)."""

    def __init__(
        self,
        pool: Pool,
        units: Units,
        *,
        signer: Signer,
        ending: Ending,
        outbox: Outbox,
        families: Families,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._units = units
        self._signer = signer
        self._ending = ending
        self._outbox = outbox
        self._families = families
        self._clock = clock

    def access(
        self,
        tenant: Tenant,
        *,
        session_id: UUID,
        user_id: UUID,
        roles: Sequence[str],
        amr: Sequence[str],
        acr: str,
        auth_time: datetime,
        now: datetime,
        session_ends: datetime,
    ) -> tuple[str, int]:
        """An access token and the seconds it lives: never longer than its session.

        ``scope`` is empty: what a caller may do is looked up.
        """
        life = int(min(tenant.settings.access_token_life, session_ends - now).total_seconds())
        issued_at = int(now.timestamp())
        claims = {
            "iss": tenant.origin,
            "sub": str(user_id),
            "aud": tenant.origin,
            "client_id": CLIENT_ID,
            "exp": issued_at + life,
            "nbf": issued_at,
            "iat": issued_at,
            "jti": str(uuid7()),
            "sid": str(session_id),
            "tid": str(tenant.id),
            "scope": "",
            "roles": list(roles),
            "amr": list(amr),
            "acr": acr,
            "auth_time": int(auth_time.timestamp()),
        }
        return self._signer.sign(tenant, claims), life

    def new_family(self, tenant: Tenant, *, remember: bool, now: datetime) -> NewFamily:
        """A family and its first token, not yet written."""
        family = self._families.begin(tenant.id)
        ends = now + tenant.settings.refresh_life(remember=remember)
        return NewFamily(token=family.token, row=(family.id, family.sealed, ends))

    def refresh(self, tenant: Tenant, presented: str, *, origin: Origin) -> Refreshed:
        """Trade a refresh token for a new pair.

        1. Malformed, made up, of another tenant, expired, ended: ``InvalidRefreshToken``; nothing is touched.
        2. The current generation: the next one, by one UPDATE.
        3. The immediate parent within the tenant's grace: the *same* successor again, for a lost answer or two tabs.
        4. Any other generation truly issued: two holders, and we cannot tell which is the thief. The family and its
           session are revoked for good, although the caller gets an error: ``RefreshTokenReused``.
        """
        token = self._families.recognise(tenant.id, presented)
        now = self._clock()
        rotation = hot.rotate(
            self._pool,
            tenant_id=tenant.id,
            family_id=token.family_id,
            generation=token.generation,
            grace=tenant.settings.refresh_grace,
            now=now,
            lives=tenant.settings.lives,
            family_lives=tenant.settings.family_lives,
            application_id=None,
            audit=[
                events.row(
                    Event.TOKEN_REFRESHED,
                    now=now,
                    actor=Actor(kind=ActorKind.USER),
                    origin=origin,
                    family=str(token.family_id),
                )
            ],
        )
        return settle(self._outcome(tenant, token, rotation, now=now, origin=origin))

    def _outcome(
        self, tenant: Tenant, token: Recognised, rotation: Rotation, *, now: datetime, origin: Origin
    ) -> Refreshed | Problem:
        if rotation.outcome == "reused":
            return self._reused(tenant, token, rotation, now=now, origin=origin)
        owed = next_step(
            PendingLogin(
                tenant_suspended=tenant.suspended,
                lane_open=True,
                proven=rotation.outcome in {"rotated", "grace"},
                # The sessions of a person who is disabled or leaving are dead already: this would be invalid.
                disabled=False,
                leaving=False,
                email_verified=bool(rotation.email_verified),
                verification_required=tenant.settings.email_verification_required,
            )
        )
        if owed:
            return InvalidRefreshToken(log=f"family={token.family_id} {rotation.outcome} owed {owed}")
        if not (rotation.session_id and rotation.user_id and rotation.auth_time and rotation.expires_at):
            raise RuntimeError("a rotation has a session")
        access, expires_in = self.access(
            tenant,
            session_id=rotation.session_id,
            user_id=rotation.user_id,
            roles=rotation.roles,
            amr=rotation.amr or (),
            acr=rotation.acr or "0",
            auth_time=rotation.auth_time,
            now=now,
            session_ends=rotation.expires_at,
        )
        return Refreshed(
            access_token=access,
            refresh_token=token.successor,
            expires_in=expires_in,
            session_id=rotation.session_id,
        )

    def _reused(
        self, tenant: Tenant, token: Recognised, rotation: Rotation, *, now: datetime, origin: Origin
    ) -> Problem:
        if rotation.user_id is None or rotation.session_id is None:
            raise RuntimeError("a family has a session")
        with self._units.begin(tenant.id) as unit:
            ended = self._ending.end(
                unit,
                tenant,
                rotation.user_id,
                now=now,
                reason="refresh_token_reused",
                actor=ANYBODY,
                origin=origin,
                session_id=rotation.session_id,
            )
            if not ended:
                return InvalidRefreshToken(log="somebody else was faster to revoke it")
            row = events.row(
                Event.TOKEN_REUSED,
                now=now,
                actor=ANYBODY,
                origin=origin,
                subject_id=rotation.user_id,
                session_id=rotation.session_id,
                outcome="refused",
                family=str(token.family_id),
                presented=token.generation,
                current=rotation.generation,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
            self._outbox.put(
                unit, tenant_id=tenant.id, kind="mail.security_alert", user_id=rotation.user_id, reason="token_reused"
            )
        return RefreshTokenReused(log=f"family={token.family_id}")
