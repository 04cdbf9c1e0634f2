"""Calls on a tenant's word: to addresses that everybody may reach, and to no other (OWASP ASVS 5.0, 1.3.6).

A URL that somebody typed may lead into our own network: by a name, by a number that is spelt oddly, by a name that
stands for another address a moment later, by a redirect. So a name is resolved once, every address is looked at, and
the connection goes to the very address that was. Nothing is followed, and nothing of the environment is asked.
"""

import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from app.networks import Address, Allowance, is_covered, is_everybodys
from app.storage.unit import unit_is_open

PATIENCE_S = 5.0
BUDGET_S = 10.0
LARGEST = 64 * 1024
_AT_ONCE = 16
_HTTPS = 443
# Below are the ports of services that are no web servers: mail, name servers, remote shells.
_LOWEST_PORT = 1024
# RFC 3986: no blank, no control character, nothing that is read differently by two parsers.
_VISIBLE = re.compile(r"[!-~]+")
Resolve = Callable[[str, int], Sequence[str]]


class Refused(Exception):
    """Somewhere that we do not call. The message says why; nothing was sent."""


class Unanswered(Exception):
    """Nobody answered, not in time, or nothing that can be understood."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; a redirect is an answer like any other."""

    status: int
    body: bytes


class Http(Protocol):
    """Calls other people's servers. Slow: never while a unit is open."""

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Raises ``Refused`` and ``Unanswered``."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system's resolver has them. Numbers in any spelling are addresses to it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedHttp:
    """The port, for real. ``allow``: what may be reached besides the public internet, and by http, too."""

    def __init__(
        self,
        allow: Iterable[Allowance] = (),
        *,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        patience: float = PATIENCE_S,
        budget: float = BUDGET_S,
    ) -> None:
        self._allow = tuple(allow)
        self._resolve = resolve
        self._tls = tls or ssl.create_default_context()
        self._patience = patience
        self._budget = budget
        # Timeouts of sockets begin anew with each byte, and none covers the name server: so somebody else waits.
        self._waiters = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="outbound")

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        if unit_is_open():
            raise RuntimeError("calling somebody inside a unit")
        line = _line(url)
        pending = self._waiters.submit(self._post, line, body, dict(headers))
        try:
            return pending.result(self._budget)
        except TimeoutError:
            pending.cancel()
            line.hang_up()
            raise Unanswered("it took too long") from None

    def _post(self, line: "_Line", body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            line.tls, line.timeout = self._tls, self._patience
            line.addresses = self._addresses(line)
            line.request("POST", line.target, body=body, headers={"User-Agent": "Portico", **headers})
            with line.getresponse() as answer:
                said = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unanswered(type(error).__name__) from error
        finally:
            line.hang_up()
        if len(said) > LARGEST:
            raise Unanswered("an answer without an end")
        return Answer(answer.status, said)

    def _addresses(self, line: "_Line") -> list[Address]:
        """Where to connect to. Every address has to be fit: who adds a fit one does not make the others so."""
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in self._resolve(line.host, line.port)]
        if not found:
            raise Unanswered("the name stands for nothing")
        if not all(self._is_fit(address, line) for address in found):
            raise Refused("the address is not one of the public internet")
        return found

    def _is_fit(self, address: Address, line: "_Line") -> bool:
        if is_covered(address, line.port, self._allow):
            return True
        usual = line.port == _HTTPS or line.port >= _LOWEST_PORT
        return line.secure and usual and is_everybodys(address)


class _Line(http.client.HTTPConnection):
    """A connection to an address that was looked at, in the name of the host (and its certificate)."""

    addresses: Sequence[Address] = ()
    tls: ssl.SSLContext

    def __init__(self, parts: SplitResult, host: str, port: int) -> None:
        super().__init__(host, port)
        self.secure = parts.scheme == "https"
        # What Host leaves out (RFC 9110, section 7.2).
        self.default_port = _HTTPS if self.secure else http.client.HTTP_PORT
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._open: socket.socket | None = None
        self._gone = False

    def connect(self) -> None:
        """To the first of the addresses that answers."""
        self._open = self._reach()
        if self.secure:
            self._open = self.tls.wrap_socket(self._open, server_hostname=self.host)
        self.sock = self._open
        if self._gone:
            raise TimeoutError

    def _reach(self) -> socket.socket:
        last = OSError("nowhere to connect to")
        for address in self.addresses:
            if self._gone:
                raise TimeoutError
            try:
                return socket.create_connection((str(address), self.port), self.timeout)
            except OSError as error:
                last = error
        raise last

    def hang_up(self) -> None:
        """From whichever thread: who reads from it is woken."""
        self._gone = True
        if self._open:
            with suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)
            self._open.close()


def _line(url: str) -> _Line:
    """Raises ``Refused`` for what is no plain address of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("no address") from None
    host = parts.hostname
    if not _VISIBLE.fullmatch(url) or set(url) & set("\\#") or parts.scheme not in {"http", "https"} or not host:
        raise Refused("no address of the web")
    if "@" in parts.netloc or "%" in parts.netloc or port == 0:
        raise Refused("an address with more in it than a host and a port")
    return _Line(parts, host, port or (_HTTPS if parts.scheme == "https" else http.client.HTTP_PORT))
