"""What our grants share: how a request reaches them through Authlib, and that the client is known by then."""

from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.issuing import Basis
from app.tenancy import Tenant

# Authlib refuses http for itself; which addresses we are published at is the edge's to say, and development has http.
_ANY_SECURE_ADDRESS = "https://issuer.invalid"
# May be sent several times (RFC 8707, section 2; RFC 8693, section 2.1).
_REPEATABLE = frozenset({"resource", "audience"})


class BridgedRequest(OAuth2Request):  # type: ignore[misc]
    """A call of an application, as Authlib's grants read it. ``dpop_jkt``: the key that was shown."""

    def __init__(self, tenant: Tenant, call: Call) -> None:
        super().__init__(call.method, _ANY_SECURE_ADDRESS)
        # Raises what a parameter sent twice, or the missing one, is refused with.
        self._form = {name: call.one(name) for name in call.form if name not in _REPEATABLE}
        call.needed("grant_type")
        self.payload = BasicOAuth2Payload({name: value for name, value in self._form.items() if value is not None})
        self.uri = call.url
        self.tenant = tenant
        self.call = call
        self.dpop_jkt: str | None = None

    @property
    def form(self) -> dict[str, Any]:
        return self.payload.data  # type: ignore[no-any-return]


class BridgedClient:
    """A client, as Authlib's grants ask it."""

    __slots__ = ("client",)

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.client.grant_types

    def get_client_id(self) -> str:
        return self.client.client_id


class Bridged:
    """Mixed into Authlib's grants. ``server`` is our bridge, ``request`` a ``BridgedRequest``."""

    request: Any
    server: Any

    def authenticate_token_endpoint_client(self) -> BridgedClient:
        """By the method that the client is registered for; with the proof of possession that it may owe."""
        client = self.server.authenticate(self.request)
        self.request.client = BridgedClient(client)
        return self.request.client  # type: ignore[no-any-return]

    def generate_token(self, user: Basis | None = None, **_: Any) -> dict[str, Any]:
        """The answer's body. ``user``: what Authlib was told of whom the token is about."""
        return self.server.tokens(self.request, user)  # type: ignore[no-any-return]

    def save_token(self, token: dict[str, Any]) -> None:
        """What rests of it was written before it was made."""
