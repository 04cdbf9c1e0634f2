"""Passwords that have leaked elsewhere: asked about at Have I Been Pwned, which learns five of forty digits."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import httpx

from app.auth.passwords import normalise
from app.storage.unit import unit_is_open

PATIENCE_S = 1.0
_AT_ONCE = 16
_PREFIX = 5
# A padded answer has about 40 kB.
_LARGEST = 1 << 20
_ENTRY = re.compile(r"([0-9A-Fa-f]{35}):([0-9]{1,12})")


class CannotTell(Exception):
    """Nobody answered, not in time, or not in a way that can be understood. The message holds nothing of the hash."""


class Leaks(Protocol):
    """Knows which passwords have leaked. Slow: never ask while a unit is open."""

    def is_leaked(self, sha1: bytes) -> bool:
        """Whether the password with this SHA-1 is known to have leaked. Raises ``CannotTell``."""


class Unasked:
    """Where nobody is to be asked: no password has leaked."""

    def is_leaked(self, sha1: bytes) -> bool:  # noqa: ARG002 - the port's signature
        _assert_no_unit()
        return False


class Hibp:
    """The range API of Have I Been Pwned (haveibeenpwned.com/API/v3#PwnedPasswords), or a mirror of it."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._tls = httpx.create_ssl_context()
        # httpx's timeouts begin anew with each byte, and none covers the name server: so somebody else waits.
        self._waiters = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="leaks")

    def is_leaked(self, sha1: bytes) -> bool:
        _assert_no_unit()
        name = sha1.hex().upper()
        answer = self._waiters.submit(self._fetch, name[:_PREFIX])
        try:
            return _counts(answer.result(PATIENCE_S)).get(name[_PREFIX:], 0) > 0
        except CannotTell:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it may say what was asked
            answer.cancel()
            raise CannotTell(type(error).__name__) from None

    def _fetch(self, prefix: str) -> str:
        headers = {"Add-Padding": "true", "User-Agent": "Portico"}
        with (
            httpx.Client(verify=self._tls, timeout=PATIENCE_S, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", f"{self._url}/range/{prefix}", headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise CannotTell(f"status {answer.status_code}")
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise CannotTell("an answer without an end")
        return body.decode("ascii")


def fingerprint(password: str) -> bytes:
    """The SHA-1 that leaks are known by."""
    return hashlib.sha1(normalise(password).encode(), usedforsecurity=False).digest()


def _counts(body: str) -> dict[str, int]:
    """The rest of each hash, and how often it was seen: 0 for those that are there as padding."""
    entries = [_ENTRY.fullmatch(line) for line in body.split()]
    if not entries or not all(entries):
        raise CannotTell("an answer in another format")
    return {entry[1].upper(): int(entry[2]) for entry in entries if entry}


def _assert_no_unit() -> None:
    if unit_is_open():
        raise RuntimeError("asking about a password inside a unit")
