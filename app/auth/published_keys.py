"""Keys whose public half is published, from making to retiring (RFC 7517).

A tenant has one key a purpose: for each algorithm the one that signs, the next one, which is published before it does,
and those that have signed what may still count.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
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

from app import events
from app.auth.rings import RETIRING, Ring, place
from app.clock import Clock
from app.crypto import Cipher
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin
from app.storage import signing_keys
from app.storage.signing_keys import SigningKey
from app.storage.unit import Unit, Units

Algorithm = Literal["RS256", "ES256", "EdDSA"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
# OWASP ASVS 5.0, 11.2.3: 128 bits of strength.
_RSA_BITS = 3072


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A new private key. Making one may take a second."""
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else Ed25519PrivateKey.generate()


@dataclass(frozen=True, slots=True)
class Key:
    """A pair, and its public half as it is published."""

    id: str
    algorithm: Algorithm
    private: PrivateKey
    public: Any
    jwk: dict[str, Any]


class PublishedKeys:
    """Makes them, and lets one follow another."""

    def __init__(self, units: Units, *, cipher: Cipher, make: Callable[[Algorithm], PrivateKey], clock: Clock) -> None:
        self._units = units
        self._cipher = cipher
        self._make = make
        self._clock = clock

    def load(self, tenant_id: UUID, before: Ring[Key] | None) -> Ring[Key]:
        """All that count, or are about to. A key never changes, so those of ``before`` are not parsed again."""
        now = self._clock()
        with self._units.read(tenant_id) as db:
            rows = signing_keys.usable(db, tenant_id=tenant_id, algorithms=ALGORITHMS, now=now)
        known: Mapping[str, Key] = before.by_id if before else {}
        keys = {str(row.id): known.get(str(row.id)) or self._open(tenant_id, row) for row in rows}
        return Ring({row.algorithm: keys[str(row.id)] for row in rows if row.state == "active"}, keys, now)

    def begin(self, tenant_id: UUID, algorithm: Algorithm) -> None:
        """The first keys for an algorithm, unless there are some: one that signs, and the next one."""
        active, following = self._make(algorithm), self._make(algorithm)
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            if self._add(unit, tenant_id, algorithm, active, state="active", now=now):
                self._add(unit, tenant_id, algorithm, following, state="next", now=now)

    def prepare(self) -> list[UUID]:
        """Publish a next key wherever one signs that has none to come after it. Returns whose, each once a key."""
        with self._units.platform() as unit:
            missing = signing_keys.without_next_unscoped(unit.db, algorithms=ALGORITHMS)
        for tenant_id, named in missing:
            algorithm = cast(Algorithm, named)
            spare = self._make(algorithm)
            with self._units.begin(tenant_id) as unit:
                signing_keys.lock(unit.db, tenant_id=tenant_id)
                self._add(unit, tenant_id, algorithm, spare, state="next", now=self._clock())
        return [tenant_id for tenant_id, _ in missing]

    def rotate(self, tenant_id: UUID, algorithms: Iterable[Algorithm], *, origin: Origin) -> list[str]:
        """The next keys sign from now on, and others are published to come after them. Returns the new signers' ids.

        The keys before them count until what they have signed no longer does.
        """
        spare = {algorithm: self._make(algorithm) for algorithm in algorithms}
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            signing_keys.lock(unit.db, tenant_id=tenant_id)
            signers = [self._succeed(unit, tenant_id, algorithm, spare[algorithm], now) for algorithm in spare]
            rows = [
                events.row(Event.SIGNING_KEY_ROTATED, now=now, actor=SYSTEM, origin=origin, kid=signer)
                for signer in signers
            ]
            events.record(unit, tenant_id=tenant_id, rows=rows)
        return signers

    def _succeed(self, unit: Unit, tenant_id: UUID, algorithm: Algorithm, spare: PrivateKey, now: datetime) -> str:
        # Where nothing is published to come next, the spare one has to; ``prepare`` then finds another in time.
        is_next = self._add(unit, tenant_id, algorithm, spare, state="next", now=now)
        signing_keys.retire_active(unit.db, tenant_id=tenant_id, algorithm=algorithm, retires_at=now + RETIRING)
        signer = signing_keys.promote_next(unit.db, tenant_id=tenant_id, algorithm=algorithm)
        if not is_next:
            self._add(unit, tenant_id, algorithm, spare, state="next", now=now)
        return str(signer)

    def _add(
        self,
        unit: Unit,
        tenant_id: UUID,
        algorithm: Algorithm,
        private: PrivateKey,
        *,
        state: Literal["active", "next"],
        now: datetime,
    ) -> bool:
        """Whether there was none in that state."""
        key_id = uuid7()
        clear = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        added = signing_keys.add(
            unit.db,
            tenant_id=tenant_id,
            new_id=key_id,
            algorithm=algorithm,
            state=state,
            secret_encrypted=self._cipher.encrypt(clear, place=place(tenant_id, key_id)),
            public_jwk=_jwk(str(key_id), algorithm, private),
            now=now,
        )
        return added is not None

    def _open(self, tenant_id: UUID, row: SigningKey) -> Key:
        clear = self._cipher.decrypt(row.secret_encrypted, place=place(tenant_id, row.id))
        # We made it, and nobody else can have changed it: checking its primes again takes a tenth of a second.
        private: Any = load_der_private_key(clear, password=None, unsafe_skip_rsa_key_validation=True)
        algorithm: Any = row.algorithm
        return Key(str(row.id), algorithm, private, private.public_key(), row.public_jwk or {})


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
