"""Where an application lives: which addresses it may register. They are kept as they are typed, and compared as such.

What would be read in two ways is not registered at all: whoever parses it after us may read it in the other.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, urlsplit

from app.networks import Network

LONGEST = 2000
# RFC 3986, appendix A, but for "#" and "*": no fragment (RFC 6749, section 3.1.2), nothing that looks like a pattern.
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()+,;=-]|%[0-9A-Fa-f]{2})+")
# The same, and what else may stand behind the "#" of a page.
_FRAGMENT = re.compile(r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_BRACKETS = re.compile(r"\[[0-9A-Fa-f:.]+\](?::[0-9]+)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
# What a path must not hide: control characters, slashes, backslashes and dots that somebody may unfold (CVE-2024-1132).
_HIDDEN = re.compile(r"%(?:[01][0-9a-f]|7f|25|2e|2f|5c)", re.IGNORECASE)
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")
# Schemes that browsers run or open by themselves, whatever stands behind them (CVE-2026-9086).
_RUN = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "ws", "wss"})
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
_WHOLE = "Enter a whole address, like https://app.example.com/callback."
Rule = Callable[[str], None]


class Unfit(ValueError):
    """An address that will not do; its text is the sentence that says why."""


def redirect(text: str, *, native: bool) -> None:
    """Where people are sent back to (RFC 9700, section 2.1; RFC 8252, section 7). Raises ``Unfit``.

    1. https, of whatever host.
    2. http on this device only: 127.0.0.1, [::1], localhost and the names below it.
    3. From native applications, a scheme of their own, which has a dot (RFC 8252, section 7.1).
    """
    parts = _split(text)
    scheme = parts.scheme
    if native and scheme not in {"http", "https"}:
        _private_use(scheme)
        if not (parts.netloc or parts.path.strip("/")):
            raise Unfit("Write more than a scheme, like com.example.app:/callback.")
    else:
        _web(parts, "Use https; http only for localhost, 127.0.0.1 and [::1].", plain=is_loopback)
    _plain_path(parts)


def page(text: str) -> None:
    """A page that people may open: https (CVE-2026-9086). Raises ``Unfit``."""
    parts = _split(text, fragment=True)
    _web(parts, "Use https.", plain=lambda _: False)
    _plain_path(parts)


def callback(text: str, *, plain: Callable[[str], bool]) -> None:
    """An address that we call: https, or http where ``plain`` says so of the host. Raises ``Unfit``.

    OpenID Connect Back-Channel Logout 1.0, section 2.2: without a fragment. The guard of what we call looks at every
    call again (``app.outbound``): what a name stands for may change.
    """
    parts = _split(text)
    _web(parts, "Use https.", plain=plain)
    _plain_path(parts)


def resource(text: str) -> None:
    """What a token is for: absolute, without a fragment (RFC 8707, section 2). Raises ``Unfit``."""
    parts = _split(text)
    if parts.scheme in {"http", "https"}:
        _host(parts)
    elif not (parts.netloc or parts.path):
        raise Unfit("Enter an absolute address, like https://api.example.com.")


def is_loopback(host: str) -> bool:
    """Whether it is the very device of whoever asks (RFC 6761, section 6.3)."""
    return host in _LOOPBACK_NAMES or host.endswith(".localhost")


def plain_to(networks: Iterable[Network], *, this_device: bool) -> Callable[[str], bool]:
    """Which hosts we may call by http: those in ``networks``, and this device where ``this_device`` says so.

    Where there are networks of our own, a name may stand for something in them: the guard sees when it is called.
    """
    ours = tuple(networks)

    def plain(host: str) -> bool:
        if is_loopback(host):
            return this_device
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return bool(ours)
        return any(address in network for network in ours)

    return plain


def _split(text: str, *, fragment: bool = False) -> SplitResult:
    """The parts of an absolute address. Raises ``Unfit`` for what no two parsers read alike."""
    if len(text) > LONGEST:
        raise Unfit(f"Use at most {LONGEST} characters.")
    body, _, behind = text.partition("#") if fragment else (text, "", "")
    if "#" in body:
        raise Unfit("Leave out the part behind #.")
    if not _FRAGMENT.fullmatch(behind):
        raise Unfit(_WHOLE)
    if "*" in body:
        raise Unfit("Write each address out: * does not stand for anything here.")
    if not _CHARACTERS.fullmatch(body) or not _SCHEME.fullmatch(body.partition(":")[0]) or ":" not in body:
        raise Unfit(_WHOLE)
    try:
        return _checked(urlsplit(text))
    except Unfit:
        raise
    except ValueError:  # brackets in the wrong place, or a port that is no number
        raise Unfit(_WHOLE) from None


def _checked(parts: SplitResult) -> SplitResult:
    if parts.port == 0 or parts.netloc.endswith(":"):
        raise Unfit("Write the port as a number, or leave it out.")
    if set(parts.netloc) & set("[]") and not _BRACKETS.fullmatch(parts.netloc):
        raise Unfit(_WHOLE)
    if "@" in parts.netloc:
        raise Unfit("Leave out the name and password before @.")
    if parts.scheme in _RUN:
        raise Unfit("Use https.")
    return parts


def _web(parts: SplitResult, sentence: str, *, plain: Callable[[str], bool]) -> None:
    if parts.scheme not in {"http", "https"}:
        raise Unfit(sentence)
    host = _host(parts)
    if parts.scheme == "http" and not plain(host):
        raise Unfit(sentence)


def _host(parts: SplitResult) -> str:
    """Its host: a name of the DNS, or an address written as everybody writes it (no 0x7f.1, no 2130706433)."""
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        return str(_address(host))
    labels = host.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or "%" in parts.netloc:
        raise Unfit("Enter the name of a host, like app.example.com.")
    # WHATWG URL, "ends in a number": such a host is an IPv4 address, however it is spelt.
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        return str(_address(host))
    return host


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise Unfit("Enter the name of a host, like app.example.com.") from None


def _private_use(scheme: str) -> None:
    if "." not in scheme or scheme in _RUN:
        raise Unfit("A scheme of your own is a domain of yours backwards, like com.example.app:/callback.")


def _plain_path(parts: SplitResult) -> None:
    if _HIDDEN.search(parts.path) or _DOTS.search(parts.path) or "//" in parts.path:
        raise Unfit("Write the path as it is, without ., .., // or hidden characters.")
    if re.search(r"%(?:[01][0-9a-f]|7f)", parts.query, re.IGNORECASE):
        raise Unfit("Leave out control characters.")
