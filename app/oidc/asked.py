"""An authorization request as it was sent, before anything of it is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.oidc.clients import Client

Parameters = Mapping[str, Sequence[str]]
# What this endpoint reads: sent twice, none of it counts. What it does not know, it does not look at.
KNOWN = frozenset(
    [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "acr_values",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "claims_locales",
        "display",
        "claims",
        "dpop_jkt",
        "request",
        "request_uri",
        "registration",
    ]
)
SEVERAL = frozenset({"resource"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was sent. ``client``: whom ``client_id`` names, if anybody. ``issuer``: ours.

    ``pushed``: it came by the back channel (RFC 9126). ``hint``: what the ID token says that was sent along, if it is
    one of ours.
    """

    issuer: str
    client: Client | None
    parameters: Parameters
    pushed: bool = False
    hint: Mapping[str, Any] | None = None

    @property
    def known_client(self) -> Client:
        """The client, once the first check has passed."""
        if self.client is None:
            raise RuntimeError("the checks come in order")
        return self.client

    def one(self, name: str) -> str | None:
        """A parameter; ``None`` where it is missing, empty (RFC 6749, section 3.1), or was sent twice."""
        values = self.parameters.get(name, ())
        return values[0] or None if len(values) == 1 else None

    def words(self, name: str) -> tuple[str, ...]:
        """A list, each word once, in order (RFC 6749, section 3.3)."""
        return tuple(dict.fromkeys((self.one(name) or "").split()))

    def every(self, name: str) -> tuple[str, ...]:
        """A parameter that may be sent several times (RFC 8707, section 2)."""
        return tuple(dict.fromkeys(value for value in self.parameters.get(name, ()) if value))
