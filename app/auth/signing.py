"""Access tokens: JWTs by a key of the tenant's own, which the token names (RFC 9068, RFC 7519, RFC 8725)."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from app import crypto, events
from app.auth.errors import InvalidToken
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin
from app.storage import signing_keys
from app.storage.base import Db
from app.storage.unit import Units
from app.tenancy import Tenant

ALGORITHM = "HS256"
TYPE = "at+jwt"
CLIENT_ID = "portico"
# Longer than any token we issue: whoever sends more is not sending one of ours.
_LONGEST_TOKEN = 4096
_REQUIRED = ["iss", "sub", "aud", "client_id", "exp", "nbf", "iat", "jti", "sid", "tid"]
_KEYS_LIVE = timedelta(seconds=60)
_REMEMBERED = 20_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# A retiring key verifies until the last token it signed has expired, whatever life the tenant chooses.
_RETIRING = timedelta(days=1, minutes=5)


@dataclass(frozen=True, slots=True)
class _Key:
    id: UUID
    secret: bytes


@dataclass(frozen=True, slots=True)
class _Ring:
    """A tenant's keys, as loaded at ``at``. ``active`` signs."""

    active: _Key
    by_id: Mapping[str, _Key]
    at: datetime


class Signer:
    """Signs and verifies access tokens; remembers keys for a minute and tokens it has verified."""

    def __init__(self, units: Units, *, cipher: Cipher, clock: Clock = wall_clock) -> None:
        self._units = units
        self._cipher = cipher
        self._clock = clock
        self._rings: dict[UUID, _Ring] = {}
        self._asked_again: dict[UUID, datetime] = {}
        # With the key that each names: what a key has signed counts no longer than the key.
        self._verified: OrderedDict[bytes, tuple[str, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def sign(self, tenant: Tenant, claims: dict[str, Any]) -> str:
        """A compact JWS over ``claims`` by the tenant's active key."""
        key = self._ring(tenant.id).active
        return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": str(key.id)})

    def verify(self, tenant: Tenant, token: str) -> dict[str, Any]:
        """The claims of a token of this tenant that is in force by itself (revocation is the blacklist's).

        Raises ``InvalidToken`` for anything else: another algorithm, type, key, issuer, audience or tenant, a header
        with a member we do not know (``crit``, ``jwk``, ``jku``), expired, not yet valid, malformed.
        """
        if len(token) > _LONGEST_TOKEN:
            raise InvalidToken(log="too long")
        name = crypto.digest(f"{tenant.id}{token}")
        now = self._clock()
        known = self._verified.get(name)
        if known is None or known[0] not in self._ring(tenant.id).by_id:
            known = self._check(tenant, token)
            with self._lock:
                self._verified[name] = known
                if len(self._verified) > _REMEMBERED:
                    self._verified.popitem(last=False)
        claims = known[1]
        # A tenant that shortens its tokens shortens those already out, so the blacklist need not outlive the setting.
        ends = min(claims["exp"], claims["iat"] + tenant.settings.access_token_life.total_seconds())
        if not claims["nbf"] - 1 <= now.timestamp() < ends:
            raise InvalidToken(log="not in force now")
        return claims

    def rotate(self, tenant_id: UUID, *, origin: Origin) -> UUID:
        """Sign with a new key from now on; the old one verifies what it signed until that has expired."""
        now, key_id = self._clock(), uuid7()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            signing_keys.retire_active(unit.db, tenant_id=tenant_id, algorithm=ALGORITHM, retires_at=now + _RETIRING)
            self._add(unit.db, tenant_id, key_id, now)
            events.record(
                unit,
                tenant_id=tenant_id,
                rows=[events.row(Event.SIGNING_KEY_ROTATED, now=now, actor=SYSTEM, origin=origin, kid=str(key_id))],
            )
        self._rings.pop(tenant_id, None)
        return key_id

    def _check(self, tenant: Tenant, token: str) -> tuple[str, dict[str, Any]]:
        """The key's id, and what it has signed."""
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != {"alg", "typ", "kid"} or header["typ"] != TYPE or header["alg"] != ALGORITHM:
                raise InvalidToken(log="header")
            key = self._key(tenant.id, header["kid"])
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

    def _key(self, tenant_id: UUID, kid: object) -> _Key:
        """The key named ``kid``. It is only ever looked up among the tenant's own, by the id it is filed under."""
        key = self._ring(tenant_id).by_id.get(str(kid))
        now = self._clock()
        if key is None and now - self._asked_again.get(tenant_id, _LONG_AGO) > timedelta(seconds=1):
            # Rotated a moment ago by another process? Ask again: at most once a second, whatever names are made up.
            self._asked_again[tenant_id] = now
            key = self._load(tenant_id).by_id.get(str(kid))
        if key is None:
            raise InvalidToken(log="unknown key")
        return key

    def _ring(self, tenant_id: UUID) -> _Ring:
        ring = self._rings.get(tenant_id)
        return ring if ring and self._clock() - ring.at < _KEYS_LIVE else self._load(tenant_id)

    def _load(self, tenant_id: UUID) -> _Ring:
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            rows = signing_keys.usable(unit.db, tenant_id=tenant_id, algorithms=[ALGORITHM], now=now)
            if not rows or rows[0].state != "active":
                self._add(unit.db, tenant_id, uuid7(), now)
                rows = signing_keys.usable(unit.db, tenant_id=tenant_id, algorithms=[ALGORITHM], now=now)
        keys = [
            _Key(row.id, self._cipher.decrypt(row.secret_encrypted, place=_place(tenant_id, row.id))) for row in rows
        ]
        ring = _Ring(keys[0], {str(key.id): key for key in keys}, now)
        self._rings[tenant_id] = ring
        return ring

    def _add(self, db: Db, tenant_id: UUID, key_id: UUID, now: datetime) -> None:
        secret = crypto.mint().encode()
        signing_keys.add(
            db,
            tenant_id=tenant_id,
            new_id=key_id,
            algorithm=ALGORITHM,
            state="active",
            secret_encrypted=self._cipher.encrypt(secret, place=_place(tenant_id, key_id)),
            now=now,
        )


def _place(tenant_id: UUID, key_id: UUID) -> str:
    return f"signing_keys:{tenant_id}:{key_id}"
