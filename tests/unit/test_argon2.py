"""Argon2id in this process."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import hashing
from app.hashing import Argon2

MEMORY, PASSES = 8, 1
PHRASE = "correct horse battery staple"


@pytest.fixture
def argon2():
    return Argon2(memory_kib=MEMORY, passes=PASSES, lanes=1, at_once=2)


def test_at_most_so_many_are_computed_at_once(argon2):
    """Each takes its memory: a storm of sign-ins must not take it all."""
    running, most, lock = [0], [0], threading.Lock()

    class Watching:
        def str(self, *_):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.02)
            with lock:
                running[0] -= 1
            return b"x"

    real, hashing.nacl.pwhash.argon2id.str = hashing.nacl.pwhash.argon2id.str, Watching().str
    try:
        with ThreadPoolExecutor(10) as threads:
            list(threads.map(argon2.hash, ["x"] * 10))
    finally:
        hashing.nacl.pwhash.argon2id.str = real
    assert most[0] == 2


@pytest.mark.parametrize("lanes", [1, 2])
def test_hashes_of_other_parameters_are_stale_and_still_match(argon2, lanes):
    other = Argon2(memory_kib=32, passes=2, lanes=lanes, at_once=1)
    hashed = other.hash(PHRASE)
    assert f"$argon2id$v=19$m=32,t=2,p={lanes}$" in hashed
    assert argon2.is_stale(hashed)
    assert not other.is_stale(hashed)
    assert argon2.matches(hashed, PHRASE)
    assert not argon2.matches(hashed, "wrong")
