import os
import signal
import socket
import stat

import pytest
from redis import Redis

from app.embedded._process import StartError


@pytest.fixture
def talk():
    """Connect to a server, and hang up afterwards."""
    clients = []

    def connect(server):
        clients.append(Redis.from_url(server.url, decode_responses=True))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def test_it_listens_on_loopback_only_and_keeps_its_files_to_itself(tmp_path, start_redis, talk):
    server = start_redis(tmp_path)

    assert server.url == f"redis://127.0.0.1:{server.port}/0"
    assert talk(server).config_get("bind") == {"bind": "127.0.0.1"}
    assert talk(server).info("server")["process_id"] == server.pid
    assert stat.S_IMODE((tmp_path / "redis").stat().st_mode) == 0o700


def test_a_stop_keeps_the_data_and_the_port(tmp_path, start_redis, talk):
    first = start_redis(tmp_path)
    talk(first).set("kept", "yes")
    first.stop()
    first.stop()
    assert not first.running

    second = start_redis(tmp_path)
    assert (second.url, talk(second).get("kept")) == (first.url, "yes")


def test_a_second_start_finds_the_one_that_runs(tmp_path, start_redis):
    first = start_redis(tmp_path)
    again = start_redis(tmp_path)
    assert (again.pid, again.url) == (first.pid, first.url)

    again.stop()  # not its child, and still ended cleanly
    assert not first.running


def test_after_a_crash_it_starts_again_although_its_pid_file_is_there(tmp_path, start_redis):
    first = start_redis(tmp_path)
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    (tmp_path / "redis/pid").write_text(f"{os.getpid()}\n")

    assert start_redis(tmp_path).pid != first.pid


def test_a_port_that_somebody_has_taken_is_chosen_anew(tmp_path, start_redis):
    first = start_redis(tmp_path)
    first.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        assert start_redis(tmp_path).port != first.port


def test_a_port_that_was_asked_for_is_not(tmp_path, start_redis):
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        with pytest.raises(StartError, match="does not start on port"):
            start_redis(tmp_path, port=somebody.getsockname()[1])


def test_without_durability_nothing_is_written(tmp_path, start_redis, talk):
    server = start_redis(tmp_path, durable=False)
    talk(server).set("gone", "yes")
    server.stop()

    assert talk(start_redis(tmp_path, durable=False)).get("gone") is None
