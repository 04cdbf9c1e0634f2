"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): each application of a session is told that it ended.

Who is told was written down where the session ended, whichever way it did (a trigger). The token is made when it is
sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from app.auth.key_ring import KeyRing
from app.clock import Clock, wall_clock
from app.oidc.clients import Client, Clients
from app.outbound import Http, Refused
from app.outbox import Undeliverable
from app.tenancy import Tenant

PROMISE = "oidc.backchannel_logout"
_KIND = "logout+jwt"
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Section 2.4: at most two minutes are recommended.
_LIFE = timedelta(minutes=2)
_GOOD = range(200, 300)


class NotTold(Exception):
    """The application did not say that it has understood (section 2.8)."""


class BackchannelLogout:
    """Tells applications, in the worker."""

    def __init__(self, *, clients: Clients, key_ring: KeyRing, http: Http, clock: Clock = wall_clock) -> None:
        self._clients = clients
        self._key_ring = key_ring
        self._http = http
        self._clock = clock

    def tell(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Send one application its logout token (section 2.5).

        1. It is gone, switched off, or wants to be told no more: nothing.
        2. Its address leads where we do not call: ``Undeliverable``.
        3. No answer, or another than 2xx: raised, so that it is tried again.
        """
        client = self._clients.by_id(tenant, payload["application_id"])
        if client is None or client.backchannel_logout_uri is None:
            return
        token = self._token(tenant, client, payload)
        try:
            answer = self._http.post(
                client.backchannel_logout_uri,
                urlencode({"logout_token": token}).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            )
        except Refused as refusal:
            raise Undeliverable(str(refusal)) from refusal
        if answer.status not in _GOOD:
            raise NotTold(f"status {answer.status}")

    def _token(self, tenant: Tenant, client: Client, payload: Mapping[str, Any]) -> str:
        claims = _claims(tenant, client, payload, now=self._clock())
        return self._key_ring.sign(tenant, claims, algorithm=client.signing_algorithm, kind=_KIND)


def _claims(tenant: Tenant, client: Client, payload: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Section 2.4. Never a nonce: nobody is to take it for an ID token."""
    issued_at = int(now.timestamp())
    return {
        "iss": tenant.origin,
        "sub": payload["user_id"],
        "aud": client.client_id,
        "iat": issued_at,
        "exp": issued_at + int(_LIFE.total_seconds()),
        "jti": str(uuid4()),
        "sid": payload["session_id"],
        "events": {_EVENT: {}},
    }
