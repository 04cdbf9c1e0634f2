"""What can be said of an application: with the names of RFC 7591, and what each kind of application has by default."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.storage.applications import Application

AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS = "authorization_code", "refresh_token", "client_credentials"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a grant's name
OFFLINE_ACCESS = "offline_access"
# What an application may ask for where nobody has said. Unless it is the tenant's own, people are asked all the same.
STANDARD_SCOPES = ("openid", "profile", "email", "address", "phone", OFFLINE_ACCESS, "roles")
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
SIGNING = ("RS256", "ES256", "EdDSA")
# Columns that are called otherwise than in RFC 7591 and its kin.
_COLUMNS = {
    "token_endpoint_auth_method": "auth_method",
    "id_token_signed_response_alg": "signing_algorithm",
    "require_pushed_authorization_requests": "require_pushed_requests",
    "dpop_bound_access_tokens": "require_dpop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a type of application may be: the first way to authenticate and ``usual`` grants are its defaults."""

    auth_methods: tuple[str, ...]
    grants: tuple[str, ...]
    usual: tuple[str, ...]


_CONFIDENTIAL = (*SECRET_METHODS, "private_key_jwt")
KINDS: dict[str, Kind] = {
    "web": Kind(
        auth_methods=_CONFIDENTIAL,
        grants=(AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE, TOKEN_EXCHANGE),
        usual=(AUTHORIZATION_CODE, REFRESH_TOKEN),
    ),
    "spa": Kind(
        auth_methods=("none",),
        grants=(AUTHORIZATION_CODE, REFRESH_TOKEN),
        usual=(AUTHORIZATION_CODE, REFRESH_TOKEN),
    ),
    "native": Kind(
        auth_methods=("none",),
        grants=(AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE),
        usual=(AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE),
    ),
    "machine": Kind(
        auth_methods=_CONFIDENTIAL, grants=(CLIENT_CREDENTIALS, TOKEN_EXCHANGE), usual=(CLIENT_CREDENTIALS,)
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """An application as whoever registers it describes it. ``None``: as its kind has it, or none."""

    name: str
    type: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    scopes: tuple[str, ...] | None = None
    resources: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    token_endpoint_auth_method: str | None = None
    grant_types: tuple[str, ...] | None = None
    jwks: Mapping[str, Any] | None = None
    id_token_signed_response_alg: str = "RS256"  # noqa: S105 - an algorithm's name
    require_pkce: bool = True
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    first_party: bool = False
    access_token_minutes: int | None = None
    refresh_token_days: int | None = None
    home_uri: str | None = None
    policy_uri: str | None = None
    terms_uri: str | None = None

    @property
    def grants(self) -> tuple[str, ...]:
        return self.grant_types or ()

    @property
    def has_secret(self) -> bool:
        """It authenticates with a secret (RFC 6749, section 2.3.1)."""
        return self.token_endpoint_auth_method in SECRET_METHODS

    @property
    def is_public(self) -> bool:
        return self.token_endpoint_auth_method == "none"  # noqa: S105 - a method's name

    def completed(self) -> "Details":
        """With the defaults of its kind where nothing was said; the name without blanks around it."""
        kind = KINDS.get(self.type)
        if kind is None:
            return self
        scopes = STANDARD_SCOPES if self.type != "machine" else ()
        return replace(
            self,
            name=self.name.strip(),
            token_endpoint_auth_method=self.token_endpoint_auth_method or kind.auth_methods[0],
            grant_types=kind.usual if self.grant_types is None else tuple(dict.fromkeys(self.grant_types)),
            scopes=scopes if self.scopes is None else tuple(dict.fromkeys(self.scopes)),
            redirect_uris=tuple(dict.fromkeys(self.redirect_uris)),
            post_logout_redirect_uris=tuple(dict.fromkeys(self.post_logout_redirect_uris)),
            resources=tuple(dict.fromkeys(self.resources)),
            serves=tuple(dict.fromkeys(self.serves)),
        )

    def changed(self, changes: Mapping[str, Any]) -> "Details":
        """With some of it said anew."""
        return replace(self, **_read(changes))

    def columns(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            _COLUMNS.get(name, name): _stored(getattr(self, name)) for name in NAMES if name not in {"name", "type"}
        }


NAMES = tuple(field.name for field in fields(Details))


def details_from(said: Mapping[str, Any]) -> Details:
    """From what was sent as JSON, each member by its name here."""
    return Details(**_read(said))


def details_of(row: Application) -> Details:
    """What is said of this one."""
    return details_from({name: getattr(row, _COLUMNS.get(name, name)) for name in NAMES})


def _read(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
