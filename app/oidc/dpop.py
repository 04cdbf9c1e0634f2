"""Proofs of possession (RFC 9449): a key that the client holds, shown with each request."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from app import crypto
from app.clock import Clock, wall_clock
from app.oidc import foreign
from app.oidc.calls import Call
from app.oidc.errors import InvalidDpopProof
from app.oidc.foreign import Unacceptable, moment, text
from app.storage import shown_proofs
from app.storage.pool import Pool
from app.tenancy import Tenant

_TYPE = "dpop+jwt"
# How old a proof may be, and how far ahead its client's clock.
_OLDEST_S = 300
_SKEW_S = 10
_LONGEST_URL = 2048
# What a key is known by (RFC 7638, section 3.2; RFC 8037, section 2).
_NAMING = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
_PORTS = {"http": 80, "https": 443}


class Dpop:
    """Checks proofs of possession."""

    def __init__(self, pool: Pool, *, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._clock = clock

    def proven(self, tenant: Tenant, call: Call, *, access_token: str | None = None) -> str | None:
        """The thumbprint of the key that a proof was signed with (RFC 7638); ``None`` where there is no proof.

        Raises ``InvalidDpopProof`` for what section 4.3 has refused: several proofs, another type, a symmetric or
        private key, another method or address, too old or early, shown before, or, where an ``access_token`` is
        presented, one for another token. Whether the token is bound to the key is the caller's to check.
        """
        if not call.dpop:
            return None
        if len(call.dpop) > 1:
            raise InvalidDpopProof("send one DPoP header")
        try:
            return self._check(tenant, call, call.dpop[0], access_token)
        except Unacceptable as refusal:
            raise InvalidDpopProof("the DPoP proof is not valid", log=str(refusal)) from refusal

    def _check(self, tenant: Tenant, call: Call, proof: str, access_token: str | None) -> str:
        jwk, claims = _signed(proof)
        if claims.get("htm") != call.method or not _same_address(text(claims, "htu", longest=_LONGEST_URL), call.url):
            raise Unacceptable("for another request")
        if access_token is not None and claims.get("ath") != _base64(hashlib.sha256(access_token.encode()).digest()):
            raise Unacceptable("for another token")
        issued_at = _in_force(claims, self._clock().timestamp())
        jkt = thumbprint(jwk)
        self._show_once(tenant, f"dpop:{jkt}:{text(claims, 'jti')}", issued_at)
        return jkt

    def _show_once(self, tenant: Tenant, name: str, issued_at: float) -> None:
        until = datetime.fromtimestamp(issued_at, UTC) + timedelta(seconds=_OLDEST_S + _SKEW_S)
        if not shown_proofs.show(self._pool, tenant_id=tenant.id, name_digest=crypto.digest(name), expires_at=until):
            raise Unacceptable("shown before")


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638. The members are there: the key was used."""
    named = {member: jwk[member] for member in _NAMING[jwk["kty"]]}
    return _base64(hashlib.sha256(json.dumps(named, separators=(",", ":"), sort_keys=True).encode()).digest())


def _signed(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The key in the header, and what it has signed."""
    header = foreign.header_of(proof)
    jwk = header.get("jwk")
    if header.get("typ") != _TYPE or not isinstance(jwk, dict):
        raise Unacceptable("header")
    return jwk, foreign.claims_of(proof, jwk=jwk, algorithm=header.get("alg"))


def _in_force(claims: Mapping[str, Any], now: float) -> float:
    """When it was made. Raises ``Unacceptable`` where that is too long ago, or to come; so for ``nbf`` and ``exp``."""
    issued_at, begins, ends = (moment(claims, name) for name in ("iat", "nbf", "exp"))
    if issued_at is None or not now - _OLDEST_S <= issued_at <= now + _SKEW_S:
        raise Unacceptable("iat")
    if (begins is not None and begins > now + _SKEW_S) or (ends is not None and ends < now - _SKEW_S):
        raise Unacceptable("nbf or exp")
    return issued_at


def _same_address(said: str, published: str) -> bool:
    """Without query and fragment, after normalisation (RFC 9449, section 4.3, point 9; RFC 3986, section 6.2)."""
    try:
        return _normal(said) == _normal(published)
    except ValueError:
        return False


def _normal(address: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise ValueError("no address of ours")
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), parts.path or "/"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
