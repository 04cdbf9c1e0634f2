"""What a browser sends back when it has asked a passkey (WebAuthn Level 3, sections 7.1 and 7.2). Nothing is stored.

Nothing of it is to be believed before it is verified, not even that it is JSON; so whatever goes wrong is one refusal.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AuthenticatorTransport, CredentialDeviceType

T = TypeVar("T")
Credential = str | dict[str, Any]

ES256 = COSEAlgorithmIdentifier.ECDSA_SHA_256
EDDSA = COSEAlgorithmIdentifier.EDDSA
RS256 = COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256
# What we can check, the best first.
ALGORITHMS = [ES256, EDDSA, RS256]
_LEAST_RSA_BITS = 2048
_LONGEST = 32_768
_LONGEST_ID = 1023  # section 4, "credential ID"
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


class Unfit(Exception):
    """It is malformed, or does not fit. ``reason`` is for the trail, the rest for the log.

    ``about``: whose passkey it is, where it is somebody's.
    """

    def __init__(self, reason: str, log: str = "", *, about: UUID | None = None) -> None:
        super().__init__(log or reason)
        self.reason = reason
        self.about = about


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as far as it can be read: what it claims. ``user_handle``: whose the passkey is, as it remembers."""

    credential: dict[str, Any]
    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a reply has to be about."""

    challenge: bytes
    rp_id: str
    origins: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A right signature. ``verified``: the device has checked who holds it. ``bound``: the key never leaves it."""

    sign_count: int
    verified: bool
    bound: bool
    synced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new passkey, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    synced: bool


def read(credential: Credential) -> Reply:
    """Read a reply without believing it. Raises ``Unfit``."""
    return _carefully("malformed", lambda: _read(credential))


def check(reply: Reply, expected: Expected, *, public_key: bytes) -> Signed:
    """Verify that the holder of this key has signed what was asked. Raises ``Unfit``.

    The counter is the caller's business: the library would look at it before the signature, when anybody could have
    written it.
    """
    found = _carefully(
        "wrong",
        lambda: verify_authentication_response(
            credential=reply.credential,
            expected_challenge=expected.challenge,
            expected_rp_id=expected.rp_id,
            expected_origin=list(expected.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
        ),
    )
    return Signed(
        sign_count=found.new_sign_count,
        verified=found.user_verified,
        bound=found.credential_device_type == CredentialDeviceType.SINGLE_DEVICE,
        synced=found.credential_backed_up,
    )


def check_new(reply: Reply, expected: Expected) -> Made:
    """Verify a new passkey: its key is of a kind that we can check later. Raises ``Unfit``."""
    return _carefully("wrong", lambda: _check_new(reply, expected))


def _check_new(reply: Reply, expected: Expected) -> Made:
    found = verify_registration_response(
        credential=reply.credential,
        expected_challenge=expected.challenge,
        expected_rp_id=expected.rp_id,
        expected_origin=list(expected.origins),
        supported_pub_key_algs=ALGORITHMS,
    )
    if len(found.credential_id) > _LONGEST_ID or found.credential_id != reply.credential_id:
        raise Unfit("wrong", "another credential id than announced, or too long")
    _must_be_usable(found.credential_public_key)
    return Made(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=UUID(found.aaguid),
        synced=found.credential_backed_up,
    )


def _must_be_usable(public_key: bytes) -> None:
    """The library takes the word of it, and would find out at the first sign-in: section 5.8.5, and RFC 8812."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    fits = {
        ES256: isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1),
        EDDSA: isinstance(key, Ed25519PublicKey),
        RS256: isinstance(key, RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS,
    }
    if not fits[decoded.alg]:
        raise Unfit("wrong", "the key is not of the kind that it says")


def _read(credential: Credential) -> Reply:
    text = credential if isinstance(credential, str) else json.dumps(credential)
    if len(text) > _LONGEST:
        raise Unfit("malformed", "too long")
    parsed = json.loads(text)
    response = parsed["response"]
    raw = base64url_to_bytes(response["clientDataJSON"])
    # The library does not look at this: we are in nobody's frame (section 7.2, step 10).
    if json.loads(raw).get("crossOrigin", False) is not False:
        raise Unfit("malformed", "from within a frame")
    handle = response.get("userHandle")
    return Reply(
        credential=parsed,
        credential_id=base64url_to_bytes(parsed["rawId"]),
        challenge=parse_client_data_json(raw).challenge,
        user_handle=base64url_to_bytes(handle) if handle is not None else None,
        transports=_transports(response.get("transports")),
    )


def _transports(sent: object) -> tuple[str, ...]:
    known = {one for one in sent if isinstance(one, str)} & _TRANSPORTS if isinstance(sent, list) else set()
    return tuple(sorted(known))


def _carefully(reason: str, act: Callable[[], T]) -> T:
    try:
        return act()
    except Unfit:
        raise
    except Exception as error:
        # Foreign bytes raise whatever they like, in JSON, CBOR, and curves; all of it means the same.
        raise Unfit(reason, ascii(f"{type(error).__name__}: {error}")[:200]) from error
