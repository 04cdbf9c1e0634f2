"""Asking Have I Been Pwned: what leaves, what comes back, and what is made of no answer."""

import hashlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth.leaks import CannotTell, Hibp, Unasked, fingerprint
from app.settings import load

LEAKED = "petra velvet orbit 71"
SHA1 = hashlib.sha1(LEAKED.encode(), usedforsecurity=False).digest()


@pytest.fixture
def leaks(hibp):
    hibp.leak(LEAKED)
    return Hibp(hibp.url)


def test_one_that_has_leaked_is_known_and_another_is_not(leaks):
    assert leaks.is_leaked(fingerprint(LEAKED))
    assert not leaks.is_leaked(fingerprint("correct horse battery staple"))


def test_only_five_digits_leave_in_capitals_and_padding_is_asked_for(leaks, hibp):
    leaks.is_leaked(SHA1)
    ((path, headers),) = hibp.asked
    assert path == f"/range/{SHA1.hex()[:5].upper()}"
    assert headers["Add-Padding"] == "true"
    assert SHA1.hex()[5:12].upper() not in f"{path}{headers}".upper()
    assert "Cookie" not in headers


def test_padding_is_no_leak(hibp):
    hibp.leak(LEAKED, times=0)
    assert not Hibp(hibp.url).is_leaked(SHA1)


def test_a_mirror_may_live_below_a_path(hibp):
    with pytest.raises(CannotTell, match="status 400"):
        Hibp(f"{hibp.url}/mirror/").is_leaked(SHA1)
    assert hibp.asked[0][0].startswith("/mirror/range/")


def test_the_fingerprint_is_that_of_the_normalised_password():
    assert fingerprint("cafe\u0301") == fingerprint("caf\u00e9") != fingerprint("cafe")
    assert fingerprint(LEAKED) == SHA1


@pytest.mark.parametrize(
    "mood",
    ["failing", "forbidding", "redirecting", "captive", "empty", "cut_off", "endless", "not_ascii"],
)
def test_whatever_is_not_the_documented_answer_tells_nothing(leaks, hibp, mood):
    hibp.mood = mood
    with pytest.raises(CannotTell) as refused:
        leaks.is_leaked(SHA1)
    assert len(hibp.asked) == 1, "no redirect is followed"
    assert SHA1.hex()[:5].upper() not in f"{refused.value!r}{refused.value.__cause__!r}"


@pytest.mark.parametrize("mood", ["slow", "dripping"])
def test_nobody_waits_longer_than_a_second(leaks, hibp, mood):
    hibp.mood, began = mood, time.monotonic()
    with pytest.raises(CannotTell, match="Timeout"):
        leaks.is_leaked(SHA1)
    assert time.monotonic() - began < 1.5


def test_where_nobody_listens_nobody_can_tell():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://nobody.invalid"):
        with pytest.raises(CannotTell):
            Hibp(url).is_leaked(SHA1)


def test_many_ask_at_once_and_each_gets_an_answer_or_none_in_time(leaks, hibp):
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: leaks.is_leaked(SHA1), range(32)))
    hibp.mood, began = "slow", time.monotonic()

    def ask(_):
        with pytest.raises(CannotTell):
            leaks.is_leaked(SHA1)

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(ask, range(40)))
    assert time.monotonic() - began < 6, "not one after the other"


def test_no_proxy_of_the_environment_is_used(leaks, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert leaks.is_leaked(SHA1)


@pytest.mark.parametrize("leaks", [Hibp("http://127.0.0.1:1"), Unasked()])
def test_nobody_is_asked_while_a_unit_is_open(leaks, services, cast):
    with services.units.begin(cast.acme.id), pytest.raises(RuntimeError, match="inside a unit"):
        leaks.is_leaked(SHA1)


def test_nobody_is_asked_unless_it_is_switched_on(environ, services):
    assert not load(environ).hibp_enabled
    assert isinstance(services.ports.leaks, Unasked)
    assert not services.ports.leaks.is_leaked(SHA1)
