"""ID tokens: how somebody has signed in, for the application that asked (OpenID Connect Core, section 2)."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.auth.key_ring import KeyRing
from app.auth.published_keys import Algorithm
from app.oidc.claims import claims_for, may_ask
from app.oidc.clients import Client
from app.oidc.granted import Granted
from app.oidc.people import People
from app.tenancy import Tenant

KIND = "JWT"
_LIFE = timedelta(hours=1)
# By the hash of the signature's algorithm; that of Ed25519 is SHA-512 (RFC 8032, section 5.1).
_HASHES: dict[Algorithm, Callable[[bytes], Any]] = {
    "RS256": hashlib.sha256,
    "ES256": hashlib.sha256,
    "EdDSA": hashlib.sha512,
}


class IdTokens:
    """Makes ID tokens."""

    def __init__(self, *, key_ring: KeyRing, people: People) -> None:
        self._key_ring = key_ring
        self._people = people

    def make(self, tenant: Tenant, client: Client, granted: Granted, *, access_token: str, now: datetime) -> str:
        """The ID token that goes with an access token.

        What scopes let an application know is at userinfo (section 5.4); here is what ``claims.id_token`` asks for
        (section 5.5), which cannot replace what we say ourselves.
        """
        said = {
            **self._described(tenant, client, granted),
            "iss": tenant.origin,
            "sub": str(granted.user_id),
            "aud": client.client_id,
            "azp": client.client_id,
            "exp": int((now + _LIFE).timestamp()),
            "iat": int(now.timestamp()),
            "auth_time": int(granted.auth_time.timestamp()),
            "acr": granted.acr,
            "amr": list(granted.amr),
            "sid": str(granted.session_id),
            "at_hash": half_hash(access_token, client.signing_algorithm),
        }
        if granted.nonce is not None:
            said["nonce"] = granted.nonce
        return self._key_ring.sign(tenant, said, algorithm=client.signing_algorithm, kind=KIND)

    def _described(self, tenant: Tenant, client: Client, granted: Granted) -> Mapping[str, Any]:
        asked = may_ask(client, granted.claims.get("id_token") or {}, scopes=granted.scopes)
        person = self._people.read(tenant, granted.user_id) if asked else None
        return claims_for(person, scopes=(), requested=asked) if person else {}


def half_hash(text: str, algorithm: Algorithm) -> str:
    """The left half of a hash, as ``at_hash`` has it (section 3.1.3.6)."""
    whole: bytes = _HASHES[algorithm](text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()
