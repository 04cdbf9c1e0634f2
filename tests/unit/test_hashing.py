"""Hashing, here and in processes apart."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import hashing
from app.hashing import Apart, Argon2

MEMORY, PASSES = 8, 1
PHRASE = "correct horse battery staple"


class Unused:
    """Stands in for computing here, and notices when it is asked to."""

    def __init__(self, real):
        self.real, self.asked = real, 0
        self.is_stale, self.recipe = real.is_stale, real.recipe

    def hash(self, password):
        self.asked += 1
        return self.real.hash(password)

    def matches(self, hashed, password):
        self.asked += 1
        return self.real.matches(hashed, password)

    def derive(self, password, recipe):
        self.asked += 1
        return self.real.derive(password, recipe)


@pytest.fixture
def argon2():
    return Argon2(memory_kib=MEMORY, passes=PASSES, lanes=1, at_once=2)


@pytest.fixture
def hashers(tmp_path):
    """Two hashing processes on one socket, as ``portico web`` starts them."""
    line = hashing.listen(tmp_path / "hash.sock")
    command = [sys.executable, "-P", hashing.__file__, str(line.fileno()), str(MEMORY), str(PASSES), "1"]
    started = [subprocess.Popen(command, env={}, pass_fds=[line.fileno()]) for _ in range(2)]
    yield started
    for child in started:
        child.kill()
        child.wait()
    line.close()


@pytest.fixture
def apart(tmp_path, argon2):
    waiting = []
    asks = Apart(here=Unused(argon2), path=tmp_path / "hash.sock", waiting=waiting.append)
    asks.waited = waiting
    return asks


def _ready(apart):
    """The processes take a moment to import."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        before = apart._here.asked
        apart.hash("are you there")
        if apart._here.asked == before:
            apart._here.asked = 0
            apart.waited.clear()
            return
        time.sleep(0.05)
    pytest.fail("the hashing processes do not answer")


def test_the_processes_compute_and_we_do_not(hashers, apart, argon2):
    _ready(apart)
    hashed = apart.hash(PHRASE)
    assert apart.matches(hashed, PHRASE) is True
    assert apart.matches(hashed, "wrong") is False
    assert argon2.matches(hashed, PHRASE)
    assert apart._here.asked == 0
    assert sum(apart.waited) == 0
    assert len(apart.waited) == 6


def test_what_is_not_ascii_or_long_survives_the_way(hashers, apart):
    _ready(apart)
    for phrase in ("Žluťoučký kůň 🐴", "x" * 256, "🐴" * 256, "\x00", '"\\', ""):
        hashed = apart.hash(phrase)
        assert apart.matches(hashed, phrase)
        assert not apart.matches(hashed, phrase + "x")
    assert apart._here.asked == 0


def test_many_at_once_are_all_answered(hashers, apart):
    _ready(apart)
    hashed = apart.hash(PHRASE)
    with ThreadPoolExecutor(16) as threads:
        phrases = [PHRASE if number % 2 else f"wrong {number}" for number in range(100)]
        assert list(threads.map(lambda phrase: apart.matches(hashed, phrase), phrases)) == [False, True] * 50
    assert apart._here.asked == 0


def test_with_nobody_there_it_is_computed_here(apart):
    hashed = apart.hash(PHRASE)
    assert apart.matches(hashed, PHRASE)
    assert apart._here.asked == 2
    assert sum(apart.waited) == 0


def test_when_the_processes_have_gone_it_is_computed_here(hashers, apart):
    _ready(apart)
    hashed = apart.hash(PHRASE)
    for child in hashers:
        child.kill()
        child.wait()
    apart_patience, hashing._PATIENCE_S = hashing._PATIENCE_S, 0.3
    try:
        assert apart.matches(hashed, PHRASE)
    finally:
        hashing._PATIENCE_S = apart_patience
    assert apart._here.asked == 1


def test_one_killed_in_the_middle_is_made_up_for(hashers, apart):
    _ready(apart)
    hashed = apart.hash(PHRASE)
    hashers[0].kill()
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: apart.matches(hashed, PHRASE), range(50)))


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b'{"matches": 7}', b'{"hash": null}', b"\xff"])
def test_a_garbled_question_ends_no_process(hashers, apart, tmp_path, garbage):
    _ready(apart)
    for _ in range(4):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.connect(str(tmp_path / "hash.sock"))
            if garbage:
                line.send(garbage)
    time.sleep(0.2)
    assert [child.poll() for child in hashers] == [None, None]
    assert apart.hash(PHRASE)


def test_only_our_own_user_may_ask(hashers, tmp_path):
    assert (tmp_path / "hash.sock").stat().st_mode & 0o777 == 0o600
