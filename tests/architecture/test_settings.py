"""Settings: read once, typed, and all that is wrong is named at once."""

import base64
import secrets

import pytest
from pydantic import ValidationError

from app.settings import VARIABLES, BadSettings, Settings, load

KEY = base64.urlsafe_b64encode(bytes(range(3, 35))).decode()
SECRET = "q8-Zt4_wLr2NvXk7bMhY3cJfPd9sGaUe"
GOOD = {
    "PORTICO_ENV": "production",
    "DATABASE_URL": "postgresql://portico_login:x@db/portico",
    "REDIS_URL": "redis://cache/0",
    "PORTICO_SECRET_KEY": SECRET,
    "PORTICO_ENCRYPTION_KEYS": KEY,
    "PORTICO_BASE_URL": "https://login.example.com",
    "EMAIL_PROVIDER": "smtp",
}


def said(**changes):
    with pytest.raises(BadSettings) as refused:
        load(GOOD | changes)
    return str(refused.value)


def test_production_starts_with_the_least_that_it_needs():
    settings = load(GOOD)
    assert settings.secure
    assert (settings.argon2_memory_kib, settings.argon2_time, settings.argon2_parallelism) == (19456, 2, 1)
    assert (settings.rate_limit_scale, settings.trusted_proxies) == (1.0, 0)


def test_nothing_said_is_production():
    assert load({name: value for name, value in GOOD.items() if name != "PORTICO_ENV"}).env == "production"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTICO_ENV", "staging"),
        ("DATABASE_URL", "mysql://db"),
        ("DATABASE_MIGRATION_URL", "db"),
        ("REDIS_URL", "http://cache"),
        ("PORTICO_SECRET_KEY", "short"),
        ("PORTICO_SECRET_KEY", "changeme" * 5),
        ("PORTICO_SECRET_KEY", "x" * 64),
        ("PORTICO_SECRET_KEY_FALLBACKS", "short"),
        ("PORTICO_ENCRYPTION_KEYS", ""),
        ("PORTICO_ENCRYPTION_KEYS", "AAAA"),
        ("PORTICO_ENCRYPTION_KEYS", base64.urlsafe_b64encode(bytes(32)).decode()),
        ("PORTICO_ENCRYPTION_KEYS", f"{KEY},nonsense"),
        ("PORTICO_BASE_URL", "login.example.com"),
        ("PORTICO_BASE_URL", "https://login.example.com/path"),
        ("PORTICO_BASE_URL", "https://user@login.example.com"),
        ("PORTICO_TRUSTED_PROXIES", "-1"),
        ("PORTICO_TRUSTED_PROXIES", "many"),
        ("PORTICO_HOST", "some host"),
        ("PORT", "0"),
        ("PORT", "eighty"),
        ("EMAIL_PROVIDER", "pigeon"),
        ("EMAIL_FROM", "a@b.example\r\nBcc: c@d.example"),
        ("SMTP_PORT", "99999"),
        ("SMTP_TLS", "maybe"),
        ("ARGON2_MEMORY_KIB", "lots"),
        ("ARGON2_TIME", "0"),
        ("ARGON2_PARALLELISM", "0"),
        ("GEOIP_DB_PATH", "/nowhere/places.mmdb"),
        ("HIBP_ENABLED", "perhaps"),
        ("HIBP_URL", "ftp://mirror.example"),
        ("HIBP_URL", "https://user@mirror.example"),
        ("HIBP_URL", "https://mirror.example/?a=b"),
        ("PORTICO_OUTBOUND_ALLOW", "10.1.0.0/99"),
        ("PORTICO_OUTBOUND_ALLOW", "10.1.0.0/16:0"),
        ("PORTICO_OUTBOUND_ALLOW", "10.1.0.0/16:90-80"),
        ("PORTICO_OUTBOUND_ALLOW", "intranet.example"),
        ("PORTICO_RATE_LIMIT_SCALE", "0"),
        ("METRICS_PORT", "-1"),
        ("METRICS_TOKEN", "short"),
        ("LOG_LEVEL", "LOUD"),
        ("WEB_WORKERS", "0"),
        ("WEB_THREADS", "x"),
        ("WEB_SERVER", "werkzeug"),
    ],
)
def test_a_bad_value_is_named_and_never_shown(variable, value):
    assert variable in said(**{variable: value})
    if len(value) > 6:
        assert value not in said(**{variable: value})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PORTICO_BASE_URL": "http://login.example.com"}, "PORTICO_BASE_URL"),
        ({"EMAIL_PROVIDER": "console"}, "EMAIL_PROVIDER"),
        ({"HIBP_ENABLED": "true", "HIBP_URL": "http://mirror.example"}, "HIBP_URL"),
        ({"PORTICO_OUTBOUND_ALLOW": "10.1.0.0/16 127.0.0.1:8080"}, "PORTICO_OUTBOUND_ALLOW"),
        ({"PORTICO_OUTBOUND_ALLOW": "0.0.0.0/0"}, "PORTICO_OUTBOUND_ALLOW"),
        ({"PORTICO_OUTBOUND_ALLOW": "169.254.169.254"}, "PORTICO_OUTBOUND_ALLOW"),
        ({"PORTICO_OUTBOUND_ALLOW": "::1"}, "PORTICO_OUTBOUND_ALLOW"),
        ({"PORTICO_RATE_LIMIT_SCALE": "11"}, "PORTICO_RATE_LIMIT_SCALE"),
        ({"ARGON2_MEMORY_KIB": "19455"}, "ARGON2"),
        ({"ARGON2_TIME": "1"}, "ARGON2"),
        ({"ARGON2_MEMORY_KIB": "12287", "ARGON2_TIME": "9"}, "ARGON2"),
    ],
)
def test_production_refuses_what_is_only_fit_for_a_laptop(changes, named):
    assert named in said(**changes)
    assert load(GOOD | changes | {"PORTICO_ENV": "development"})


@pytest.mark.parametrize(("memory", "passes"), [(47104, 1), (19456, 2), (12288, 3)])
def test_the_three_floors_of_argon2_are_enough(memory, passes):
    assert load(GOOD | {"ARGON2_MEMORY_KIB": str(memory), "ARGON2_TIME": str(passes)})


def test_everything_wrong_is_named_at_once():
    with pytest.raises(BadSettings) as refused:
        load({"PORTICO_ENV": "production", "PORT": "x", "PORTICO_SECRET_KEY": "short"})
    for variable in ("DATABASE_URL", "REDIS_URL", "PORTICO_ENCRYPTION_KEYS", "PORT", "PORTICO_SECRET_KEY"):
        assert variable in str(refused.value)


def test_what_production_refuses_is_named_beside_what_is_plainly_wrong():
    text = said(PORT="x", PORTICO_BASE_URL="http://login.example.com", EMAIL_PROVIDER="console")
    assert all(variable in text for variable in ("PORT:", "PORTICO_BASE_URL", "EMAIL_PROVIDER"))


@pytest.mark.parametrize("variable", sorted(Settings.SECRETS))
def test_every_secret_may_come_as_a_file(tmp_path, variable):
    values = GOOD | {
        "DATABASE_MIGRATION_URL": "postgresql://owner@db/portico",
        "PORTICO_SECRET_KEY_FALLBACKS": SECRET,
        "SMTP_PASSWORD": "mail",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
    }
    path = tmp_path / "secret"
    path.write_text(values[variable] + "\n")
    by_file = {name: value for name, value in values.items() if name != variable} | {f"{variable}_FILE": str(path)}
    assert load(by_file) == load(values)
    with pytest.raises(BadSettings, match=f"{variable}_FILE"):
        load(by_file | {f"{variable}_FILE": str(tmp_path / "missing")})


def test_a_secret_is_shown_by_no_representation():
    assert SECRET not in repr(load(GOOD)) + str(load(GOOD).model_dump())


def test_settings_are_frozen_and_everything_that_is_secret_is_marked():
    with pytest.raises(ValidationError, match="frozen"):
        load(GOOD).port = 1
    marked = {name for name, field in VARIABLES.items() if "Secret" in str(Settings.model_fields[field].annotation)}
    marked |= {"PORTICO_ENCRYPTION_KEYS", "PORTICO_SECRET_KEY_FALLBACKS"}
    assert marked == Settings.SECRETS
