"""JWTs that clients have signed: which keys and algorithms count, and what a header may not say (RFC 8725).

A key says which algorithms go with it, never the other way round, and it comes from where the caller looks for it:
what a token says of where its key is (``jku``, ``x5u``) is refused, not followed.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import jwt
from jwt.algorithms import OKPAlgorithm

# Longer than any that we ask for: whoever sends more wants to keep us busy.
_LONGEST = 8192
_ALGORITHMS: dict[tuple[str, str | None], frozenset[str]] = {
    ("RSA", None): frozenset({"RS256", "PS256"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),  # RFC 8037; RFC 9864
}
ALGORITHMS = tuple(sorted(frozenset().union(*_ALGORITHMS.values())))
# RFC 7517, section 9.3, and RFC 7518, section 6: what a public key never has.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# Members that change what is signed, or point at keys (RFC 7515, sections 4.1 and 4.1.11; RFC 7797).
_REFUSED = frozenset({"crit", "b64", "jku", "x5u", "x5c", "zip", "enc"})
# JSON can spell what no encoding can (RFC 8259, section 8.2).
_HALF = re.compile("[\ud800-\udfff]")
# Seconds; so that neither infinity nor an endless number is computed with.
_LATEST = 10**12
_RSA_BITS = range(2048, 8193)
_jws = jwt.PyJWS(algorithms=["RS256", "PS256", "ES256", "EdDSA"])
_jws.register_algorithm("Ed25519", OKPAlgorithm())


class Unacceptable(Exception):
    """Not a JWT that counts; says why, for the log."""


def header_of(token: str) -> dict[str, Any]:
    """What the header says, which nobody has vouched for yet. Raises ``Unacceptable``."""
    if len(token) > _LONGEST or not token.isascii():
        raise Unacceptable("too long")
    try:
        header = _jws.get_unverified_header(token)
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError) as error:
        raise Unacceptable(f"header: {type(error).__name__}") from error
    if refused := _REFUSED & header.keys():
        raise Unacceptable(f"header has {min(refused)}")
    return header


def claims_of(token: str, *, jwk: Mapping[str, Any], algorithm: object) -> dict[str, Any]:
    """What was signed with this key, by one of its algorithms. Claims are the caller's to check.

    Raises ``Unacceptable``.
    """
    if not isinstance(algorithm, str) or algorithm not in algorithms_of(jwk):
        raise Unacceptable(f"algorithm {str(algorithm)[:16]!r}")
    try:
        key = _key(jwk, algorithm)
        return _object(_jws.decode(token, key, algorithms=[algorithm]))
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError) as error:
        raise Unacceptable(f"signature: {type(error).__name__}") from error


def unverified_claims(token: str) -> dict[str, Any]:
    """What it says, which nobody has vouched for. Raises ``Unacceptable``."""
    header_of(token)
    try:
        return _object(_jws.decode(token, options={"verify_signature": False}))
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError) as error:
        raise Unacceptable(f"claims: {type(error).__name__}") from error


def algorithms_of(jwk: Mapping[str, Any]) -> frozenset[str]:
    """What may be signed with a public key; nothing with one of another type, or one that shows its private half."""
    kind = (jwk.get("kty"), jwk.get("crv"))
    if _PRIVATE & jwk.keys() or not all(isinstance(part, str | None) for part in kind):
        return frozenset()
    possible = _ALGORITHMS.get(kind, frozenset())  # type: ignore[arg-type]
    meant = jwk.get("alg")
    return possible if meant is None else possible & {meant} if isinstance(meant, str) else frozenset()


def moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A claim that is a time (RFC 7519, section 2, NumericDate); ``None`` without one. Raises ``Unacceptable``."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LATEST:
        raise Unacceptable(f"{name} is no time")
    return float(value)


def text(claims: Mapping[str, Any], name: str, *, longest: int = 256) -> str:
    """A claim that is a string, and there: half a surrogate pair is none. Raises ``Unacceptable``."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or _HALF.search(value):
        raise Unacceptable(f"{name} is missing or no text")
    return value


def _key(jwk: Mapping[str, Any], algorithm: str) -> Any:
    key: Any = _jws.get_algorithm_by_name(algorithm).from_jwk(dict(jwk))
    if jwk["kty"] == "RSA" and key.key_size not in _RSA_BITS:
        raise Unacceptable("key size")
    return key


def _object(payload: bytes) -> dict[str, Any]:
    claims = json.loads(payload)
    if not isinstance(claims, dict):
        raise Unacceptable("no claims")
    return claims
