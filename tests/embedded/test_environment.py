import json
import os
import stat
import subprocess

import pytest

from app.embedded._process import StartError
from app.embedded.environment import LOGIN_PASSWORD, complete, given, secret_variables, secrets_for
from app.settings import load

RUNNING = {
    "base_url": "http://localhost:8123",
    "port": 8123,
    "database_url": "postgresql://portico_login:x@/portico?host=/run",
    "database_migration_url": "postgresql://postgres@/portico?host=/run",
    "redis_url": "redis://127.0.0.1:6399/0",
}


def running(data_dir, *, pid):
    secrets_for(data_dir)
    (data_dir / "run.json").write_text(json.dumps({**RUNNING, "pid": pid}))
    return {"PORTICO_DATA_DIR": str(data_dir), "HOME": "/home/ada"}


@pytest.fixture
def dead_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_secrets_are_made_once_and_only_we_can_read_them(tmp_path):
    made = secrets_for(tmp_path)

    assert secrets_for(tmp_path) == made
    assert set(made) == {"PORTICO_SECRET_KEY", "PORTICO_ENCRYPTION_KEYS", "METRICS_TOKEN", LOGIN_PASSWORD}
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert not set(made.values()) & set(secrets_for(tmp_path / "another").values())


def test_a_damaged_file_of_secrets_is_refused_and_left_alone(tmp_path):
    secrets_for(tmp_path)
    (tmp_path / "secrets.json").write_text("{")

    with pytest.raises(StartError, match="is damaged"):
        secrets_for(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{"


def test_a_secret_that_a_newer_version_needs_is_added_to_the_others(tmp_path):
    made = secrets_for(tmp_path)
    (tmp_path / "secrets.json").write_text(json.dumps({"METRICS_TOKEN": made["METRICS_TOKEN"]}))

    assert secrets_for(tmp_path)["METRICS_TOKEN"] == made["METRICS_TOKEN"]
    assert secrets_for(tmp_path)["PORTICO_SECRET_KEY"]


def test_a_command_finds_what_make_run_started(tmp_path):
    found = complete(running(tmp_path, pid=os.getpid()))
    settings = load(found)

    assert (settings.env, settings.port, settings.base_url) == ("development", 8123, "http://localhost:8123")
    assert settings.database_url.get_secret_value() == RUNNING["database_url"]
    assert settings.metrics_token is not None
    assert found["HOME"] == "/home/ada"
    assert LOGIN_PASSWORD not in found


def test_what_is_given_wins_by_value_or_by_file(tmp_path):
    environ = running(tmp_path, pid=os.getpid()) | {"REDIS_URL": "redis://mine/0", "PORTICO_SECRET_KEY_FILE": "/key"}
    found = complete(environ)

    assert found["REDIS_URL"] == "redis://mine/0"
    assert "PORTICO_SECRET_KEY" not in found


@pytest.mark.parametrize(
    "given_besides",
    [{"DATABASE_URL": "postgresql://mine/"}, {"DATABASE_URL_FILE": "/url"}, {"PORTICO_ENV": "production"}],
)
def test_a_named_database_or_production_is_left_as_it_is(tmp_path, given_besides):
    environ = running(tmp_path, pid=os.getpid()) | given_besides
    assert complete(environ) == environ


def test_a_supervisor_that_is_gone_is_not_believed(tmp_path, dead_pid):
    environ = running(tmp_path, pid=dead_pid)
    assert complete(environ) == environ


def test_where_nothing_ever_ran_nothing_is_made(tmp_path):
    environ = {"PORTICO_DATA_DIR": str(tmp_path / "var")}
    assert complete(environ) == environ
    assert not (tmp_path / "var").exists()


def test_a_variable_may_come_as_a_file(tmp_path):
    (tmp_path / "url").write_text("postgresql://mine/\n")

    assert given({"DATABASE_URL_FILE": str(tmp_path / "url")}, "DATABASE_URL") == "postgresql://mine/"
    assert given({}, "DATABASE_URL") is None
    with pytest.raises(StartError, match="DATABASE_URL_FILE: No such file"):
        given({"DATABASE_URL_FILE": str(tmp_path / "no")}, "DATABASE_URL")
    assert "METRICS_TOKEN" not in secret_variables({"METRICS_TOKEN": "mine"}, tmp_path)
