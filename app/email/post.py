"""The port for mail: a letter says what is to be said, and whatever sends it writes it."""

from dataclasses import dataclass
from typing import Protocol

from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one person, by the name of its template. It exists in the worker's memory only: it may hold a link.

    ``client``, ``place``, ``ip`` and ``at`` say where what it is about happened, in words; empty where it is unknown.
    ``address`` is another address that the mail is about.
    """

    template: str
    to: str
    name: str = ""
    link: str = ""
    code: str = ""
    expires_in: str = ""
    reason: str = ""
    client: str = ""
    place: str = ""
    ip: str = ""
    at: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter, written: ready to be handed to a provider."""

    to: str
    subject: str
    text: str
    html: str


class Carrier(Protocol):
    """Hands a mail to whoever delivers it: SMTP, a provider's API, or the console."""

    def carry(self, mail: Mail) -> None:
        """Hand it over. Raises ``Undeliverable`` when trying again would not help, anything else when it would."""


class Post(Protocol):
    """Writes and sends letters. Slow: never call it while a unit is open."""

    def send(self, tenant: Tenant, letter: Letter) -> None:
        """Write ``letter`` in the tenant's name and hand it over."""
