"""Test doubles of the ports: lists with a verb."""

import ipaddress
import itertools
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from app.auth.published_keys import new_key
from app.storage.unit import unit_is_open


class Time:
    """A clock that can be moved."""

    def __init__(self):
        self.offset = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.offset

    def forward(self, **by):
        self.offset += timedelta(**by)

    def reset(self):
        self.offset = timedelta()


class ManualQueue(list):
    """Remembers what was asked for; nothing runs by itself."""

    def enqueue(self, job):
        self.append(job)

    def begun(self, job):
        """Nothing waits."""


class Letters(list):
    """A carrier that keeps what it was given. Never inside a transaction."""

    def carry(self, mail):
        assert not unit_is_open(), "mail inside a transaction"
        self.append(mail)

    def deliver(self):
        """Let the worker keep its promises, then hand over the mails."""
        self.drain()
        return self

    def to(self, address):
        """The newest mail to an address."""
        return [mail for mail in self.deliver() if mail.to == address][-1]

    def token_to(self, address):
        """The secret in the newest mail's link."""
        link = next(word for word in self.to(address).text.split() if "token=" in word)
        return parse_qs(urlsplit(link).query)["token"][0]


class CountingHasher:
    """A real hasher that counts, and that refuses to work while a transaction is open."""

    def __init__(self, real):
        self.real = real
        self.computed = 0

    def hash(self, password):
        self._count()
        return self.real.hash(password)

    def matches(self, hashed, password):
        self._count()
        return self.real.matches(hashed, password)

    def is_stale(self, hashed):
        return self.real.is_stale(hashed)

    def recipe(self):
        return self.real.recipe()

    def derive(self, password, recipe):
        self._count()
        return self.real.derive(password, recipe)

    def _count(self):
        assert not unit_is_open(), "hashing inside a transaction"
        self.computed += 1


def numbers_alone(host, _):
    """A resolver that asks nobody: addresses are what they are, and names are unknown but that of this machine."""
    try:
        return [str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))]
    except ValueError:
        raise OSError("nobody knows that name") from None


def published_keys():
    """Makes keys for signing; the slow ones are a handful, made once for each process and dealt in turn."""
    made = []
    turn = itertools.count()

    def make(algorithm):
        if algorithm != "RS256":
            return new_key(algorithm)
        number = next(turn) % 4
        if number >= len(made):
            made.append(new_key(algorithm))
        return made[number]

    return make
