import os
import signal
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest

from app.embedded._process import StartError, alive, until


def value(url, statement):
    with psycopg.connect(url, autocommit=True) as db:
        return db.execute(statement).fetchone()[0]


def test_the_login_role_logs_in_and_owns_nothing(tmp_path, start_postgres):
    server = start_postgres(tmp_path)
    for _ in range(2):
        server.ensure_database("portico")
        server.ensure_login_role("it's @ secret/word?")
    url = server.login_url("portico", "it's @ secret/word?")

    assert value(url, "SELECT current_user") == "portico_login"
    assert not value(
        server.owner_url(),
        "SELECT rolsuper OR rolinherit OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        " OR rolpassword IS NULL FROM pg_authid WHERE rolname = 'portico_login'",
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(url) as db:
        db.execute("CREATE TABLE mine ()")


def test_it_listens_on_a_private_socket_only(tmp_path, start_postgres):
    server = start_postgres(tmp_path)

    assert value(server.owner_url("postgres"), "SHOW listen_addresses") == ""
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700


def test_settings_go_over_ours(tmp_path, start_postgres):
    url = start_postgres(tmp_path).owner_url("postgres")

    assert [value(url, f"SHOW {name}") for name in ("fsync", "max_connections", "server_version_num")][:2] == [
        "off",
        "200",
    ]
    assert value(url, "SHOW server_version").startswith("18.")


def test_a_second_start_finds_the_one_that_runs_and_a_stop_keeps_the_data(tmp_path, start_postgres):
    first = start_postgres(tmp_path)
    first.ensure_database("kept")
    assert start_postgres(tmp_path).pid == first.pid

    first.stop()
    first.stop()
    assert not (tmp_path / "postgres/postmaster.pid").exists()

    assert value(start_postgres(tmp_path).owner_url("kept"), "SELECT current_database()") == "kept"


def test_it_recovers_from_a_crash_whose_process_number_is_somebody_elses_now(tmp_path, start_postgres):
    server = start_postgres(tmp_path)
    server.ensure_database("kept")
    pid_file = tmp_path / "postgres/postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    os.kill(server.pid, signal.SIGKILL)
    assert until(lambda: not alive(server.pid), seconds=5)
    pid_file.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))

    assert value(start_postgres(tmp_path).owner_url("kept"), "SELECT current_database()") == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
def test_a_closed_home_directory_is_opened_for_passing_through_and_no_further(tmp_path, start_postgres):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    start_postgres(home / "portico" / "var")

    assert stat.S_IMODE(home.stat().st_mode) == 0o701


def test_a_path_too_long_for_a_socket_gets_a_private_short_one(tmp_path, start_postgres):
    server = start_postgres(tmp_path / ("long" * 20))

    assert server.sockets.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert value(server.owner_url("postgres"), "SELECT 1") == 1
    server.stop()
    assert not server.sockets.exists()


def test_data_of_another_version_are_refused_in_one_line(tmp_path, start_postgres):
    start_postgres(tmp_path).stop()
    (tmp_path / "postgres/PG_VERSION").write_text("16\n")

    with pytest.raises(StartError, match="was made by PostgreSQL 16, this is 18"):
        start_postgres(tmp_path)
