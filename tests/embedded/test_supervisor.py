import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest

from app.embedded import postgres, redis
from app.embedded._process import alive, until

# All roles in one: each notes that it ran and with which process, and web answers /readyz.
PORTAL = """
    import http.server, os, pathlib, sys, time
    role, notes = sys.argv[1], pathlib.Path(os.environ["NOTES"])
    with (notes / "order").open("a") as order:
        order.write(role + chr(10))
    (notes / role).write_text(str(os.getpid()))
    if role == os.environ.get("FAILS"):
        sys.exit(3)
    if role == "seed":
        import psycopg
        with psycopg.connect(os.environ["DATABASE_MIGRATION_URL"]) as db:
            db.execute("CREATE TABLE IF NOT EXISTS seeds (at timestamptz DEFAULT now())")
            db.execute("INSERT INTO seeds DEFAULT VALUES")
        from app.embedded import demo_app
        demo_app.keep(pathlib.Path(os.environ["PORTICO_DATA_DIR"]), client_id="notes", client_secret="hush")

    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/readyz" else 404)
            self.end_headers()

    if role == "web":
        http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
    while role in ("worker", "scheduler"):
        time.sleep(1)
"""
RUN = """
    import os, sys
    from app.embedded import supervisor
    sys.exit(supervisor.run(os.environ, command=[sys.executable, os.environ["PORTAL"]]))
"""


class Portal:
    """A supervisor in a process of its own, on ``home``."""

    def __init__(self, home: Path) -> None:
        self.home, self.data_dir = home, home / "var"
        self.port = free_port()
        (home / "portal.py").write_text(textwrap.dedent(PORTAL))
        self.started: list[subprocess.Popen[str]] = []

    def start(self, **environ):
        for role in ("web", "worker", "scheduler"):
            (self.home / role).unlink(missing_ok=True)
        command = [sys.executable, "-c", textwrap.dedent(RUN)]
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "REDIS", "PORTICO"))
        }
        ours = {
            "PORTICO_DATA_DIR": self.data_dir,
            "PORT": self.port,
            "PORTAL": self.home / "portal.py",
            "NOTES": self.home,
            "DEMO_APP_PORT": 0,
        }
        env |= {name: str(value) for name, value in {**ours, **environ}.items()}
        with (self.home / "said").open("a") as said:
            self.started.append(subprocess.Popen(command, env=env, stdout=said, stderr=said, text=True))
        return self.started[-1]

    def running(self):
        """Wait until it says that it runs, then tell what it says."""
        process = self.started[-1]
        assert until(lambda: (self.data_dir / "run.json").exists() or process.poll() is not None, seconds=60)
        assert process.poll() is None, self.said
        return json.loads((self.data_dir / "run.json").read_text())

    def pid(self, role):
        note = self.home / role
        assert until(lambda: note.exists() and note.read_text() != "", seconds=30)
        return int(note.read_text())

    @property
    def said(self):
        return (self.home / "said").read_text()

    def end(self):
        for process in self.started:
            process.terminate()
            process.wait(60)
        if self.data_dir.exists():  # a killed one leaves these behind
            postgres.start(self.data_dir).stop()
            redis.start(self.data_dir).stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def portal(tmp_path):
    portal = Portal(tmp_path)
    yield portal
    portal.end()


def test_sigterm_ends_everything_and_the_next_run_finds_the_data_again(portal):
    for seeds in (1, 2):
        process = portal.start()
        facts = portal.running()
        with psycopg.connect(facts["database_migration_url"]) as db:
            assert db.execute("SELECT count(*) FROM seeds").fetchone() == (seeds,)
        with psycopg.connect(facts["database_url"]) as db:
            assert db.execute("SELECT current_user").fetchone() == ("portico_login",)
        pids = [portal.pid(role) for role in ("web", "worker", "scheduler")]
        databases = [
            int((portal.data_dir / path).read_text().split()[0]) for path in ("postgres/postmaster.pid", "redis/pid")
        ]
        assert all(map(alive, [*pids, *databases]))

        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0, portal.said
        assert not any(map(alive, [*pids, *databases]))
        assert not (portal.data_dir / "run.json").exists()
    assert (portal.home / "order").read_text().split()[:2] == ["migrate", "seed"]
    assert f"http://acme.localhost:{portal.port}/dev/mailbox" in portal.said


def test_run_json_says_where_everything_is_to_its_owner_alone(portal):
    process = portal.start()
    facts = portal.running()

    assert facts["base_url"] == f"http://localhost:{portal.port}"
    assert facts["tenants"]["acme"] == f"http://acme.localhost:{portal.port}"
    assert facts["pid"] == process.pid
    assert (portal.data_dir / "run.json").stat().st_mode & 0o777 == 0o600


def test_a_worker_and_a_redis_that_die_are_started_again(portal):
    portal.start()
    facts = portal.running()
    worker, server = portal.pid("worker"), int((portal.data_dir / "redis/pid").read_text())

    os.kill(worker, signal.SIGKILL)
    os.kill(server, signal.SIGKILL)

    assert until(lambda: portal.pid("worker") != worker and alive(portal.pid("worker")), seconds=30)
    assert "worker ended unexpectedly (SIGKILL)" in portal.said
    assert until(lambda: redis.start(portal.data_dir).pid != server, seconds=30)
    assert redis.start(portal.data_dir).url == facts["redis_url"]


def test_children_end_with_a_killed_supervisor_and_the_next_one_takes_over_its_databases(portal):
    process = portal.start()
    portal.running()
    children = [portal.pid(role) for role in ("web", "worker", "scheduler")]
    server = (portal.data_dir / "postgres/postmaster.pid").read_text()

    process.kill()
    process.wait()
    (portal.data_dir / "run.json").touch()
    assert until(lambda: not any(map(alive, children)), seconds=30)
    portal.start()
    assert until(lambda: portal.running()["pid"] == portal.started[-1].pid, seconds=60)

    assert (portal.data_dir / "postgres/postmaster.pid").read_text() == server


def test_a_second_one_on_the_same_data_and_a_taken_port_are_one_line_each(portal):
    portal.start()
    portal.running()
    assert portal.start(PORT=free_port()).wait(60) == 1
    assert portal.start(PORTICO_DATA_DIR=portal.home / "other").wait(60) == 1

    *_, second, third = portal.said.splitlines()
    assert second.startswith("portico: it runs already on")
    assert third == f"portico: port {portal.port} is in use: stop what listens there, or set PORT to another one"
    assert portal.started[0].poll() is None


@pytest.mark.parametrize("role", ["migrate", "web"])
def test_a_start_that_fails_says_so_and_leaves_nothing_running(portal, role):
    assert portal.start(FAILS=role).wait(60) == 1

    assert f"{role}" in portal.said.splitlines()[-1] + portal.said.splitlines()[-2]
    assert not (portal.data_dir / "postgres/postmaster.pid").exists()
    assert not (portal.data_dir / "redis/pid").exists()


def test_an_owners_address_is_used_for_migrations_and_the_login_role_is_made_there(portal, tmp_path, start_postgres):
    server = start_postgres(tmp_path / "elsewhere")
    server.ensure_database("theirs")

    portal.start(DATABASE_URL=server.owner_url("theirs"))
    facts = portal.running()

    assert facts["database_migration_url"] == server.owner_url("theirs")
    assert "portico_login:" in facts["database_url"]
    with psycopg.connect(facts["database_url"]) as db:
        assert db.execute("SELECT current_user, current_database()").fetchone() == ("portico_login", "theirs")
    assert not (portal.data_dir / "postgres").exists()
