"""The header, as clients spell it."""

import re

from app.idempotency.errors import InvalidIdempotencyKey

_LONGEST = 255
# A string of RFC 9651, section 3.3.3, as draft-ietf-httpapi-idempotency-key-header asks for it.
_QUOTED = re.compile(r'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")
# Without quotes, as many clients send it. No comma: two headers arrive as one, with a comma between them.
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x7e]+")


def key_of(header: str) -> str:
    """The key that a header names, in quotes or without. Raises ``InvalidIdempotencyKey``."""
    said = header.strip(" \t")
    quoted = _QUOTED.fullmatch(said)
    key = _ESCAPED.sub(r"\1", quoted[1]) if quoted else said
    if not (quoted or _BARE.fullmatch(said)) or not 1 <= len(key) <= _LONGEST:
        raise InvalidIdempotencyKey
    return key
