"""The shapes of the API."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.blueprints.api._operations import Model

_EMAIL = Field(min_length=1, max_length=320, examples=["ada@acme.example"])
_PASSWORD = Field(min_length=1, max_length=4096, examples=["correct horse battery staple"])
_TOKEN = Field(min_length=1, max_length=4096)


class Register(Model):
    email: str = _EMAIL
    password: str = _PASSWORD
    name: str = Field("", max_length=400)


class VerificationSent(Model):
    """The same for a new address and for one that exists. Keep ``challenge``: with it the mailed link just verifies."""

    status: Literal["verification_sent"] = "verification_sent"
    challenge: str


class VerifyEmail(Model):
    token: str = _TOKEN
    challenge: str | None = Field(None, max_length=256)
    new_password: str | None = Field(None, max_length=4096)


class Email(Model):
    email: str = _EMAIL


class LoginBody(Model):
    email: str = _EMAIL
    password: str = _PASSWORD
    device_token: str | None = Field(None, max_length=256)
    remember: bool = False


class Refresh(Model):
    refresh_token: str = _TOKEN


class Introspect(Model):
    token: str = _TOKEN


class User(Model):
    id: UUID
    email: str
    email_verified: bool
    name: str
    roles: list[str]
    status: Literal["active", "unverified", "disabled"]
    created_at: datetime
    last_sign_in_at: datetime | None


class Tokens(Model):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750's word
    expires_in: int = Field(description="Seconds that the access token lives.")
    session_id: UUID


class SignedIn(Tokens):
    """``device_token``: keep it, and send it with the next sign-in: this client is then known."""

    user: User
    device_token: str


class Introspection(Model):
    """RFC 7662. When ``active`` is false, nothing else is said."""

    model_config = ConfigDict(extra="allow", frozen=True)

    active: bool
    iss: str | None = None
    sub: str | None = None
    aud: str | list[str] | None = None
    client_id: str | None = None
    token_type: str | None = None
    exp: int | None = None
    nbf: int | None = None
    iat: int | None = None
    jti: str | None = None
    sid: str | None = None
    tid: str | None = None
    scope: str | None = None
    roles: list[str] | None = None
    amr: list[str] | None = None
    acr: str | None = None
    auth_time: int | None = None

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return super().model_dump(exclude_none=True)


_PART = Field(None, max_length=4000)


class PostalAddress(Model):
    """OpenID Connect Core, section 5.1.1."""

    street_address: str | None = Field(None, max_length=4000, examples=["12 St James's Square"])
    postal_code: str | None = _PART
    locality: str | None = Field(None, max_length=4000, examples=["London"])
    region: str | None = _PART
    country: str | None = _PART
    formatted: str | None = _PART


class PersonalProfile(Model):
    """OpenID Connect Core, section 5.1. Addresses of pages are https; ``birthdate`` is a day, or a year alone."""

    given_name: str | None = Field(None, max_length=4000, examples=["Ada"])
    middle_name: str | None = _PART
    family_name: str | None = Field(None, max_length=4000, examples=["Lovelace"])
    nickname: str | None = _PART
    preferred_username: str | None = _PART
    gender: str | None = _PART
    birthdate: str | None = Field(None, max_length=4000, examples=["1815-12-10"])
    zoneinfo: str | None = Field(None, max_length=4000, examples=["Europe/London"])
    locale: str | None = Field(None, max_length=4000, examples=["en-GB"])
    phone_number: str | None = Field(None, max_length=4000, examples=["+442079460018"])
    website: str | None = Field(None, max_length=4000, examples=["https://ada.example"])
    profile: str | None = _PART
    picture: str | None = _PART
    address: PostalAddress | None = None

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """What is there, and nothing about the rest."""
        return super().model_dump(exclude_unset=True)


class Me(User):
    profile: PersonalProfile

    def model_dump(self, **more: Any) -> dict[str, Any]:
        return {**super().model_dump(**more), "profile": self.profile.model_dump()}


class Profile(Model):
    """What is not sent stays as it is; a part of ``profile`` that is null or empty goes (RFC 7396)."""

    name: str | None = Field(None, max_length=400)
    profile: PersonalProfile | None = None


class Session(Model):
    id: UUID
    current: bool
    kind: Literal["browser", "api"]
    client: str = Field(description="What signed in, in words.")
    ip: str | None
    place: str | None = Field(description="Where about that address is, if the installation can tell.")
    user_agent: str
    remember: bool
    amr: list[str]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SessionList(Model):
    data: list[Session]
    next_cursor: str | None = None
