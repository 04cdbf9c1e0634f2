"""A tenant as a plain value: who it is, what it allows, how it looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

Method = Literal["password", "magic_link", "social", "passkey"]
CharacterKind = Literal["lower", "upper", "digit", "special"]
# NIST SP 800-63B-4, section 3.1.1.2.
_WITH_SECOND_FACTOR = 8
Points = Annotated[int, Field(ge=0, le=100)]


class RiskWeights(BaseModel):
    """How many points each signal of risk is worth (``app.auth.risk`` says when it is seen)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new_device: Points = 20
    new_address: Points = 15
    new_country: Points = 25
    burst: Points = 30
    impossible_travel: Points = 40
    script_agent: Points = 20
    unusual_hour: Points = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLives:
    """How long sessions last under the settings of now, also those that began under others. ``idle``: or for ever."""

    life: timedelta
    remembered: timedelta
    idle: timedelta | None


class TenantSettings(BaseModel):
    """What a tenant may set for itself. Stored as JSON; what is absent has the default here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration_open: bool = True
    email_verification_required: bool = True
    methods: tuple[Method, ...] = Field(("password", "magic_link", "social", "passkey"), min_length=1)
    access_token_minutes: int = Field(15, ge=1, le=1440)
    refresh_token_days: int = Field(7, ge=1, le=90)
    session_days: int = Field(7, ge=1, le=90)
    remember_me: bool = True
    remember_days: int = Field(30, ge=1, le=365)
    idle_minutes: int | None = Field(None, ge=5, le=43200)
    most_sessions: int = Field(5, ge=1, le=100)
    session_limit: Literal["revoke_oldest", "refuse_new"] = "revoke_oldest"
    refresh_grace_seconds: int = Field(10, ge=0, le=60)
    password_min_length: int = Field(10, ge=8, le=64)
    password_max_length: int = Field(128, ge=64, le=256)
    password_min_score: int = Field(3, ge=0, le=4)
    password_kinds: tuple[CharacterKind, ...] = ()
    password_blocklist: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = Field((), max_length=1000)
    password_history: int = Field(5, ge=0, le=24)
    lockout_attempts: int = Field(5, ge=3, le=20)
    lockout_window_minutes: int = Field(15, ge=1, le=1440)
    lockout_minutes: int = Field(30, ge=1, le=1440)
    lockout_day_attempts: int = Field(50, ge=10, le=100)
    second_factor: Literal["off", "optional", "required"] = "optional"
    second_factor_roles: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field((), max_length=50)
    second_factor_grace_days: int = Field(0, ge=0, le=90)
    second_factor_email: bool = False
    second_factor_attempts: int = Field(5, ge=3, le=10)
    second_factor_lock_minutes: int = Field(5, ge=1, le=60)
    second_factor_most_failures: int = Field(50, ge=10, le=100)
    trusted_device_days: int = Field(30, ge=0, le=90)
    backup_code_count: int = Field(10, ge=8, le=20)
    backup_codes_low: int = Field(2, ge=1, le=5)
    step_up_minutes: int = Field(10, ge=1, le=60)
    factor_reset_hours: int = Field(24, ge=1, le=168)
    verification_hours: int = Field(24, ge=1, le=168)
    magic_link_minutes: int = Field(15, ge=1, le=60)
    reset_minutes: int = Field(60, ge=5, le=1440)
    risk_mode: Literal["off", "shadow", "enforce"] = "enforce"
    risk_medium: int = Field(40, ge=1, le=101)  # 101: never
    risk_high: int = Field(70, ge=1, le=101)
    risk_weights: RiskWeights = RiskWeights()
    risk_unusual_hour: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.risk_medium > self.risk_high:
            raise ValueError("risk_medium may not exceed risk_high")
        return self

    @property
    def access_token_life(self) -> timedelta:
        return timedelta(minutes=self.access_token_minutes)

    @property
    def refresh_grace(self) -> timedelta:
        return timedelta(seconds=self.refresh_grace_seconds)

    @property
    def shortest_password(self) -> int:
        """A second factor makes up for two characters, unless the tenant has said how many it wants."""
        said = "password_min_length" in self.model_fields_set
        return _WITH_SECOND_FACTOR if self.second_factor == "required" and not said else self.password_min_length

    def requires_second_factor(self, roles: Iterable[str]) -> bool:
        """Whether people with these roles have to have one."""
        if self.second_factor == "off":
            return False
        return self.second_factor == "required" or not set(roles).isdisjoint(self.second_factor_roles)

    def allows(self, method: Method) -> bool:
        """Whether people may come in by ``method``."""
        return method in self.methods

    def session_life(self, *, remember: bool) -> timedelta:
        """How long a session may last, from sign-in, whatever happens."""
        return self.lives.remembered if remember else self.lives.life

    @property
    def lives(self) -> SessionLives:
        life = timedelta(days=self.session_days)
        return SessionLives(
            life=life,
            remembered=timedelta(days=self.remember_days) if self.remember_me else life,
            idle=timedelta(minutes=self.idle_minutes) if self.idle_minutes else None,
        )

    @property
    def family_lives(self) -> SessionLives:
        life = timedelta(days=self.refresh_token_days)
        return SessionLives(
            life=life, remembered=timedelta(days=self.remember_days) if self.remember_me else life, idle=None
        )

    def refresh_life(self, *, remember: bool) -> timedelta:
        """How long a refresh family may last, from sign-in, however often it is rotated."""
        return self.family_lives.remembered if remember else self.family_lives.life


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
