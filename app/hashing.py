"""Password hashing: Argon2id, never more at once than cores, in processes of its own where they run.

argon2-cffi has the parameters and the PHC strings. The work is done by libsodium (PyNaCl), which picks the widest
instructions at run time and computes the same strings in half the time of argon2-cffi's portable wheel; with other
parallelism than one, which libsodium does not have, argon2-cffi does it.
"""

import base64
import json
import os
import secrets
import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import argon2
import nacl.exceptions
import nacl.pwhash.argon2id
from argon2.exceptions import InvalidHashError, VerificationError

_SALT_BYTES, _DERIVED_BYTES = 16, 32
# Memory in KiB, passes, lanes; then the salt.
_PARAMETERS = struct.Struct(">III")
_LONGEST_MESSAGE = 16384
_PATIENCE_S = 10.0
_NICENESS = 5


class Hasher(Protocol):
    """What hashes passwords. Slow on purpose: never call it while a unit is open."""

    def hash(self, password: str) -> str:
        """A new PHC string for ``password``."""

    def matches(self, hashed: str, password: str) -> bool:
        """Whether ``password`` is the one behind ``hashed``."""

    def is_stale(self, hashed: str) -> bool:
        """Whether ``hashed`` was made with other parameters than today's."""

    def recipe(self) -> bytes:
        """A new salt, with today's parameters: they may change, and what was derived is found again all the same."""

    def derive(self, password: str, recipe: bytes) -> bytes:
        """32 bytes, always the same for a password and a recipe."""


class Argon2:
    """Computes here, in this thread, at most ``at_once`` at a time in this process."""

    def __init__(self, *, memory_kib: int, passes: int, lanes: int, at_once: int) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._passes, self._memory, self._lanes = passes, memory_kib * 1024, lanes
        self._turn = threading.Semaphore(at_once)

    def hash(self, password: str) -> str:
        with self._turn:
            if self._lanes != 1:
                return self._argon2.hash(password)
            return nacl.pwhash.argon2id.str(password.encode(), self._passes, self._memory).rstrip(b"\0").decode()

    def matches(self, hashed: str, password: str) -> bool:
        with self._turn:
            try:
                if "p=1$" not in hashed:
                    return self._argon2.verify(hashed, password)
                return nacl.pwhash.argon2id.verify(hashed.encode(), password.encode())
            except (VerificationError, InvalidHashError, nacl.exceptions.CryptoError):
                return False

    def is_stale(self, hashed: str) -> bool:
        return self._argon2.check_needs_rehash(hashed)

    def recipe(self) -> bytes:
        return _PARAMETERS.pack(self._memory // 1024, self._passes, self._lanes) + secrets.token_bytes(_SALT_BYTES)

    def derive(self, password: str, recipe: bytes) -> bytes:
        (memory_kib, passes, lanes), salt = _PARAMETERS.unpack_from(recipe), recipe[_PARAMETERS.size :]
        with self._turn:
            if lanes == 1:
                return nacl.pwhash.argon2id.kdf(_DERIVED_BYTES, password.encode(), salt, passes, memory_kib * 1024)
            return argon2.low_level.hash_secret_raw(
                password.encode(),
                salt,
                time_cost=passes,
                memory_cost=memory_kib,
                parallelism=lanes,
                hash_len=_DERIVED_BYTES,
                type=argon2.Type.ID,
            )


class Apart:
    """Asks the hashing processes behind a Unix socket; computes here when none answers.

    They run at a lower priority, so that a storm of sign-ins leaves the API its share of the cores. ``waiting`` is
    told +1 and -1 around each call.
    """

    def __init__(self, *, here: Argon2, path: Path, waiting: Callable[[int], None]) -> None:
        self._here = here
        self._path = str(path)
        self._waiting = waiting

    def hash(self, password: str) -> str:
        answer = self._ask({"hash": password})
        return answer if isinstance(answer, str) else self._here.hash(password)

    def matches(self, hashed: str, password: str) -> bool:
        answer = self._ask({"matches": [hashed, password]})
        return answer if isinstance(answer, bool) else self._here.matches(hashed, password)

    def is_stale(self, hashed: str) -> bool:
        return self._here.is_stale(hashed)

    def recipe(self) -> bytes:
        return self._here.recipe()

    def derive(self, password: str, recipe: bytes) -> bytes:
        answer = self._ask({"derive": [password, base64.b64encode(recipe).decode()]})
        return base64.b64decode(answer) if isinstance(answer, str) else self._here.derive(password, recipe)

    def _ask(self, question: dict[str, object]) -> object:
        """The answer, or ``None`` where there is none to be had."""
        self._waiting(1)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                line.settimeout(_PATIENCE_S)
                line.connect(self._path)
                line.send(json.dumps(question).encode())
                answer = line.recv(_LONGEST_MESSAGE)
                return json.loads(answer) if answer else None
        except OSError:
            return None
        finally:
            self._waiting(-1)


def listen(path: Path) -> socket.socket:
    """The socket that hashing processes answer on; only our own user may speak to it."""
    with suppress(FileNotFoundError):
        path.unlink()
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    mask = os.umask(0o177)
    try:
        line.bind(str(path))
    finally:
        os.umask(mask)
    line.listen(1024)
    return line


def serve(line: socket.socket, hasher: Argon2) -> None:
    """Answer one question after another, for ever. Several processes may share ``line``: the kernel shares out."""
    while True:
        caller, _ = line.accept()
        with caller, suppress(Exception):  # whatever one caller sent, the next is answered
            caller.settimeout(1.0)
            question = json.loads(caller.recv(_LONGEST_MESSAGE))
            answer: object
            if "hash" in question:
                answer = hasher.hash(question["hash"])
            elif "derive" in question:
                password, recipe = question["derive"]
                answer = base64.b64encode(hasher.derive(password, base64.b64decode(recipe))).decode()
            else:
                answer = hasher.matches(*question["matches"])
            caller.send(json.dumps(answer).encode())


def main(arguments: list[str]) -> None:
    """``python -P hashing.py FD MEMORY_KIB PASSES LANES``: one hashing process on an inherited socket."""
    descriptor, memory, passes, lanes = (int(argument) for argument in arguments)
    os.nice(_NICENESS)
    serve(socket.socket(fileno=descriptor), Argon2(memory_kib=memory, passes=passes, lanes=lanes, at_once=1))


if __name__ == "__main__":
    main(sys.argv[1:])
