"""What was sent: forms and JSON bodies, read strictly."""

import json
from typing import Any, NoReturn, cast

from flask import g, request

from app.blueprints import _context
from app.errors import FieldError, InvalidInput, MalformedRequest, UnsupportedMediaType

_DEEPEST = 32


def field(name: str) -> str:
    """One field of a form; empty when it is missing. Sent twice, it is refused: parsers disagree on which counts."""
    values = request.form.getlist(name)
    if len(values) > 1:
        raise InvalidInput(errors=(FieldError(pointer=f"/{name}", code="duplicate", detail="Send this once."),))
    return values[0] if values else ""


def checked(name: str) -> bool:
    """Whether a checkbox is on."""
    return field(name) in {"on", "true", "1", "yes"}


def json_body() -> dict[str, Any]:
    """The JSON object that was sent (RFC 8259): UTF-8, no duplicate members, no NaN.

    Raises ``UnsupportedMediaType`` for another type, ``MalformedRequest`` for what is not an object.
    """
    if "json_body" not in g:
        g.json_body = _parse()
    return cast("dict[str, Any]", g.json_body)


def typed(name: str) -> str:
    """What was sent under ``name``, in a form or in JSON, for limits to count: never raises, may be empty."""
    try:
        value = json_body().get(name) if _context.is_api() else request.form.get(name)
    except Exception:  # noqa: BLE001 - whatever is wrong with the body, the view says it
        return ""
    return value if isinstance(value, str) else ""


def _parse() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType
    raw = request.get_data()
    if not raw:
        return {}
    try:
        text = raw.decode("utf-8")
        body = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        # Half a surrogate pair is no character (RFC 8259, section 8.2): nothing below could write it down.
        if "\\u" in text:
            json.dumps(body, ensure_ascii=False).encode()
        too_deep = _depth(body) > _DEEPEST
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The body is not valid JSON.", log=type(error).__name__) from error
    if not isinstance(body, dict) or too_deep:
        raise MalformedRequest("The body must be a JSON object.")
    return body


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
