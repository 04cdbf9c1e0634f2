"""Scopes: which there are, which an application may ask for, and what they are to the person who is asked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.oidc.clients import Client
from app.oidc.errors import InvalidScope

OPENID = "openid"
OFFLINE = "offline_access"
ROLES = "roles"
# RFC 6749, section 3.3.
_NAME = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_YOU, _CONNECTION, _OWN = "Who you are", "How long", "In the application"
# In the order in which people read them.
_STANDARD: dict[str, tuple[str, str]] = {
    OPENID: (_YOU, "Recognise you when you come back"),
    "profile": (_YOU, "See your name and the rest of your profile"),
    "email": (_YOU, "See your email address"),
    "phone": (_YOU, "See your phone number"),
    "address": (_YOU, "See your postal address"),
    ROLES: (_YOU, "See which roles you have here"),
    OFFLINE: (_CONNECTION, "Stay connected while you are signed in here"),
}
STANDARD = tuple(_STANDARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeText:
    """A scope in plain words. ``own``: it is the application's, of which only the name is known."""

    name: str
    text: str
    group: str
    own: bool = False


def described(scopes: Iterable[str]) -> tuple[ScopeText, ...]:
    """What somebody allows with these, in the order in which it is read: the groups stay together."""
    asked = set(scopes)
    known = [ScopeText(name=name, text=text, group=group) for name, (group, text) in _STANDARD.items() if name in asked]
    own = [ScopeText(name=name, text=name, group=_OWN, own=True) for name in sorted(asked - _STANDARD.keys())]
    return (*known[: _until_connection(known)], *own, *known[_until_connection(known) :])


def grouped(scopes: Iterable[str]) -> tuple[tuple[str, tuple[ScopeText, ...]], ...]:
    """The same, under a heading for each group."""
    return tuple((heading, tuple(group)) for heading, group in groupby(described(scopes), lambda one: one.group))


def asked_for(client: Client, text: str | None) -> tuple[str, ...]:
    """The scopes of a request, each once (RFC 6749, section 3.3).

    1. None is named: ``openid``, if the client may ask for it.
    2. One is malformed, unknown, or not among those that the client may ask for, or there are none: ``InvalidScope``.
    """
    names = tuple(dict.fromkeys((text or OPENID).split(" ")))
    names = tuple(name for name in names if name)
    if not names or not all(_NAME.fullmatch(name) for name in names) or not client.scopes.issuperset(names):
        raise InvalidScope("this client may not ask for one of these scopes")
    return names


def _until_connection(known: list[ScopeText]) -> int:
    return sum(scope.group != _CONNECTION for scope in known)
