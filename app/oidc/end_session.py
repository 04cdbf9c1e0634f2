"""Signing out on an application's word (OpenID Connect RP-Initiated Logout 1.0).

What was asked, as far as it is proven, goes on to the next request as a sealed ticket: the ID token itself stands in no
address and no form of ours.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from app.auth.errors import InvalidToken
from app.auth.key_ring import KeyRing
from app.clock import Clock, wall_clock
from app.crypto import Cipher, Undecipherable
from app.oidc.clients import Client, Clients
from app.oidc.errors import InvalidRequest
from app.scope import Scope
from app.tenancy import Tenant

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")
_ID_TOKEN = "JWT"  # noqa: S105 - the type of one
_TICKETS_LIVE = timedelta(minutes=10)
_LONGEST_TICKET = 8192
_LONGEST_STATE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an application asks for. ``uri`` is registered for ``client_id``.

    ``session_id`` and ``user_id`` are those of its ID token, where it has shown one of ours: then nobody has to be
    asked whether they mean it. ``by_form``: it came by POST.
    """

    client_id: str | None = None
    uri: str | None = None
    state: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    by_form: bool = False

    @property
    def is_hinted(self) -> bool:
        return self.user_id is not None

    def means(self, scope: Scope) -> bool:
        """Whether this is the session of the ID token, or another one of its person in the same browser."""
        return self.is_hinted and str(scope.user_id) == self.user_id

    def names(self, scope: Scope) -> bool:
        """Whether this is the very session of the ID token."""
        return self.means(scope) and str(scope.session_id) == self.session_id


class EndSession:
    """Reads what applications ask for. Ending the session is ``Sessions.logout``, as from anywhere."""

    def __init__(self, *, key_ring: KeyRing, clients: Clients, cipher: Cipher, clock: Clock = wall_clock) -> None:
        self._key_ring = key_ring
        self._clients = clients
        self._cipher = cipher
        self._clock = clock

    def read(self, tenant: Tenant, sent: Mapping[str, Sequence[str]], *, by_form: bool) -> Wish:
        """Read the wish (section 2). Raises ``InvalidRequest``.

        It does for
        1. a parameter that was sent twice;
        2. a ``client_id`` that is nobody's here, or not the one that the ID token is for;
        3. an address that is not registered for the client, letter for letter (section 3); an endless ``state``.

        An ID token that is not ours, or not any more, proves nothing, as if it had not been sent: they are asked.
        An address without a client is no address.
        """
        said = {name: _one(sent, name) for name in PARAMETERS}
        hint = self._hint(tenant, said["id_token_hint"])
        client = self._client(tenant, said["client_id"], hint)
        uri = said["post_logout_redirect_uri"]
        if len(said["state"] or "") > _LONGEST_STATE:
            raise InvalidRequest("state is too long")
        if client and uri and uri not in client.post_logout_redirect_uris:
            raise InvalidRequest("post_logout_redirect_uri is not registered for this application")
        return Wish(
            client_id=client.client_id if client else None,
            uri=uri if client else None,
            state=said["state"],
            session_id=hint.get("sid"),
            user_id=hint.get("sub"),
            by_form=by_form,
        )

    def ticket(self, tenant: Tenant, wish: Wish) -> str:
        """The wish, sealed: for this tenant, and for a few minutes."""
        ends = int((self._clock() + _TICKETS_LIVE).timestamp())
        fields = (wish.client_id, wish.uri, wish.state, wish.session_id, wish.user_id, wish.by_form, ends)
        sealed = self._cipher.encrypt(json.dumps(fields).encode(), place=_place(tenant))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def opened(self, tenant: Tenant, ticket: str) -> Wish:
        """The wish of a ticket; of one that is not ours, or too old, a wish for nothing in particular."""
        if len(ticket) > _LONGEST_TICKET or not ticket.isascii():
            return Wish()
        try:
            sealed = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
            fields = json.loads(self._cipher.decrypt(sealed, place=_place(tenant)))
        except (ValueError, Undecipherable):
            return Wish()
        client_id, uri, state, session_id, user_id, by_form, ends = fields
        if self._clock().timestamp() > ends:
            return Wish()
        return Wish(client_id=client_id, uri=uri, state=state, session_id=session_id, user_id=user_id, by_form=by_form)

    def way_back(self, tenant: Tenant, wish: Wish) -> "WayBack | None":
        """Where the application wants them back, if that is registered for it still; with its ``state`` (section 3)."""
        client = self._clients.by_id(tenant, wish.client_id) if wish.client_id else None
        if client is None or wish.uri not in client.post_logout_redirect_uris:
            return None
        return WayBack(name=client.name, location=_with_state(wish.uri, wish.state))

    def _hint(self, tenant: Tenant, token: str | None) -> Mapping[str, Any]:
        """What an ID token of ours says, however old it is (section 4)."""
        if not token:
            return {}
        try:
            claims = self._key_ring.verify(tenant, token, kind=_ID_TOKEN)
        except InvalidToken:
            return {}
        known = isinstance(claims["aud"], str) and self._clients.by_id(tenant, claims["aud"])
        return claims if known else {}

    def _client(self, tenant: Tenant, named: str | None, hint: Mapping[str, Any]) -> Client | None:
        if named and hint and named != hint["aud"]:
            raise InvalidRequest("client_id is not whom the id_token_hint is for")
        client_id = named or hint.get("aud")
        client = self._clients.by_id(tenant, client_id) if client_id else None
        if named and client is None:
            raise InvalidRequest("client_id is not known here")
        return client


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Where people go on to when they are signed out, and to which application."""

    name: str
    location: str


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = sent.get(name, ())
    if len(values) > 1:
        raise InvalidRequest(f"{name} was sent more than once")
    return values[0] or None if values else None


def _with_state(uri: str, state: str | None) -> str:
    if state is None:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}state={quote(state, safe='')}"


def _place(tenant: Tenant) -> str:
    return f"logout:{tenant.id}"
