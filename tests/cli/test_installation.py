"""``portico migrate``, ``seed``, ``config check``, ``doctor``; and how commands fail."""

import json

import psycopg
import pytest

from app.storage import migrate

# One by way of a unit, one by way of the driver, one as the owner.
COMMANDS = (("tenant", "list"), ("tenant", "suspend", "acme"), ("migrate",))


def test_an_empty_database_is_migrated_and_seeded_and_both_may_be_repeated(portico, empty):
    for _ in range(2):
        assert portico("migrate", **empty).json == {"revision": migrate.head()}
    assert [tenant["slug"] for tenant in portico("tenant", "list", **empty).json] == ["platform"]
    for _ in range(2):
        assert portico("seed", **empty).code == 0
    assert [tenant["slug"] for tenant in portico("tenant", "list", **empty).json] == ["acme", "globex", "platform"]
    checks = {check["check"]: check["well"] for check in portico("doctor", **empty).json}
    assert all(checks.values()), checks
    assert {"database", "migrations", "redis", "role", "clock", "outbox"} <= set(checks)


def test_the_demos_application_keeps_its_secret_moves_with_its_port_and_gets_another_where_that_is_lost(
    portico, empty, tmp_path
):
    def seeded(port):
        assert portico("seed", **where, DEMO_APP_PORT=port).code == 0
        return json.loads(file.read_text())

    def registered():
        with psycopg.connect(empty["DATABASE_MIGRATION_URL"]) as owner:
            rows = owner.execute("SELECT id::text, redirect_uris FROM applications WHERE name = 'Acme Notes'")
            return rows.fetchall()

    where, file = {**empty, "PORTICO_DATA_DIR": str(tmp_path)}, tmp_path / "demo-app.json"
    portico("migrate", **where)
    first = seeded("8080")
    assert seeded("8080") == first
    assert seeded("8090") == first
    assert registered() == [(first["client_id"], ["http://127.0.0.1:8090/callback"])]

    file.unlink()
    second = seeded("8080")

    assert second["client_id"] == first["client_id"]
    assert second["client_secret"] != first["client_secret"]
    assert len(registered()) == 1


def test_the_demo_is_never_seeded_in_production(portico, variables):
    refused = portico(
        "seed",
        PORTICO_ENV="production",
        PORTICO_BASE_URL="https://portal.example",
        EMAIL_PROVIDER="smtp",
        PORTICO_RATE_LIMIT_SCALE="1",
        ARGON2_MEMORY_KIB="19456",
        ARGON2_TIME="2",
    )
    assert refused.code != 0
    assert "production" in refused.lines[-1]


def test_the_doctor_finds_a_superuser(portico, database_urls):
    found = portico("doctor", DATABASE_URL=database_urls[0])
    assert found.code == 1
    (role,) = [check for check in found.json if check["check"] == "role"]
    assert role["well"] is False
    assert "superuser" in role["said"]


@pytest.mark.parametrize(
    ("change", "ill"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, {"redis"}),
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, {"database", "migrations", "role", "clock", "outbox"}),
    ],
)
def test_the_doctor_names_what_does_not_answer(portico, change, ill):
    found = portico("doctor", **change)
    assert found.code == 1
    said = {check["check"]: check["said"] for check in found.json if not check["well"]}
    assert set(said) == ill
    if "database" in ill:
        assert said.pop("database") == "does not answer"
        assert set(said.values()) == {"not checked: no database"}


def test_the_doctor_finds_a_database_that_was_not_migrated(portico, empty):
    found = portico("doctor", **empty)
    assert found.code == 1
    assert "migrations" in {check["check"] for check in found.json if not check["well"]}


def test_a_good_configuration_is_shown_without_its_secrets(portico, variables):
    shown = portico("config", "check")
    assert shown.code == 0
    assert shown.json["PORTICO_BASE_URL"] == "http://portal.test"
    assert shown.json["PORTICO_SECRET_KEY"] == shown.json["DATABASE_URL"] == "(set)"
    for secret in ("PORTICO_SECRET_KEY", "PORTICO_ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL"):
        assert variables[secret] not in shown.out


def test_everything_that_is_wrong_is_named_at_once(portico):
    wrong = {
        "PORTICO_SECRET_KEY": "short",
        "PORTICO_ENCRYPTION_KEYS": "AAAA",
        "DATABASE_URL": "mysql://x",
        "REDIS_URL": "http://x",
        "PORTICO_BASE_URL": "portal.test",
        "PORT": "99999",
        "LOG_LEVEL": "LOUD",
        "WEB_WORKERS": "none",
    }
    refused = portico("config", "check", as_json=False, **wrong)
    assert refused.code == 1
    for variable in wrong:
        assert variable in refused.err
    for value in ("mysql://x", "LOUD", "AAAA"):
        assert value not in refused.err, "what was typed may be a secret in the wrong place"


def test_what_production_refuses_is_named_together_with_what_is_missing(portico):
    """Section 3: names all of them at once, not in two rounds."""
    refused = portico("config", "check", as_json=False, PORTICO_ENV="production", DATABASE_URL=None)
    assert refused.code == 1
    for word in ("DATABASE_URL", "PORTICO_BASE_URL", "EMAIL_PROVIDER", "PORTICO_RATE_LIMIT_SCALE", "ARGON2"):
        assert word in refused.err


def test_a_secret_may_come_from_a_file(portico, tmp_path, variables):
    file = tmp_path / "key"
    file.write_text(variables["PORTICO_SECRET_KEY"] + "\n")
    shown = portico("config", "check", PORTICO_SECRET_KEY=None, PORTICO_SECRET_KEY_FILE=str(file))
    assert shown.json["PORTICO_SECRET_KEY"] == "(set)"
    missing = portico("config", "check", PORTICO_SECRET_KEY=None, PORTICO_SECRET_KEY_FILE=str(tmp_path / "none"))
    assert missing.code == 1
    assert "PORTICO_SECRET_KEY_FILE" in missing.err


@pytest.mark.parametrize(
    "command", [("tenant", "list"), ("migrate",), ("web",), ("worker",), ("scheduler",), ("doctor",)]
)
def test_a_bad_configuration_stops_every_command_with_its_name(portico, command):
    refused = portico(*command, PORTICO_SECRET_KEY="short")
    assert refused.code == 1
    assert '"bad_settings"' in refused.err
    assert "PORTICO_SECRET_KEY" in refused.err
    assert len(refused.lines) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_database_every_command_fails_in_one_line(portico, command):
    away = "postgresql://x@127.0.0.1:1/x?connect_timeout=1"
    refused = portico(*command, DATABASE_URL=away, DATABASE_MIGRATION_URL=away)
    assert refused.code == 1
    assert len(refused.lines) == 1, refused.lines[-3:]


@pytest.mark.parametrize("command", [("tenant", "list"), ("tenant", "create", "x2", "--name", "X")], ids=" ".join)
def test_on_a_database_that_was_not_migrated_a_command_says_so_in_one_line(portico, empty, command):
    refused = portico(*command, **empty)
    assert refused.code == 1
    assert len(refused.lines) == 1, refused.lines[-3:]
    assert "migrate" in refused.lines[0]
