"""Keys whose public half is published: for what applications get (RFC 7515, RFC 7517, RFC 8725).

A tenant has one key a purpose: for each algorithm the one that signs, the next one, which is published before it does,
and those that have signed what may still count.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast, get_args
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from app import crypto, events
from app.auth.errors import InvalidToken
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin
from app.storage import signing_keys
from app.storage.signing_keys import SigningKey
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

Algorithm = Literal["RS256", "ES256", "EdDSA"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
# OWASP ASVS 5.0, 11.2.3: 128 bits of strength.
_RSA_BITS = 3072
# Longer than anything we sign, with all scopes and roles there may be: whoever sends more is not sending one of ours.
_LONGEST = 65_536
_KEYS_LIVE = timedelta(seconds=60)
_REMEMBERED = 20_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# As long as the longest token that it signed, and what relying apps remember of our keys.
_RETIRING = timedelta(days=1, minutes=5)


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A new private key."""
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else Ed25519PrivateKey.generate()


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    algorithm: Algorithm
    private: PrivateKey
    public: Any
    jwk: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ring:
    """A tenant's keys, as loaded at ``at``. ``active`` sign, by algorithm."""

    active: Mapping[str, _Key]
    by_id: Mapping[str, _Key]
    at: datetime


class KeyRing:
    """Signs, verifies and publishes. Remembers keys for a minute, and tokens it has verified."""

    def __init__(
        self,
        units: Units,
        *,
        cipher: Cipher,
        make: Callable[[Algorithm], PrivateKey] = new_key,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._cipher = cipher
        self._make = make
        self._clock = clock
        self._rings: dict[UUID, _Ring] = {}
        self._asked_again: dict[UUID, datetime] = {}
        # With the key that each names: what a key has signed counts no longer than the key.
        self._verified: OrderedDict[bytes, tuple[str, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def sign(self, tenant: Tenant, claims: Mapping[str, Any], *, algorithm: Algorithm, kind: str) -> str:
        """A compact JWS over ``claims``; ``kind`` is its ``typ`` (``JWT``, ``at+jwt``, ``logout+jwt``)."""
        ring = self._ring(tenant.id)
        key = ring.active.get(algorithm) or self._begin(tenant.id, algorithm).active[algorithm]
        return jwt.encode(dict(claims), key.private, algorithm=algorithm, headers={"typ": kind, "kid": key.id})

    def verify(self, tenant: Tenant, token: str, *, kind: str) -> dict[str, Any]:
        """What a token of this kind says that this tenant has signed. Audience and times are the caller's to check.

        Raises ``InvalidToken`` for anything else: another type, algorithm, key or issuer, a header with a member that
        we do not set (``crit``, ``jwk``, ``jku``), or what is malformed.
        """
        if len(token) > _LONGEST:
            raise InvalidToken(log="too long")
        name = crypto.digest(f"{tenant.id}{kind}{token}")
        known = self._verified.get(name)
        if known is None or known[0] not in self._ring(tenant.id).by_id:
            known = self._check(tenant, token, kind)
            with self._lock:
                self._verified[name] = known
                if len(self._verified) > _REMEMBERED:
                    self._verified.popitem(last=False)
        return known[1]

    def published(self, tenant_id: UUID) -> list[dict[str, Any]]:
        """The public halves of all keys that count, or are about to (RFC 7517, section 5); RS256 is among them."""
        ring = self._ring(tenant_id)
        if "RS256" not in ring.active:
            ring = self._begin(tenant_id, "RS256")
        return [key.jwk for key in ring.by_id.values()]

    def prepare(self) -> int:
        """Publish a next key wherever one signs that has none to come after it. Returns how many that were."""
        with self._units.platform() as unit:
            missing = signing_keys.without_next_unscoped(unit.db, algorithms=ALGORITHMS)
        for tenant_id, algorithm in missing:
            spare = self._make(cast(Algorithm, algorithm))
            with self._units.begin(tenant_id) as unit:
                signing_keys.lock(unit.db, tenant_id=tenant_id)
                self._add(unit, tenant_id, cast(Algorithm, algorithm), spare, state="next", now=self._clock())
            self._rings.pop(tenant_id, None)
        return len(missing)

    def rotate(self, tenant_id: UUID, *, origin: Origin) -> list[str]:
        """The next keys sign from now on, and others are published to come after them. Returns the new signers' ids.

        The keys before them count until what they have signed no longer does.
        """
        ring = self._ring(tenant_id)
        spare = {algorithm: self._make(key.algorithm) for algorithm, key in ring.active.items()}
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            signers = [
                self._succeed(unit, tenant_id, key.algorithm, spare[key.algorithm], now) for key in ring.active.values()
            ]
            rows = [
                events.row(Event.SIGNING_KEY_ROTATED, now=now, actor=SYSTEM, origin=origin, kid=signer)
                for signer in signers
            ]
            events.record(unit, tenant_id=tenant_id, rows=rows)
        self._rings.pop(tenant_id, None)
        return signers

    def _succeed(self, unit: Unit, tenant_id: UUID, algorithm: Algorithm, spare: PrivateKey, now: datetime) -> str:
        signing_keys.retire_active(unit.db, tenant_id=tenant_id, algorithm=algorithm, retires_at=now + _RETIRING)
        signer = signing_keys.promote_next(unit.db, tenant_id=tenant_id, algorithm=algorithm)
        if signer is None:
            made = self._add(unit, tenant_id, algorithm, spare, state="active", now=now)
            spare = self._make(algorithm)
            if made is None:
                raise RuntimeError("whoever holds the lock has just retired the active key")
            signer = made.id
        self._add(unit, tenant_id, algorithm, spare, state="next", now=now)
        return str(signer)

    def _begin(self, tenant_id: UUID, algorithm: Algorithm) -> _Ring:
        """The first keys for an algorithm: one that signs, and the next one. Making them takes time, so outside."""
        active, following = self._make(algorithm), self._make(algorithm)
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            if self._add(unit, tenant_id, algorithm, active, state="active", now=now):
                self._add(unit, tenant_id, algorithm, following, state="next", now=now)
        return self._load(tenant_id)

    def _add(
        self,
        unit: Unit,
        tenant_id: UUID,
        algorithm: Algorithm,
        private: PrivateKey,
        *,
        state: Literal["active", "next"],
        now: datetime,
    ) -> SigningKey | None:
        key_id = uuid7()
        clear = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return signing_keys.add(
            unit.db,
            tenant_id=tenant_id,
            new_id=key_id,
            algorithm=algorithm,
            state=state,
            secret_encrypted=self._cipher.encrypt(clear, place=_place(tenant_id, key_id)),
            public_jwk=_jwk(str(key_id), algorithm, private),
            now=now,
        )

    def _check(self, tenant: Tenant, token: str, kind: str) -> tuple[str, dict[str, Any]]:
        """The key's id, and what it has signed."""
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != {"alg", "typ", "kid"} or header["typ"] != kind:
                raise InvalidToken(log="header")
            key = self._key(tenant.id, header["kid"])
            if header["alg"] != key.algorithm:
                raise InvalidToken(log="algorithm")
            claims: dict[str, Any] = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                issuer=tenant.origin,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise InvalidToken(log=f"{type(error).__name__}: {error}") from error
        if not all(isinstance(claims[name], int | float) for name in ("exp", "iat")):
            raise InvalidToken(log="times")
        return key.id, claims

    def _key(self, tenant_id: UUID, kid: object) -> _Key:
        """The key named ``kid``. It is only ever looked up among the tenant's own, by the id it is filed under."""
        key = self._ring(tenant_id).by_id.get(str(kid))
        now = self._clock()
        if key is None and now - self._asked_again.get(tenant_id, _LONG_AGO) > timedelta(seconds=1):
            # Made a moment ago by another process? Ask again: at most once a second, whatever names are made up.
            self._asked_again[tenant_id] = now
            key = self._load(tenant_id).by_id.get(str(kid))
        if key is None:
            raise InvalidToken(log="unknown key")
        return key

    def _ring(self, tenant_id: UUID) -> _Ring:
        ring = self._rings.get(tenant_id)
        return ring if ring and self._clock() - ring.at < _KEYS_LIVE else self._load(tenant_id)

    def _load(self, tenant_id: UUID) -> _Ring:
        now, before = self._clock(), self._rings.get(tenant_id)
        with self._units.read(tenant_id) as db:
            rows = signing_keys.usable(db, tenant_id=tenant_id, algorithms=ALGORITHMS, now=now)
        known = before.by_id if before else {}
        # Parsed once: a key never changes.
        keys = {str(row.id): known.get(str(row.id)) or self._open(tenant_id, row) for row in rows}
        active = {row.algorithm: keys[str(row.id)] for row in rows if row.state == "active"}
        ring = _Ring(active, keys, now)
        self._rings[tenant_id] = ring
        return ring

    def _open(self, tenant_id: UUID, row: SigningKey) -> _Key:
        clear = self._cipher.decrypt(row.secret_encrypted, place=_place(tenant_id, row.id))
        # We made it, and nobody else can have changed it: checking its primes again takes a tenth of a second.
        private: Any = load_der_private_key(clear, password=None, unsafe_skip_rsa_key_validation=True)
        algorithm: Any = row.algorithm
        return _Key(str(row.id), algorithm, private, private.public_key(), row.public_jwk or {})


def _jwk(kid: str, algorithm: Algorithm, private: PrivateKey) -> dict[str, Any]:
    """The public half (RFC 7517, section 4)."""
    encoder = jwt.get_algorithm_by_name(algorithm)
    public: dict[str, Any] = encoder.to_jwk(private.public_key(), as_dict=True)
    return {
        **{name: value for name, value in public.items() if name != "key_ops"},
        "kid": kid,
        "use": "sig",
        "alg": algorithm,
    }


def _place(tenant_id: UUID, key_id: UUID) -> str:
    return f"signing_keys:{tenant_id}:{key_id}"
