"""The public keys that a client signs its assertions with (RFC 7523; RFC 7517): what may be registered."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

MOST_KEYS = 10
_LONGEST = 32_768
_FEWEST_BITS, _MOST_BITS = 2048, 8192
_SMALLEST_EXPONENT = 3
_LONGEST_ID = 200
# RFC 8259, section 6: a number that everybody reads alike.
_LARGEST = 2**53
# Members that only a private or a symmetric key has (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS = frozenset({"RSA", "EC", "OKP"})
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


class BadKeys(ValueError):
    """A key set that will not do; its text is the sentence that says why."""


def check(jwks: Mapping[str, Any]) -> None:
    """Refuse what is no set of public keys that are strong enough. Raises ``BadKeys``.

    1. Anything but ``{"keys": [...]}`` with one to ten keys, each with a ``kid`` of its own where there are more.
    2. A private or a symmetric key: it is known to more than its owner now.
    3. RSA below 2048 bits, curves other than P-256, P-384, P-521 and Ed25519, keys for encryption.
    """
    keys = jwks.get("keys")
    if set(jwks) != {"keys"} or not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise BadKeys(f'Send {{"keys": [...]}} with 1 to {MOST_KEYS} public keys.')
    if not all(isinstance(key, dict) and all(map(_is_plain, [*key, *key.values()])) for key in keys):
        raise BadKeys("What is said of a key is a text, a number, or a list of texts.")
    if len(json.dumps(jwks)) > _LONGEST:
        raise BadKeys("That is too much for a set of keys.")
    for key in keys:
        _check_one(key)
    ids = [key.get("kid") for key in keys]
    if len(keys) > 1 and (None in ids or len(set(ids)) < len(ids)):
        raise BadKeys("Give each key a kid of its own.")


def _is_plain(said: object) -> bool:
    """What every row and every program takes: nothing nested, no half characters, no number without an end."""
    if isinstance(said, list):
        return all(isinstance(one, str) and one.isprintable() for one in said)
    return said.isprintable() if isinstance(said, str) else isinstance(said, int) and abs(said) < _LARGEST


def _check_one(key: object) -> None:
    if not isinstance(key, dict) or key.get("kty") not in _KINDS | {"oct"}:
        raise BadKeys("Each key is a JSON Web Key of kty RSA, EC or OKP.")
    if _PRIVATE & set(key) or key["kty"] == "oct":
        raise BadKeys("Send public keys only. A private key that was sent here should be replaced.")
    kid = key.get("kid", "x")
    if not isinstance(kid, str) or not 1 <= len(kid) <= _LONGEST_ID or not kid.isprintable():
        raise BadKeys("A kid is a short text.")
    if key.get("use", "sig") != "sig" or key.get("key_ops", ["verify"]) != ["verify"]:
        raise BadKeys("The keys are for signatures.")
    _check_strength(_loaded(key))


def _loaded(key: dict[str, Any]) -> object:
    bare = {name: value for name, value in key.items() if name != "alg"}
    try:
        return jwt.PyJWK(bare, algorithm=_algorithm(bare)).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        raise BadKeys("One of these is not a key that we can read.") from None


def _algorithm(key: Mapping[str, Any]) -> str:
    curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
    return {"RSA": "RS256", "OKP": "EdDSA"}.get(key["kty"]) or curves.get(str(key.get("crv")), "ES256")


def _check_strength(key: object) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        fits = _FEWEST_BITS <= key.key_size <= _MOST_BITS and key.public_numbers().e >= _SMALLEST_EXPONENT
        if not fits:
            raise BadKeys(f"RSA keys have {_FEWEST_BITS} bits at least.")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise BadKeys("Of elliptic curves, use P-256, P-384, P-521 or Ed25519.")
    elif not isinstance(key, ed25519.Ed25519PublicKey):
        raise BadKeys("Of elliptic curves, use P-256, P-384, P-521 or Ed25519.")
