"""Access tokens: JWTs by a key of the tenant's own, which the token names (RFC 9068, RFC 7519, RFC 8725)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from app import crypto, events
from app.auth.errors import InvalidToken
from app.auth.rings import RETIRING, KnownTokens, Ring, Rings, Signed, place
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin
from app.storage import signing_keys
from app.storage.base import Db
from app.storage.news import News
from app.storage.unit import Units
from app.tenancy import Tenant

ALGORITHM = "HS256"
TYPE = "at+jwt"
CLIENT_ID = "portico"
# Longer than any token we issue: whoever sends more is not sending one of ours.
_LONGEST_TOKEN = 4096
_REQUIRED = ["iss", "sub", "aud", "client_id", "exp", "nbf", "iat", "jti", "sid", "tid"]


@dataclass(frozen=True, slots=True)
class _Key:
    id: UUID
    secret: bytes


class Signer:
    """Signs and verifies access tokens; remembers keys for a minute and tokens it has verified."""

    def __init__(self, units: Units, *, cipher: Cipher, news: News, clock: Clock = wall_clock) -> None:
        self._units = units
        self._cipher = cipher
        self._clock = clock
        self._rings: Rings[_Key] = Rings(self._load, news=news, kind="own keys", clock=clock)
        self._tokens = KnownTokens()

    def sign(self, tenant: Tenant, claims: dict[str, Any]) -> str:
        """A compact JWS over ``claims`` by the tenant's active key."""
        key = self._rings.of(tenant.id).active[ALGORITHM]
        return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": str(key.id)})

    def verify(self, tenant: Tenant, token: str) -> dict[str, Any]:
        """The claims of a token of this tenant that is in force by itself (revocation is the blacklist's).

        Raises ``InvalidToken`` for anything else: another algorithm, type, key, issuer, audience or tenant, a header
        with a member we do not know (``crit``, ``jwk``, ``jku``), expired, not yet valid, malformed.
        """
        if len(token) > _LONGEST_TOKEN:
            raise InvalidToken(log="too long")
        claims = self._tokens.claims(
            crypto.digest(f"{tenant.id}{token}"),
            keys=self._rings.of(tenant.id).by_id,
            check=lambda: self._check(tenant, token),
        )
        # A tenant that shortens its tokens shortens those already out, so the blacklist need not outlive the setting.
        ends = min(claims["exp"], claims["iat"] + tenant.settings.access_token_life.total_seconds())
        if not claims["nbf"] - 1 <= self._clock().timestamp() < ends:
            raise InvalidToken(log="not in force now")
        return claims

    def rotate(self, tenant_id: UUID, *, origin: Origin) -> UUID:
        """Sign with a new key from now on; the old one verifies what it signed until that has expired."""
        now, key_id = self._clock(), uuid7()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            signing_keys.retire_active(unit.db, tenant_id=tenant_id, algorithm=ALGORITHM, retires_at=now + RETIRING)
            self._add(unit.db, tenant_id, key_id, now)
            events.record(
                unit,
                tenant_id=tenant_id,
                rows=[events.row(Event.SIGNING_KEY_ROTATED, now=now, actor=SYSTEM, origin=origin, kid=str(key_id))],
            )
        self._rings.changed(tenant_id)
        return key_id

    def _check(self, tenant: Tenant, token: str) -> Signed:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != {"alg", "typ", "kid"} or header["typ"] != TYPE or header["alg"] != ALGORITHM:
                raise InvalidToken(log="header")
            key = self._rings.key(tenant.id, header["kid"])
            claims: dict[str, Any] = jwt.decode(
                token,
                key.secret,
                algorithms=[ALGORITHM],
                audience=tenant.origin,
                issuer=tenant.origin,
                options={"require": _REQUIRED, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            numbers = all(isinstance(claims[name], int | float) for name in ("exp", "nbf", "iat"))
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise InvalidToken(log=f"{type(error).__name__}: {error}") from error
        if not numbers or claims["tid"] != str(tenant.id):
            raise InvalidToken(log="not ours")
        return str(key.id), claims

    def _load(self, tenant_id: UUID, _: Ring[_Key] | None) -> Ring[_Key]:
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            rows = signing_keys.usable(unit.db, tenant_id=tenant_id, algorithms=[ALGORITHM], now=now)
            if not rows or rows[0].state != "active":
                self._add(unit.db, tenant_id, uuid7(), now)
                rows = signing_keys.usable(unit.db, tenant_id=tenant_id, algorithms=[ALGORITHM], now=now)
        keys = [
            _Key(row.id, self._cipher.decrypt(row.secret_encrypted, place=place(tenant_id, row.id))) for row in rows
        ]
        return Ring({ALGORITHM: keys[0]}, {str(key.id): key for key in keys}, now)

    def _add(self, db: Db, tenant_id: UUID, key_id: UUID, now: datetime) -> None:
        secret = crypto.mint().encode()
        signing_keys.add(
            db,
            tenant_id=tenant_id,
            new_id=key_id,
            algorithm=ALGORITHM,
            state="active",
            secret_encrypted=self._cipher.encrypt(secret, place=place(tenant_id, key_id)),
            now=now,
        )
