"""Redirect URIs: which one of an application's a request may name, and how an answer is written into it."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from app.oidc.clients import Client

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def is_registered(client: Client, uri: str) -> bool:
    """Whether it is one of the client's, by the same characters (RFC 9700, section 2.1).

    A native app's loopback address may differ in its port, and in nothing else (RFC 8252, section 7.3).
    """
    if uri in client.redirect_uris:
        return True
    asked = _without_port(uri) if client.type == "native" else None
    return asked is not None and any(_without_port(known) == asked for known in client.redirect_uris)


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """The redirect URI with an answer in its query, and the query that it had (RFC 6749, section 3.1.2)."""
    between = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{between}{urlencode(parameters, quote_via=quote, safe='')}"


def origin_of(uri: str) -> str:
    """What a content security policy calls the place that it leads to: an origin, else the scheme alone."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def _without_port(uri: str) -> tuple[str, str] | None:
    """A loopback address before and after its port; ``None`` for every other one.

    Taken apart as text, so that what a parser would forgive is no match.
    """
    scheme, separator, rest = uri.partition("://")
    if scheme != "http" or not separator:
        return None
    host, path = _host_and_path(rest)
    name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "")
    if name.removeprefix("[").removesuffix("]") not in _LOOPBACK or (name.startswith("[")) is not (":" in name):
        return None
    if host != name and not _is_port(port):
        return None
    return name, path


def _host_and_path(rest: str) -> tuple[str, str]:
    ends = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    return rest[:ends], rest[ends:]


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) <= 65535  # noqa: PLR2004 - a port
