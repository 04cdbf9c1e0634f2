"""Applications as the API takes and gives them, with the names of RFC 7591 where it has them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.blueprints import _context
from app.blueprints.api._operations import Model
from app.blueprints.api._shown_once import ShownOnce
from app.oidc.application_secrets import LONGEST_OVERLAP_HOURS, SecretView
from app.oidc.application_views import ApplicationView

_CALLBACK = "https://app.example.com/callback"
# Strings and numbers here, whatever they say: the rules of applications speak of each by name.
Grant = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]
Kind = Literal["web", "spa", "native", "machine"]
AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
Algorithm = Literal["RS256", "ES256", "EdDSA"]


class NewApplication(Model):
    """What is left out is as its ``type`` has it."""

    name: str = Field(examples=["Notes"])
    type: Kind
    redirect_uris: list[str] = Field([], examples=[[_CALLBACK]])
    post_logout_redirect_uris: list[str] = Field([])
    backchannel_logout_uri: str | None = None
    scopes: list[str] | None = Field(None, description="What it may ask for.", examples=[["openid", "profile"]])
    resources: list[str] = Field([], description="What it may ask tokens for (RFC 8707).")
    serves: list[str] = Field([], description="The audiences that it is, and may introspect tokens for.")
    token_endpoint_auth_method: AuthMethod | None = None
    grant_types: list[Grant] | None = None
    jwks: dict[str, Any] | None = Field(None, description="Its public keys, for `private_key_jwt`.")
    id_token_signed_response_alg: Algorithm = "RS256"  # noqa: S105 - an algorithm's name
    require_pkce: bool = True
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    first_party: bool = Field(False, description="People are not asked whether they allow it.")
    access_token_minutes: int | None = Field(None, description="Never longer than the tenant lets tokens live.")
    refresh_token_days: int | None = None
    home_uri: str | None = None
    policy_uri: str | None = None
    terms_uri: str | None = None


class ApplicationChanges(Model):
    """Only what changes; ``null`` takes away what need not be. With ``version``, only if it is still that one."""

    version: int | None = None
    name: str = ""
    redirect_uris: list[str] = Field([])
    post_logout_redirect_uris: list[str] = Field([])
    backchannel_logout_uri: str | None = None
    scopes: list[str] = Field([])
    resources: list[str] = Field([])
    serves: list[str] = Field([])
    token_endpoint_auth_method: AuthMethod = "none"  # noqa: S105 - a method's name
    grant_types: list[Grant] = Field([])
    jwks: dict[str, Any] | None = None
    id_token_signed_response_alg: Algorithm = "RS256"  # noqa: S105 - an algorithm's name
    require_pkce: bool = True
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    first_party: bool = False
    access_token_minutes: int | None = None
    refresh_token_days: int | None = None
    home_uri: str | None = None
    policy_uri: str | None = None
    terms_uri: str | None = None

    def said(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"version"})


class Application(Model):
    """An application. ``client_id`` is what it calls itself; ``version`` counts its changes."""

    id: UUID
    client_id: str
    name: str
    type: Kind
    status: Literal["active", "disabled"]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    scopes: list[str]
    resources: list[str]
    serves: list[str]
    token_endpoint_auth_method: AuthMethod
    grant_types: list[Grant]
    jwks: dict[str, Any] | None
    id_token_signed_response_alg: Algorithm
    require_pkce: bool
    require_pushed_authorization_requests: bool
    dpop_bound_access_tokens: bool
    first_party: bool
    access_token_minutes: int | None
    refresh_token_days: int | None
    home_uri: str | None
    policy_uri: str | None
    terms_uri: str | None
    logo_uri: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class CreatedApplication(Application):
    """The same, and ``client_secret``, which is never shown again; ``null`` where it has none."""

    client_secret: ShownOnce[str | None]


class ApplicationList(Model):
    data: list[Application]
    next_cursor: str | None


class NewApplicationSecret(Model):
    """``overlap_hours``: for how long the secret before still counts; left out, until it is removed."""

    overlap_hours: int | None = Field(None, description=f"0 to {LONGEST_OVERLAP_HOURS}.", examples=[24])


class ApplicationSecret(Model):
    """What an application is known by. ``hint``: how it ends."""

    id: UUID
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class CreatedApplicationSecret(ApplicationSecret):
    """The same, and the secret itself, which is never shown again."""

    client_secret: ShownOnce[str]


class ApplicationSecretList(Model):
    """At most two that count, oldest first."""

    data: list[ApplicationSecret]
    next_cursor: str | None = None


def shown(view: ApplicationView) -> dict[str, Any]:
    """What ``Application`` says."""
    said = asdict(view.details)
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in said.items()},
        "id": view.id,
        "client_id": view.client_id,
        "status": "disabled" if view.disabled_at else "active",
        "logo_uri": f"{_context.tenant().origin}{view.logo_path}" if view.logo_path else None,
        "version": view.version,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
    }


def secret_shown(view: SecretView) -> dict[str, Any]:
    return {name: value for name, value in asdict(view).items() if name != "live"}
