"""How a client has introduced itself: read, not yet believed (RFC 6749, section 2.3.1; RFC 7523, section 2.2)."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from app.oidc import assertions
from app.oidc.calls import Call
from app.oidc.clients import AuthMethod
from app.oidc.errors import InvalidClient, InvalidRequest
from app.oidc.foreign import Unacceptable

_LONGEST_BASIC = 2048
_FAILED = "client authentication failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The method, whom it names, and what it shows: a secret or an assertion."""

    method: AuthMethod
    client_id: str
    secret: str = ""
    assertion: str = ""


def shown(call: Call) -> Shown:
    """Raises ``InvalidRequest`` for several methods at once, ``InvalidClient`` for none, or what cannot be read."""
    named, secret, assertion = call.one("client_id"), call.one("client_secret"), call.one("client_assertion")
    if sum(map(bool, (call.authorization, secret, assertion))) > 1:
        raise InvalidRequest("use one method of client authentication")
    if call.authorization:
        introduced = _basic(call.authorization)
    elif assertion:
        introduced = _assertion(call, assertion)
    elif named:
        introduced = Shown(method="client_secret_post" if secret else "none", client_id=named, secret=secret or "")
    else:
        raise InvalidClient("the client did not say who it is", log="no credentials")
    if named and named != introduced.client_id:
        raise InvalidRequest("client_id is another client")
    return introduced


def _basic(header: str) -> Shown:
    """RFC 7617; both parts are form-encoded within (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    encoded = encoded.strip()
    if scheme.lower() != "basic" or len(encoded) > _LONGEST_BASIC:
        raise InvalidClient(_FAILED, log="not Basic", scheme="Basic")
    try:
        name, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        name, secret = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise InvalidClient(_FAILED, log="malformed Basic", scheme="Basic") from error
    if not (name and colon and secret):
        raise InvalidClient(_FAILED, log="incomplete Basic", scheme="Basic")
    return Shown(method="client_secret_basic", client_id=name, secret=secret)


def _assertion(call: Call, assertion: str) -> Shown:
    if call.one("client_assertion_type") != assertions.KIND:
        raise InvalidRequest("client_assertion_type has to be jwt-bearer")
    try:
        client_id = assertions.named_by(assertion)
    except Unacceptable as refusal:
        raise InvalidClient(_FAILED, log=str(refusal)) from refusal
    return Shown(method="private_key_jwt", client_id=client_id, assertion=assertion)
