"""Keys that applications hold, and what they sign with them."""

import base64
import hashlib
import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from app.ids import uuid7

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = {"ES256": "ES256", "EdDSA": "EdDSA", "Ed25519": "EdDSA", "RS256": "RS256", "PS256": "PS256"}
_rsa = []


def a_key(algorithm="ES256"):
    """A private key; the slow one is made once for each process."""
    if algorithm in {"RS256", "PS256"}:
        if not _rsa:
            _rsa.append(rsa.generate_private_key(public_exponent=65537, key_size=2048))
        return _rsa[0]
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def public_jwk(key, algorithm="ES256", **more):
    encoder = jwt.get_algorithm_by_name(_ALGORITHMS[algorithm])
    jwk = encoder.to_jwk(key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return jwk | more


def private_jwk(key, algorithm="ES256"):
    jwk = jwt.get_algorithm_by_name(_ALGORITHMS[algorithm]).to_jwk(key, as_dict=True)
    jwk.pop("key_ops", None)
    return jwk


def signed(key, claims, *, algorithm="ES256", headers=None):
    """A JWS; by hand where the library has no such name or would not do such a thing."""
    claims = {name: value for name, value in claims.items() if value is not None}
    if algorithm == "Ed25519":
        head = _part({"alg": algorithm, "typ": "JWT"} | (headers or {}))
        body = f"{head}.{_part(claims)}"
        return f"{body}.{_base64(key.sign(body.encode()))}"
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def raw(header, claims, signature=b""):
    return f"{_part(header)}.{_part(claims)}.{_base64(signature)}"


def an_assertion(key, tenant, client_id, *, algorithm="ES256", headers=None, **changed):
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": tenant.origin,
        "exp": now + 60,
        "iat": now,
        "jti": str(uuid7()),
    } | changed
    return signed(key, claims, algorithm=algorithm, headers=headers)


def asserting(assertion):
    """The form fields that carry it."""
    return {"client_assertion_type": ASSERTION, "client_assertion": assertion}


def a_proof(key, url, *, method="POST", algorithm="ES256", token=None, headers=None, **changed):
    """A DPoP proof (RFC 9449, section 4.2)."""
    claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid7())}
    if token:
        claims["ath"] = _base64(hashlib.sha256(token.encode()).digest())
    head = {"typ": "dpop+jwt", "jwk": public_jwk(key, algorithm)} | (headers or {})
    return signed(key, claims | changed, algorithm=algorithm, headers=head)


def _part(said):
    return _base64(json.dumps(said).encode())


def _base64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
