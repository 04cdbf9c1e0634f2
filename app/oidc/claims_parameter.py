"""The ``claims`` parameter (OpenID Connect Core, section 5.5)."""

import json
from typing import Any

_PARTS = ("userinfo", "id_token")
_MOST = 100
# Part, claim, request, its values, and what one of these may hold.
_DEEPEST = 8


def is_well_formed(text: str) -> bool:
    """Whether it is a JSON object whose parts are objects of claims, each asked for by null or an object."""
    try:
        said = json.loads(text, parse_constant=_refuse)
        # Half a surrogate pair, or a number without an end: no row takes these.
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
        too_deep = _depth(said) > _DEEPEST
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or too_deep or "\\u0000" in text:
        return False
    return all(_is_part(said.get(part)) for part in _PARTS)


def read(text: str | None) -> dict[str, Any]:
    """The two parts that mean something, of what is well formed. The rest is ignored."""
    said = json.loads(text) if text else {}
    return {part: said[part] for part in _PARTS if said.get(part)}


def subject_of(claims: dict[str, Any]) -> str | None:
    """Whom the ID token has to be about, where that is asked for (section 5.5.1)."""
    wanted = ((claims.get("id_token") or {}).get("sub") or {}).get("value")
    return wanted if isinstance(wanted, str) else None


def _is_part(part: Any) -> bool:
    if part is None:
        return True
    return isinstance(part, dict) and len(part) <= _MOST and all(_is_request(each) for each in part.values())


def _is_request(each: Any) -> bool:
    if each is None:
        return True
    return (
        isinstance(each, dict)
        and isinstance(each.get("essential", False), bool)
        and isinstance(each.get("values", []), list)
    )


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inside), default=0)


def _refuse(constant: str) -> None:
    raise ValueError(constant)
