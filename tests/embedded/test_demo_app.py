"""The demo's relying application beside the portal: it runs, is mended, and is left out where it cannot run."""

import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from app.embedded import demo_app
from app.embedded._process import StartError, alive, until
from tests.embedded.test_supervisor import free_port, portal  # noqa: F401 - a fixture


def answers(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def pid_of(port):
    """Who listens there, by what the kernel says."""
    wanted = f"0100007F:{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(row[9] for row in rows if row[1] == wanted and row[3] == "0A")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                return int(descriptor.parts[2])
        except OSError:
            continue
    return 0


def test_it_runs_beside_the_portal_is_started_again_and_ends_with_it(portal):  # noqa: F811
    port = free_port()
    process = portal.start(DEMO_APP_PORT=port)
    url = portal.running()["demo_app"]

    assert url == f"http://127.0.0.1:{port}"
    assert until(lambda: f"http://acme.localhost:{portal.port}" in answers(url), seconds=30), portal.said
    assert url in portal.said
    first = pid_of(port)
    environ = Path(f"/proc/{first}/environ").read_bytes()
    assert b"CLIENT_SECRET=hush" in environ
    assert b"PORTICO" not in environ, "what the portal knows is not for an application"
    assert b"DATABASE" not in environ

    os.kill(first, signal.SIGKILL)
    assert until(lambda: answers(url), seconds=30), portal.said
    second = pid_of(port)
    assert second != first

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, portal.said
    assert not alive(second)


def test_a_port_that_is_taken_is_said_and_the_portal_runs_without_it(portal):  # noqa: F811
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        portal.start(DEMO_APP_PORT=port)

        assert portal.running()["demo_app"] is None
        assert f"http://127.0.0.1:{port} is in use, so the demo application is left out" in portal.said


def test_its_port_is_a_number_or_0_for_none():
    assert demo_app.url_of({}) == "http://127.0.0.1:8080"
    assert demo_app.url_of({"DEMO_APP_PORT": "0"}) is None
    for wrong in ("eighty", "65536", "-1"):
        with pytest.raises(StartError, match="DEMO_APP_PORT"):
            demo_app.url_of({"DEMO_APP_PORT": wrong})


def test_what_it_signs_in_with_is_kept_for_its_owner_alone_and_damage_is_absence(tmp_path):
    assert demo_app.kept(tmp_path) is None
    demo_app.keep(tmp_path, client_id="notes", client_secret="hush")

    assert demo_app.kept(tmp_path) == {"client_id": "notes", "client_secret": "hush"}
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    for damage in ("", "[]", "{}", "null"):
        file.write_text(damage)
        assert demo_app.kept(tmp_path) is None
