"""What an authorization request has to be, rule by rule: the same at the front door and where it is pushed."""

import re
from urllib.parse import urlsplit

from app.oidc import redirects
from app.oidc.asked import KNOWN, SEVERAL, Asked
from app.oidc.claims_parameter import is_well_formed
from app.oidc.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)

PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})
MODES = frozenset({"query", "form_post"})
_LONGEST, _LONGEST_VALUE, _LONGEST_OF_ALL = 8192, 1024, 24_576
_LONG = frozenset({"id_token_hint", "claims", "redirect_uri", "state", "request", "registration"})
_MOST = 20
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
# RFC 6749, appendix A.4.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


class Unproven(InvalidRequest):
    """We do not know that the application is behind this address: nobody is sent there, not even with an error."""


class UnknownClient(Unproven):
    error = "invalid_client"


def client_is_known(asked: Asked) -> None:
    """RFC 6749, 4.1.2.1: an unknown client is told to the person, and nobody is redirected."""
    if asked.client is None or asked.one("client_id") is None:
        raise UnknownClient("client_id is not known here, or switched off")


def redirect_uri_is_exact(asked: Asked) -> None:
    """RFC 9700, 2.1: the very string that is registered; never an error to another one. OpenID Connect asks for it."""
    uri = asked.one("redirect_uri")
    if uri is None:
        raise Unproven("redirect_uri has to be sent, once")
    if not redirects.is_registered(asked.known_client, uri):
        raise Unproven("redirect_uri is not one of this application's")


def nothing_twice(asked: Asked) -> None:
    """RFC 6749, 3.1: no parameter more than once. ``resource`` may be (RFC 8707, 2)."""
    doubled = sorted(name for name in KNOWN if len(asked.parameters.get(name, ())) > 1)
    if doubled:
        raise InvalidRequest(f"{doubled[0]} was sent more than once")


def nothing_monstrous(asked: Asked) -> None:
    """What is written down and sent back has bounds, and no control characters (RFC 6749, appendix A)."""
    if sum(len(each) for name in KNOWN | SEVERAL for each in asked.parameters.get(name, ())) > _LONGEST_OF_ALL:
        raise InvalidRequest("the request is too long")
    for name in KNOWN | SEVERAL:
        values = asked.parameters.get(name, ())
        if len(values) > _MOST or any(is_too_long(name, each) for each in values):
            raise InvalidRequest(f"{name} is too long")
        if any(not each.isprintable() for each in values if name not in {"claims", "registration"}):
            raise InvalidRequest(f"{name} has characters that cannot be there")


def is_too_long(name: str, value: str) -> bool:
    """In bytes: each of them stands as three characters in the address that carries it back."""
    return len(value.encode()) > (_LONGEST if name in _LONG else _LONGEST_VALUE)


def response_mode_is_known(asked: Asked) -> None:
    """OAuth 2.0 Multiple Response Types, 2.1, and Form Post Response Mode: query and form_post; never a fragment."""
    if (asked.one("response_mode") or "query") not in MODES:
        raise InvalidRequest("response_mode is query or form_post")


def no_request_object(asked: Asked) -> None:
    """OpenID Connect Core, 6.1 and 3.1.2.6: not supported, and never ignored."""
    if asked.one("request"):
        raise RequestNotSupported("request objects are not supported")


def no_request_uri(asked: Asked) -> None:
    """OpenID Connect Core, 6.2; RFC 9126, 2.1: what was pushed has been taken before, and pushes no other."""
    if asked.one("request_uri") and asked.pushed:
        raise InvalidRequest("request_uri cannot be pushed")
    if asked.one("request_uri"):
        raise RequestUriNotSupported("only what was pushed here can be named by request_uri")


def no_registration(asked: Asked) -> None:
    """OpenID Connect Core, 7.2.1 and 3.1.2.6: clients do not describe themselves."""
    if asked.one("registration"):
        raise RegistrationNotSupported("registration is not supported")


def response_type_is_code(asked: Asked) -> None:
    """RFC 6749, 4.1.1; RFC 9700, 2.1.2: no tokens from here, so nothing but ``code``."""
    wanted = asked.one("response_type")
    if wanted is None:
        raise InvalidRequest("response_type is missing")
    if wanted != "code":
        raise UnsupportedResponseType("response_type has to be code")


def client_may_ask(asked: Asked) -> None:
    """RFC 6749, 4.1.2.1: the client is registered for codes."""
    if "authorization_code" not in asked.known_client.grant_types:
        raise UnauthorizedClient("this application is not registered for authorization_code")


def pushed_where_it_must(asked: Asked) -> None:
    """RFC 9126, 6: the client has said that its requests only ever come by the back channel."""
    if asked.known_client.require_pushed_requests and not asked.pushed:
        raise InvalidRequest("this application has to push its requests")


def pkce_is_sound(asked: Asked) -> None:
    """RFC 9700, 2.1.1; RFC 7636, 4.3: S256 and nothing else; without it only a confidential client that is exempted."""
    challenge, method = asked.one("code_challenge"), asked.one("code_challenge_method")
    client = asked.known_client
    if challenge is None and method is None and not (client.require_pkce or client.is_public):
        return
    if challenge is None:
        raise InvalidRequest("code_challenge is missing")
    if method != "S256":
        raise InvalidRequest("code_challenge_method has to be S256")
    if not _DIGEST.fullmatch(challenge):
        raise InvalidRequest("code_challenge is not a SHA-256 in base64url")


def scopes_are_allowed(asked: Asked) -> None:
    """RFC 6749, 3.3: what the client is registered for; without any, ``openid``."""
    allowed = asked.known_client.scopes
    if not asked.words("scope") and "openid" not in allowed:
        raise InvalidScope("scope is missing")
    for scope in asked.words("scope"):
        if not _SCOPE.fullmatch(scope):
            raise InvalidScope("scope is malformed")
        if scope not in allowed:
            raise InvalidScope("this application may not ask for one of these scopes")


def prompts_are_known(asked: Asked) -> None:
    """OpenID Connect Core, 3.1.2.1, and Prompt Create 1.0: known values, and ``none`` alone."""
    prompts = asked.words("prompt")
    if not PROMPTS.issuperset(prompts):
        raise InvalidRequest("prompt is none, login, consent, select_account or create")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequest("prompt none goes with no other")


def max_age_is_a_number(asked: Asked) -> None:
    """OpenID Connect Core, 3.1.2.1: seconds, and not fewer than none."""
    max_age = asked.one("max_age")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        raise InvalidRequest("max_age has to be a number of seconds")


def hint_is_ours(asked: Asked) -> None:
    """OpenID Connect Core, 3.1.2.1: an ID token that we gave this client. That it has expired does not matter."""
    if asked.one("id_token_hint") is None:
        return
    said = asked.hint["aud"] if asked.hint else ()
    if asked.known_client.client_id not in ([said] if isinstance(said, str) else said):
        raise InvalidRequest("id_token_hint is not an ID token that we gave this application")


def claims_are_well_formed(asked: Asked) -> None:
    """OpenID Connect Core, 5.5: a JSON object whose ``userinfo`` and ``id_token`` are objects of requests."""
    claims = asked.one("claims")
    if claims is not None and not is_well_formed(claims):
        raise InvalidRequest("claims is not what section 5.5 of OpenID Connect Core describes")


def resources_are_allowed(asked: Asked) -> None:
    """RFC 8707, 2: absolute URIs without a fragment, of those that the client may ask tokens for."""
    for resource in asked.every("resource"):
        if not _is_absolute(resource):
            raise InvalidTarget("resource has to be an absolute URI without a fragment")
        if resource not in asked.known_client.resources and resource != asked.issuer:
            raise InvalidTarget("this application may not ask for one of these resources")


def dpop_key_is_a_thumbprint(asked: Asked) -> None:
    """RFC 9449, 10: the SHA-256 of a key, in base64url."""
    jkt = asked.one("dpop_jkt")
    if jkt is not None and not _DIGEST.fullmatch(jkt):
        raise InvalidRequest("dpop_jkt is not a thumbprint")


CHECKS = (
    client_is_known,
    redirect_uri_is_exact,
    nothing_twice,
    nothing_monstrous,
    response_mode_is_known,
    no_request_object,
    no_request_uri,
    no_registration,
    response_type_is_code,
    client_may_ask,
    pushed_where_it_must,
    pkce_is_sound,
    scopes_are_allowed,
    prompts_are_known,
    max_age_is_a_number,
    hint_is_ours,
    claims_are_well_formed,
    resources_are_allowed,
    dpop_key_is_a_thumbprint,
)


def check(asked: Asked) -> None:
    """Raises the first refusal. One that is ``Unproven`` must not lead anybody to the redirect URI."""
    for rule in CHECKS:
        rule(asked)


def _is_absolute(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).scheme) and "#" not in uri
    except ValueError:
        return False
