"""Signs, verifies and publishes by the keys that applications know us by (RFC 7515, RFC 7517, RFC 8725)."""

import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import jwt

from app import crypto
from app.auth.errors import InvalidToken
from app.auth.published_keys import ALGORITHMS, Algorithm, Key, PrivateKey, PublishedKeys, new_key
from app.auth.rings import KnownTokens, Ring, Rings, Signed
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.scope import Origin
from app.storage.news import News
from app.storage.unit import Units
from app.tenancy import Tenant

# Longer than anything we sign, with all scopes and roles there may be: whoever sends more is not sending one of ours.
_LONGEST = 65_536


class KeyRing:
    """Remembers keys for a minute, and tokens it has verified."""

    def __init__(
        self,
        units: Units,
        *,
        cipher: Cipher,
        news: News,
        make: Callable[[Algorithm], PrivateKey] = new_key,
        clock: Clock = wall_clock,
    ) -> None:
        self._keys = PublishedKeys(units, cipher=cipher, make=make, clock=clock)
        self._rings: Rings[Key] = Rings(self._keys.load, news=news, kind="published keys", clock=clock)
        self._tokens = KnownTokens()
        self._one_begins = threading.Lock()

    def sign(self, tenant: Tenant, claims: Mapping[str, Any], *, algorithm: Algorithm, kind: str) -> str:
        """A compact JWS over ``claims``; ``kind`` is its ``typ`` (``JWT``, ``at+jwt``, ``logout+jwt``)."""
        key = self._with(tenant.id, algorithm).active[algorithm]
        return jwt.encode(dict(claims), key.private, algorithm=algorithm, headers={"typ": kind, "kid": key.id})

    def verify(self, tenant: Tenant, token: str, *, kind: str) -> dict[str, Any]:
        """What a token of this kind says that this tenant has signed. Audience and times are the caller's to check.

        Raises ``InvalidToken`` for anything else: another type, algorithm, key or issuer, a header with a member that
        we do not set (``crit``, ``jwk``, ``jku``), or what is malformed.
        """
        if len(token) > _LONGEST:
            raise InvalidToken(log="too long")
        return self._tokens.claims(
            crypto.digest(f"{tenant.id}{kind}{token}"),
            keys=self._rings.of(tenant.id).by_id,
            check=lambda: self._check(tenant, token, kind),
        )

    def published(self, tenant_id: UUID) -> list[dict[str, Any]]:
        """The public halves of all keys that count, or are about to (RFC 7517, section 5), for every algorithm.

        So what any process signs is here in each, and in what relying apps remember, before it is first signed with.
        """
        rings = [self._with(tenant_id, algorithm) for algorithm in ALGORITHMS]
        # The default's first, and of each the one that signs: some take the first that they find.
        keys = sorted(rings[-1].by_id.values(), key=lambda key: ALGORITHMS.index(key.algorithm))
        return [key.jwk for key in keys]

    def prepare(self) -> int:
        """Publish a next key wherever one signs that has none to come after it. Returns how many that were."""
        prepared = self._keys.prepare()
        for tenant_id in prepared:
            self._rings.changed(tenant_id)
        return len(prepared)

    def rotate(self, tenant_id: UUID, *, origin: Origin) -> list[str]:
        """The next key of each algorithm signs from now on. Returns the new signers' ids."""
        in_use = [key.algorithm for key in self._rings.of(tenant_id).active.values()]
        signers = self._keys.rotate(tenant_id, in_use, origin=origin)
        self._rings.changed(tenant_id)
        return signers

    def _with(self, tenant_id: UUID, algorithm: Algorithm) -> Ring[Key]:
        """The tenant's ring, in which there is a key that signs by this algorithm: the first is made when needed."""
        ring = self._rings.of(tenant_id)
        if algorithm in ring.active:
            return ring
        with self._one_begins:
            # Others may have made it meanwhile, here or elsewhere, and making keys takes long.
            ring = self._rings.anew(tenant_id)
            if algorithm not in ring.active:
                self._keys.begin(tenant_id, algorithm)
                ring = self._rings.anew(tenant_id)
        return ring

    def _check(self, tenant: Tenant, token: str, kind: str) -> Signed:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != {"alg", "typ", "kid"} or header["typ"] != kind:
                raise InvalidToken(log="header")
            key = self._rings.key(tenant.id, header["kid"])
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
