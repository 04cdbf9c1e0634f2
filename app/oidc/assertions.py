"""Clients that prove who they are by a signature: private_key_jwt (RFC 7523; OpenID Connect Core, section 9)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app import crypto
from app.clock import Clock, wall_clock
from app.oidc import foreign
from app.oidc.clients import Client
from app.oidc.foreign import Unacceptable, moment, text
from app.storage import shown_proofs
from app.storage.pool import Pool
from app.tenancy import Tenant

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Assertions that live for long would have to be remembered for long.
_LONGEST_LIFE_S = 300
# Clocks of clients that run ahead; FAPI 2.0, section 5.3.2.1, has 8 seconds accepted and 60 refused.
_SKEW_S = 10
_TYPES = frozenset({"jwt", "client-authentication+jwt"})


def named_by(assertion: str) -> str:
    """The client that an assertion says it is of, which nobody has vouched for yet. Raises ``Unacceptable``."""
    return text(foreign.unverified_claims(assertion), "sub")


class Assertions:
    """Checks client assertions."""

    def __init__(self, pool: Pool, *, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._clock = clock

    def check(self, tenant: Tenant, client: Client, assertion: str) -> None:
        """Raises ``Unacceptable`` unless this client has signed it, for us alone, now, and shows it for the first time.

        - Keys: those that the client has registered, and no others. A key says which algorithms it is for.
        - ``iss`` and ``sub`` are the client, ``aud`` is our issuer: no list, no endpoint's address (an assertion for
          another server that names us beside itself would be theirs to use).
        - ``exp`` is at most five minutes ahead, ``iat`` and ``nbf`` have come, ``jti`` was never shown.
        """
        claims = self._signed(client, assertion)
        if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
            raise Unacceptable("iss or sub is another")
        if claims.get("aud") != tenant.origin:
            raise Unacceptable("aud is not the issuer")
        expires_at = _in_force(claims, self._clock().timestamp())
        name = crypto.digest(f"assertion:{client.client_id}:{text(claims, 'jti')}")
        until = datetime.fromtimestamp(expires_at, UTC) + timedelta(seconds=_SKEW_S)
        if not shown_proofs.show(self._pool, tenant_id=tenant.id, name_digest=name, expires_at=until):
            raise Unacceptable("shown before")

    @staticmethod
    def _signed(client: Client, assertion: str) -> dict[str, Any]:
        header = foreign.header_of(assertion)
        if str(header.get("typ", "jwt")).lower() not in _TYPES or "jwk" in header:
            raise Unacceptable("header")
        wrong = Unacceptable("no key of the client's")
        for jwk in _keys(client, header.get("kid")):
            try:
                return foreign.claims_of(assertion, jwk=jwk, algorithm=header.get("alg"))
            except Unacceptable as refusal:
                wrong = refusal
        raise wrong


def _keys(client: Client, kid: object) -> list[dict[str, Any]]:
    """The registered keys that may have signed: the one that is named, or all where none is."""
    keys = [key for key in (client.jwks or {}).get("keys", ()) if isinstance(key, dict) and key.get("use") != "enc"]
    return [key for key in keys if kid is None or key.get("kid") == kid][:10]


def _in_force(claims: Mapping[str, Any], now: float) -> float:
    """Its end. Raises ``Unacceptable`` where it has passed, is too far away, or what has to have come has not."""
    expires_at = moment(claims, "exp")
    if expires_at is None or not now < expires_at <= now + _LONGEST_LIFE_S + _SKEW_S:
        raise Unacceptable("exp")
    for name in ("iat", "nbf"):
        if (moment(claims, name) or 0) > now + _SKEW_S:
            raise Unacceptable(f"{name} has not come")
    return expires_at
