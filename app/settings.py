"""Every variable, typed, read once, frozen. ``docs/configuration.md`` lists the same fields; a test compares them."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app import networks
from app.networks import Allowance
from app.places import BrokenPlaces
from app.places import check as check_places

_SHORTEST_SECRET = 32
_KEY_BYTES = 32
_HIGHEST_SCALE_IN_PRODUCTION = 10


class BadSettings(Exception):
    """The process may not start. The message names every variable that is wrong, one a line."""


def _words(value: object) -> object:
    return [word for word in value.replace(",", " ").split() if word] if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _unless_empty(value: object) -> object:
    return value or None


def _one_secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SHORTEST_SECRET:
        raise ValueError(f"must have at least {_SHORTEST_SECRET} characters")
    if len(set(value.get_secret_value())) < 8:  # noqa: PLR2004 - "changeme…" and "xxxx…" are no secrets
        raise ValueError("is too simple: use random characters")
    return value


def _one_key(value: SecretStr) -> SecretStr:
    try:
        key = base64.urlsafe_b64decode(value.get_secret_value() + "==")
    except (binascii.Error, ValueError) as error:
        raise ValueError("must be 32 bytes in base64url") from error
    if len(key) != _KEY_BYTES or len(set(key)) < 8:  # noqa: PLR2004 - a key of one repeated byte is no key
        raise ValueError("must be 32 random bytes in base64url")
    return value


def _postgres(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return value


def _redis(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return value


def _places(value: Path) -> Path:
    try:
        check_places(value)
    except BrokenPlaces as error:
        raise ValueError(str(error)) from error
    return value


def _allowance(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return networks.read(value)
    except ValueError as error:
        raise ValueError("must name networks, like 10.1.0.0/16 or 10.1.0.0/16:8080-8090") from error


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Allowances = Annotated[tuple[Annotated[Allowance, BeforeValidator(_allowance)], ...], BeforeValidator(_words)]
Secret = Annotated[SecretStr, AfterValidator(_one_secret)]
PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
PlacesPath = Annotated[Path, AfterValidator(_places)]
EncryptionKey = Annotated[SecretStr, AfterValidator(_one_key)]


class Settings(BaseSettings):
    """The installation's settings. Field names are the variables' names in lower case; see ``VARIABLES``."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    # development | test | production: production refuses what is only fit for a laptop.
    env: Literal["development", "test", "production"] = Field("production", alias="PORTICO_ENV")
    # Logs in as a role that owns nothing; row-level security binds it.
    database_url: PostgresUrl = Field(alias="DATABASE_URL")
    # The owner of the schema; only migrations, the seed and `tenant create` need it.
    database_migration_url: PostgresUrl | None = Field(None, alias="DATABASE_MIGRATION_URL")
    # The fast half: limits, the blacklist, queues. Nothing true rests only here.
    redis_url: RedisUrl = Field(alias="REDIS_URL")
    # Signs the CSRF token's cookie and list cursors.
    secret_key: Secret = Field(alias="PORTICO_SECRET_KEY")
    # Older secret keys that are still accepted, newest first.
    secret_key_fallbacks: Annotated[tuple[Secret, ...], BeforeValidator(_words)] = Field(
        (), alias="PORTICO_SECRET_KEY_FALLBACKS"
    )
    # 32 bytes each in base64url, newest first: encrypt signing keys and refresh family secrets at rest.
    encryption_keys: Annotated[tuple[EncryptionKey, ...], BeforeValidator(_words), Field(min_length=1)] = Field(
        alias="PORTICO_ENCRYPTION_KEYS"
    )
    # Links are built from it and never from a request's headers; its host is the base domain.
    base_url: str = Field("http://localhost:8000", alias="PORTICO_BASE_URL", pattern=r"^https?://[a-z0-9.\-:\[\]]+$")
    # How many proxies stand before us and set X-Forwarded-For and X-Forwarded-Proto.
    trusted_proxies: int = Field(0, alias="PORTICO_TRUSTED_PROXIES", ge=0, le=10)
    # Where the embedded servers, the development mailbox and process sockets live.
    data_dir: Path = Field(Path("var"), alias="PORTICO_DATA_DIR")
    # The address the web server listens on: loopback, unless something outside this machine has to reach it.
    host: str = Field("127.0.0.1", alias="PORTICO_HOST", pattern=r"^[0-9a-fA-F:.]+$")
    # The port the web server listens on.
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    # console prints and keeps mail for /dev/mailbox; smtp hands it to a relay.
    email_provider: Literal["console", "smtp"] = Field("console", alias="EMAIL_PROVIDER")
    # The From address of every mail.
    email_from: str = Field("Portico <no-reply@localhost>", alias="EMAIL_FROM", pattern=r"^[^\r\n]+$")
    smtp_host: str = Field("localhost", alias="SMTP_HOST")  # the relay
    smtp_port: int = Field(587, alias="SMTP_PORT", ge=1, le=65535)  # its port
    smtp_username: str = Field("", alias="SMTP_USERNAME")  # empty: no authentication
    smtp_password: SecretStr = Field(SecretStr(""), alias="SMTP_PASSWORD")  # with the username
    smtp_tls: Literal["starttls", "implicit", "none"] = Field("starttls", alias="SMTP_TLS")  # how it is protected
    # Argon2id: memory in KiB, passes, lanes. Stored hashes are renewed at sign-in when these change.
    argon2_memory_kib: int = Field(19456, alias="ARGON2_MEMORY_KIB", ge=8, le=4_194_304)
    argon2_time: int = Field(2, alias="ARGON2_TIME", ge=1, le=16)  # passes
    argon2_parallelism: int = Field(1, alias="ARGON2_PARALLELISM", ge=1, le=16)  # lanes
    # How many password hashes are computed at once on this machine; 0 means one for each core.
    hash_workers: int = Field(0, alias="HASH_WORKERS", ge=0, le=256)
    # A MaxMind database of cities or countries; unset: nobody is told a place, and risk knows none.
    geoip_db_path: Annotated[PlacesPath | None, BeforeValidator(_unless_empty)] = Field(None, alias="GEOIP_DB_PATH")
    # Whether new passwords are looked up among those that have leaked: five of the forty digits of their SHA-1 leave.
    hibp_enabled: bool = Field(False, alias="HIBP_ENABLED")
    # Have I Been Pwned, or a mirror of its range API.
    hibp_url: str = Field(
        "https://api.pwnedpasswords.com",
        alias="HIBP_URL",
        pattern=r"^https?://[A-Za-z0-9.\-:\[\]]+(/[A-Za-z0-9._~\-/]*)?$",
    )
    # What applications' own addresses may reach besides the public internet by https, also by http.
    outbound_allow: Allowances = Field((), alias="PORTICO_OUTBOUND_ALLOW")
    # How long a worker may take over one promise before another takes it over, in seconds.
    outbox_lease_seconds: int = Field(30, alias="OUTBOX_LEASE_SECONDS", ge=2, le=3600)
    # Multiplies every rate limit, not lockout.
    rate_limit_scale: float = Field(1.0, alias="PORTICO_RATE_LIMIT_SCALE", gt=0)
    # Serves /metrics on a port of its own; 0: not.
    metrics_port: int = Field(0, alias="METRICS_PORT", ge=0, le=65535)
    # Serves /metrics to callers that send this as a bearer token; unset: not.
    metrics_token: Secret | None = Field(None, alias="METRICS_TOKEN")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = Field(
        "INFO", alias="LOG_LEVEL"
    )  # what is logged
    web_workers: int = Field(2, alias="WEB_WORKERS", ge=1, le=64)  # web processes
    # Threads in each that answer requests. More than cores: whoever waits for a hash holds one.
    web_threads: int = Field(16, alias="WEB_THREADS", ge=1, le=64)
    # granian is the default; gunicorn is the tested fallback.
    web_server: Literal["granian", "gunicorn"] = Field("granian", alias="WEB_SERVER")

    SECRETS: ClassVar[frozenset[str]] = frozenset(
        {
            "DATABASE_URL",
            "DATABASE_MIGRATION_URL",
            "REDIS_URL",
            "PORTICO_SECRET_KEY",
            "PORTICO_SECRET_KEY_FALLBACKS",
            "PORTICO_ENCRYPTION_KEYS",
            "SMTP_PASSWORD",
            "METRICS_TOKEN",
        }
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what ``load`` hands over: the environment is read by the three entry points and nowhere else."""
        return (init_settings,)

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.env != "production":
            return self
        wrong = [
            (urlsplit(self.base_url).scheme != "https", "PORTICO_BASE_URL must be https in production"),
            (self.hibp_enabled and not self.hibp_url.startswith("https:"), "HIBP_URL must be https in production"),
            (self.email_provider == "console", "EMAIL_PROVIDER may not be console in production"),
            (self.rate_limit_scale > _HIGHEST_SCALE_IN_PRODUCTION, "PORTICO_RATE_LIMIT_SCALE may not exceed 10"),
            (
                any(one.reaches_this_machine for one in self.outbound_allow),
                "PORTICO_OUTBOUND_ALLOW may not name this machine or its link in production",
            ),
            (_weak_argon2(self), "ARGON2_* are below 12 MiB and 3 passes, 19 MiB and 2, or 46 MiB and 1"),
        ]
        if found := [sentence for is_wrong, sentence in wrong if is_wrong]:
            raise ValueError("; ".join(found))
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies can carry ``__Host-`` and ``Secure``."""
        return self.base_url.startswith("https://")

    @property
    def hash_processes(self) -> int:
        """How many hashes may be computed at once on this machine: never more than cores."""
        return self.hash_workers or os.cpu_count() or 1

    @property
    def base_host(self) -> str:
        """The base domain, without a port."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def encryption_key_bytes(self) -> tuple[bytes, ...]:
        return tuple(base64.urlsafe_b64decode(key.get_secret_value() + "==") for key in self.encryption_keys)

    def tenant_url(self, slug: str) -> str:
        """The origin of a tenant, which is also its issuer. ``platform`` lives on the base domain itself."""
        if slug == "platform":
            return self.base_url
        scheme, _, host = self.base_url.partition("://")
        return f"{scheme}://{slug}.{host}"


# Stand in for what is missing, only to look at the rest.
_FILLINGS = {
    "DATABASE_URL": "postgresql://",
    "REDIS_URL": "redis://",
    "PORTICO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
    "PORTICO_ENCRYPTION_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
}
VARIABLES: dict[str, str] = {str(field.alias): name for name, field in Settings.model_fields.items()}


def _weak_argon2(settings: Settings) -> bool:
    """OWASP ASVS 5.0, appendix C: the floors for Argon2id."""
    memory, passes = settings.argon2_memory_kib, settings.argon2_time
    return not (
        (memory >= 47104 and passes >= 1)  # noqa: PLR2004 - the three floors of appendix C
        or (memory >= 19456 and passes >= 2)  # noqa: PLR2004
        or (memory >= 12288 and passes >= 3)  # noqa: PLR2004
    )


def load(environ: Mapping[str, str]) -> Settings:
    """The settings in ``environ``; a secret may also come as a file, by ``NAME_FILE``. Raises ``BadSettings``."""
    values: dict[str, str] = {}
    wrong: list[str] = []
    for variable in VARIABLES:
        if variable in environ:
            values[variable] = environ[variable]
        elif variable in Settings.SECRETS and (file := environ.get(f"{variable}_FILE")):
            try:
                values[variable] = Path(file).read_text().strip()
            except OSError as error:
                wrong.append(f"{variable}_FILE: {error.strerror}")
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong += [_sentence(found) for found in error.errors(include_input=False, include_url=False)]
        wrong += _unfit_besides(values, {str(found["loc"][0]) for found in error.errors() if found["loc"]})
        raise BadSettings("\n".join(wrong)) from None
    if wrong:
        raise BadSettings("\n".join(wrong))
    return settings


def _unfit_besides(values: Mapping[str, str], bad: set[str]) -> list[str]:
    """What production would refuse besides the variables that are plainly wrong: people mend all of it at once."""
    sound = {name: value for name, value in values.items() if name not in bad}
    fillings = {name: _FILLINGS[name] for name in bad if name in _FILLINGS}
    try:
        Settings(**sound, **fillings)  # type: ignore[arg-type]
    except ValidationError as error:
        return [_sentence(found) for found in error.errors(include_input=False, include_url=False) if not found["loc"]]
    return []


def _sentence(found: Any) -> str:
    where = ".".join(str(part) for part in found["loc"])
    said = found["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
