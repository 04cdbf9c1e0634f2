"""The forms of an application: what was typed, as the service takes it, and back again.

The names of the fields are not those of RFC 7591: what looks like a secret is not kept while somebody confirms that
it is them (``_way_back``), and ``token_endpoint_auth_method`` would.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from app.blueprints._forms import checked, field
from app.errors import InvalidInput, gather, refuse
from app.oidc.application_details import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
    STANDARD_SCOPES,
    TOKEN_EXCHANGE,
    Details,
)
from app.oidc.application_views import ApplicationView

GRANTS = {
    "grant_authorization": AUTHORIZATION_CODE,
    "grant_refresh": REFRESH_TOKEN,
    "grant_machine": CLIENT_CREDENTIALS,
    "grant_device": DEVICE_CODE,
    "grant_exchange": TOKEN_EXCHANGE,
}
_LISTS = ("redirect_uris", "post_logout_redirect_uris", "resources", "serves")
_TEXTS = ("backchannel_logout_uri", "home_uri", "policy_uri", "terms_uri")
_CHECKS = {
    "first_party": "first_party",
    "pkce": "require_pkce",
    "par": "require_pushed_authorization_requests",
    "dpop": "dpop_bound_access_tokens",
}
_NUMBERS = {"access_minutes": "access_token_minutes", "refresh_days": "refresh_token_days"}
_CHOICES = {"auth_method": "token_endpoint_auth_method", "alg": "id_token_signed_response_alg"}
_FIELDS = {said: shown for names in (_CHECKS, _NUMBERS, _CHOICES) for shown, said in names.items()}
_FIELDS |= {"grant_types": "grant_authorization", "scopes": "own_scopes"}


def new() -> Details:
    """The application that the short form describes. Nobody is sent to a machine."""
    uris = () if field("type") == "machine" else lines("redirect_uris")
    return Details(name=field("name"), type=field("type"), redirect_uris=uris, first_party=checked("first_party"))


def changes() -> dict[str, Any]:
    """All that the long form says. Raises ``InvalidInput``."""
    read: dict[str, Any] = {}
    gather(lambda: read.update(_numbers()), lambda: read.update(jwks=_jwks()))
    standard = [scope for scope in STANDARD_SCOPES if checked(f"scope_{scope}")]
    return {
        "name": field("name"),
        "scopes": (*standard, *field("own_scopes").split()),
        "grant_types": tuple(grant for name, grant in GRANTS.items() if checked(name)),
        **{name: lines(name) for name in _LISTS},
        **{name: field(name).strip() or None for name in _TEXTS},
        **{said: checked(shown) for shown, said in _CHECKS.items()},
        **{said: field(shown) for shown, said in _CHOICES.items()},
        **read,
    }


def version() -> int | None:
    """The version that they have seen."""
    typed = field("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None  # noqa: PLR2004


def lines(name: str) -> tuple[str, ...]:
    """One a line; blank ones do not count."""
    return tuple(line.strip() for line in field(name).splitlines() if line.strip())


def typed() -> dict[str, Any]:
    """What was sent, to be shown again."""
    return dict(request.form.items())


def values_of(view: ApplicationView) -> dict[str, Any]:
    """What the long form shows of an application."""
    said = view.details
    own = [scope for scope in said.scopes or () if scope not in STANDARD_SCOPES]
    return {
        "version": view.version,
        "name": said.name,
        "own_scopes": "\n".join(own),
        "jwks": json.dumps(said.jwks, indent=2) if said.jwks else "",
        **{f"scope_{scope}": scope in (said.scopes or ()) for scope in STANDARD_SCOPES},
        **{name: grant in said.grants for name, grant in GRANTS.items()},
        **{name: "\n".join(getattr(said, name)) for name in _LISTS},
        **{name: getattr(said, name) or "" for name in _TEXTS},
        **{shown: getattr(said, name) for names in (_CHECKS, _NUMBERS, _CHOICES) for shown, name in names.items()},
    }


def errors_of(refusal: InvalidInput) -> dict[str, str]:
    """A sentence for each field of the form; where some of several lines are wrong, each with its number."""
    found: dict[str, str] = {}
    for error in refusal.errors:
        said, _, at = error.pointer.removeprefix("/").partition("/")
        sentence = f"Line {int(at) + 1}: {error.detail}" if at else error.detail
        name = _FIELDS.get(said, said)
        found[name] = f"{found[name]} {sentence}" if at and name in found else found.get(name, sentence)
    return found


def _numbers() -> Mapping[str, int | None]:
    read = {}
    for shown, said in _NUMBERS.items():
        typed = field(shown).strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):  # noqa: PLR2004
            raise refuse(said, "invalid", "Enter a number, or nothing.")
        read[said] = int(typed) if typed else None
    return read


def _jwks() -> Any:
    text = field("jwks").strip()
    try:
        read = json.loads(text) if text else None
    except (ValueError, RecursionError):
        raise refuse("jwks", "invalid_jwks", "This is not JSON.") from None
    if read is not None and not isinstance(read, dict):
        raise refuse("jwks", "invalid_jwks", 'Enter {"keys": [...]}.')
    return read
