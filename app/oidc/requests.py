"""An authorization request that was found good, as plain values that can rest in a row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

ResponseMode = Literal["query", "form_post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What an application has asked for (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1).

    ``subject``: whom it expects, by an ID token of ours or by the ``claims`` parameter. ``claims``: that parameter,
    {"userinfo": {...}, "id_token": {...}}. ``code_challenge`` is always of S256. ``dpop_jkt``: the key that the code is
    bound to (RFC 9449, section 10).
    """

    redirect_uri: str
    response_mode: ResponseMode = "query"
    scopes: tuple[str, ...] = ()
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    login_hint: str | None = None
    subject: str | None = None
    ui_locales: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    dpop_jkt: str | None = None

    @property
    def silent(self) -> bool:
        """Nothing may be shown (``prompt=none``)."""
        return "none" in self.prompt

    @property
    def essential_acr(self) -> tuple[str, ...]:
        """The levels of which one must be reached, or the request fails (OpenID Connect Core, section 5.5.1.1)."""
        wanted = (self.claims.get("id_token") or {}).get("acr") or {}
        values = wanted.get("values") or ([wanted["value"]] if "value" in wanted else [])
        return tuple(map(str, values)) if wanted.get("essential") else ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        known = {each.name for each in fields(cls)}
        return cls(**{name: _firm(value) for name, value in said.items() if name in known})


def _firm(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
