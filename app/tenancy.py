"""A tenant as a plain value: who it is, what it allows, how it looks."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class TenantSettings(BaseModel):
    """What a tenant may set for itself. Stored as JSON; what is absent has the default here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration_open: bool = True
    email_verification_required: bool = True
    access_token_minutes: int = Field(15, ge=1, le=1440)
    refresh_token_days: int = Field(7, ge=1, le=90)
    session_days: int = Field(7, ge=1, le=90)
    remember_days: int = Field(30, ge=1, le=365)
    refresh_grace_seconds: int = Field(10, ge=0, le=60)
    password_min_length: int = Field(10, ge=8, le=64)
    password_max_length: int = Field(128, ge=64, le=256)
    password_min_score: int = Field(3, ge=0, le=4)
    lockout_attempts: int = Field(5, ge=3, le=20)
    lockout_window_minutes: int = Field(15, ge=1, le=1440)
    lockout_minutes: int = Field(30, ge=1, le=1440)
    lockout_day_attempts: int = Field(50, ge=10, le=100)
    verification_hours: int = Field(24, ge=1, le=168)

    @property
    def access_token_life(self) -> timedelta:
        return timedelta(minutes=self.access_token_minutes)

    @property
    def refresh_grace(self) -> timedelta:
        return timedelta(seconds=self.refresh_grace_seconds)

    def session_life(self, *, remember: bool) -> timedelta:
        """How long a session may last, from sign-in, whatever happens."""
        return timedelta(days=self.remember_days if remember else self.session_days)

    def refresh_life(self, *, remember: bool) -> timedelta:
        """How long a refresh family may last, from sign-in, however often it is rotated."""
        return timedelta(days=self.remember_days if remember else self.refresh_token_days)


class Theme(BaseModel):
    """How a tenant looks, as it chose; ``tenants.theme`` makes it readable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    primary: str = Field("#3b5bdb", pattern=r"^#[0-9a-f]{6}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant, resolved for a request. ``origin`` is where it lives and its issuer, without a slash at the end."""

    id: UUID
    slug: str
    name: str
    origin: str
    settings: TenantSettings
    theme: Theme
    version: int
    suspended: bool
