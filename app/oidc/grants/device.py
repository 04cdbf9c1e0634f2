"""Device codes (RFC 8628, section 3.4)."""

from typing import Any, Protocol

from authlib.oauth2.rfc8628 import DeviceCodeGrant

from app.oidc.clients import Client
from app.oidc.grants.common import Bridged, BridgedClient
from app.oidc.issuing import Basis
from app.tenancy import Tenant


class RedeemsDevices(Protocol):
    """Trades a device code that was approved for what was granted, once; else raises one of section 3.5's refusals."""

    def redeem(self, tenant: Tenant, client: Client, device_code: str, /, *, dpop_jkt: str | None) -> Basis: ...


class DeviceCodes(Bridged, DeviceCodeGrant):  # type: ignore[misc]
    """Who decided, and how often the device may ask, is ``devices``' to know."""

    def query_device_credential(self, _: str) -> BridgedClient:
        """Authlib asks whose code it is: only its own client's is found."""
        return self.request.client  # type: ignore[no-any-return]

    def validate_device_credential(self, _: Any) -> Basis:
        request = self.request
        client = request.client.client
        device_code = request.call.needed("device_code")
        basis: Basis = self.server.devices.redeem(request.tenant, client, device_code, dpop_jkt=request.dpop_jkt)
        return basis

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        return 200, self.generate_token(self.request.user), self.TOKEN_RESPONSE_HEADER
