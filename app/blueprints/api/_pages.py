"""Lists, a page at a time: where a page begins is told by an opaque cursor, which only we can make.

A cursor is a key, the last one of the page before, with our signature. It counts for one list of one tenant.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request
from pydantic import AwareDatetime, TypeAdapter

from app import crypto
from app.blueprints import _context
from app.blueprints._services import services
from app.blueprints.api._operations import Model, Parameter, answer, number, once, refused
from app.errors import gather

K = TypeVar("K")
_LEAST, _MOST, _DEFAULT = 1, 100, 50
_MAC_BYTES = 16
_LONGEST = 512

# By time and id: what most lists are sorted by.
BY_TIME: TypeAdapter[tuple[datetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])
# What every list takes, for its ``operation``.
PARAMETERS = {
    "limit": Parameter(
        text="How many at most.",
        schema={"type": "integer", "minimum": _LEAST, "maximum": _MOST, "default": _DEFAULT},
    ),
    "cursor": Parameter(
        text="Where the page begins: `next_cursor` of the page before.",
        schema={"type": "string", "maxLength": _LONGEST},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[K]):
    """The page that is asked for: how many at most, and after which key."""

    limit: int
    after: K | None


def asked(keys: TypeAdapter[K]) -> Asked[K]:
    """The page that this request asks for. Raises ``InvalidInput``, also for a cursor that we did not make."""
    gather(_limit, lambda: _after(keys))
    return Asked(limit=_limit(), after=_after(keys))


def cursor_for(keys: TypeAdapter[K], after: K | None) -> str | None:
    """The cursor of the page that comes after this key; ``None`` where there is none."""
    if after is None:
        return None
    key = keys.dump_json(after)
    return base64.urlsafe_b64encode(_mac(_signing_keys()[0], key) + key).decode().rstrip("=")


def listed(model: Model, *, cursor: str | None) -> Response:
    """A page of a list; where another follows, with a ``Link`` to it (RFC 8288): the same query, another cursor."""
    response = answer(model)
    if cursor:
        query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
        response.headers["Link"] = f'<{request.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'
    return response


def _limit() -> int:
    return number("limit", default=_DEFAULT, least=_LEAST, most=_MOST)


def _after(keys: TypeAdapter[K]) -> K | None:
    text = once("cursor")
    if text is None:
        return None
    try:
        return keys.validate_json(_opened(text))
    except ValueError:  # no base64, not our signature, or not the type of this list's keys
        raise refused("cursor", "Send the next_cursor of a page of this list, or none.") from None


def _opened(text: str) -> bytes:
    """The key in a cursor of ours. Raises ``ValueError`` for any other."""
    if len(text) > _LONGEST or "=" in text:
        raise ValueError("not as we spell it")
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    mac, key = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not any(crypto.same(mac, _mac(signing, key)) for signing in _signing_keys()):
        raise ValueError("not ours")
    return key


def _mac(signing: bytes, key: bytes) -> bytes:
    about = f"{request.endpoint} {_context.tenant().id} ".encode()
    return crypto.sign(signing, about + key)[:_MAC_BYTES]


def _signing_keys() -> Sequence[bytes]:
    """Newest first. Derived, so that a cursor is of no use where else the secret key signs."""
    settings = services().settings
    secrets = (settings.secret_key, *settings.secret_key_fallbacks)
    return [crypto.sign(secret.get_secret_value().encode(), b"list cursors") for secret in secrets]
