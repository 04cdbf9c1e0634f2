"""What an application has to be, when it is registered and whenever it changes: a table of rules, all of them asked."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from app.errors import FieldError, InvalidInput, gather, refuse
from app.oidc import client_keys, uris
from app.oidc.application_details import (
    AUTHORIZATION_CODE,
    DEVICE_CODE,
    KINDS,
    REFRESH_TOKEN,
    SIGNING,
    TOKEN_EXCHANGE,
    Details,
)

_LONGEST_NAME = 100
_MOST_URIS = 50
_MOST_SCOPES, _LONGEST_SCOPE = 100, 100
_MOST_MINUTES, _MOST_DAYS = 1440, 365
# RFC 6749, section 3.3: a scope-token.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
Plain = Callable[[str], bool]


def check(said: Details, *, plain: Plain) -> None:
    """Refuse all that will not do, at once. ``plain``: to which hosts we may call by http. Raises ``InvalidInput``."""
    if said.type not in KINDS:
        gather(partial(_name, said), _no_type)
    rules = (_name, _scopes, _signing, _method, _grants, _redirects, _lives, _pkce, _keys, _pages, _resources)
    gather(*(partial(rule, said) for rule in rules), partial(_backchannel, said, plain=plain))


def _name(said: Details) -> None:
    if not said.name:
        raise refuse("name", "required", "Give it a name.")
    if len(said.name) > _LONGEST_NAME:
        raise refuse("name", "too_long", f"Use at most {_LONGEST_NAME} characters.")
    if not said.name.isprintable():
        raise refuse("name", "invalid_name", "Use letters, digits and signs that can be seen.")


def _no_type() -> None:
    raise refuse("type", "invalid_type", f"Choose one of {', '.join(KINDS)}.")


def _scopes(said: Details) -> None:
    scopes = said.scopes or ()
    if len(scopes) > _MOST_SCOPES:
        raise refuse("scopes", "too_many", f"Use at most {_MOST_SCOPES} scopes.")
    if not all(len(one) <= _LONGEST_SCOPE and _SCOPE.fullmatch(one) for one in scopes):
        raise refuse("scopes", "invalid_scope", "A scope has no blanks, quotes or backslashes in it.")


def _signing(said: Details) -> None:
    if said.id_token_signed_response_alg not in SIGNING:
        field = "id_token_signed_response_alg"
        raise refuse(field, "invalid_algorithm", f"Choose one of {', '.join(SIGNING)}.")


def _method(said: Details) -> None:
    allowed = KINDS[said.type].auth_methods
    if said.token_endpoint_auth_method not in allowed:
        field, words = "token_endpoint_auth_method", " or ".join(allowed)
        raise refuse(field, "invalid_auth_method", f"Applications of this type use {words}.")


def _grants(said: Details) -> None:
    """A grant for each way that it goes, and none that its kind cannot keep safe (RFC 9700, section 2)."""
    allowed = KINDS[said.type].grants
    if not said.grants:
        raise refuse("grant_types", "required", "Choose one at least.")
    if not set(said.grants) <= set(allowed):
        raise refuse("grant_types", "invalid_grant_type", f"Applications of this type use {', '.join(allowed)}.")
    if said.is_public and TOKEN_EXCHANGE in said.grants:
        raise refuse("grant_types", "invalid_grant_type", "Only applications with credentials exchange tokens.")
    if REFRESH_TOKEN in said.grants and not {AUTHORIZATION_CODE, DEVICE_CODE} & set(said.grants):
        raise refuse("grant_types", "invalid_grant_type", "Nothing here gives refresh tokens.")


def _redirects(said: Details) -> None:
    native, errors = said.type == "native", list[FieldError]()
    check_one = partial(uris.redirect, native=native)
    needed = AUTHORIZATION_CODE in said.grants
    if needed and not said.redirect_uris:
        errors += refuse("redirect_uris", "required", "Say where people are sent back to.").errors
    if said.redirect_uris and not needed:
        errors += refuse("redirect_uris", "not_used", "Nobody is sent to this application: leave these out.").errors
    errors += _each("redirect_uris", said.redirect_uris, check_one)
    errors += _each("post_logout_redirect_uris", said.post_logout_redirect_uris, check_one)
    if errors:
        raise InvalidInput(errors=tuple(errors))


def _lives(said: Details) -> None:
    errors = list[FieldError]()
    for field, value, most in (
        ("access_token_minutes", said.access_token_minutes, _MOST_MINUTES),
        ("refresh_token_days", said.refresh_token_days, _MOST_DAYS),
    ):
        if value is not None and not 1 <= value <= most:
            errors += refuse(field, "out_of_range", f"Enter a number from 1 to {most}, or nothing.").errors
    if errors:
        raise InvalidInput(errors=tuple(errors))


def _pkce(said: Details) -> None:
    """RFC 9700, section 2.1.1: of public clients it is required; of confidential ones, unless they are exempted."""
    if not said.require_pkce and said.is_public:
        raise refuse("require_pkce", "pkce_required", "Without a secret, only PKCE keeps its codes to it: keep it.")


def _keys(said: Details) -> None:
    if said.jwks is None:
        if said.token_endpoint_auth_method == "private_key_jwt":  # noqa: S105 - a method's name
            raise refuse("jwks", "required", "Send the public keys that it signs with.")
        return
    try:
        client_keys.check(said.jwks)
    except client_keys.BadKeys as bad:
        raise refuse("jwks", "invalid_jwks", str(bad)) from None


def _pages(said: Details) -> None:
    errors = list[FieldError]()
    for field in ("home_uri", "policy_uri", "terms_uri"):
        if (uri := getattr(said, field)) is not None:
            errors += _one(f"/{field}", uri, uris.page)
    if errors:
        raise InvalidInput(errors=tuple(errors))


def _resources(said: Details) -> None:
    errors = [
        *_each("resources", said.resources, uris.resource),
        *_each("serves", said.serves, uris.resource),
    ]
    if errors:
        raise InvalidInput(errors=tuple(errors))


def _backchannel(said: Details, *, plain: Plain) -> None:
    if said.backchannel_logout_uri is not None:
        rule = partial(uris.callback, plain=plain)
        if errors := _one("/backchannel_logout_uri", said.backchannel_logout_uri, rule):
            raise InvalidInput(errors=tuple(errors))


def _each(field: str, found: Sequence[str], rule: uris.Rule) -> list[FieldError]:
    if len(found) > _MOST_URIS:
        return list(refuse(field, "too_many", f"Use at most {_MOST_URIS}.").errors)
    return [error for at, uri in enumerate(found) for error in _one(f"/{field}/{at}", uri, rule)]


def _one(pointer: str, uri: str, rule: uris.Rule) -> list[FieldError]:
    try:
        rule(uri)
    except uris.Unfit as unfit:
        return [FieldError(pointer=pointer, code="invalid_uri", detail=str(unfit))]
    return []
