"""The public keys of clients: what may be registered (security.md, class H)."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519

from app.oidc.client_keys import BadKeys, check


def of(key, **more):
    """A public key as a JWK."""
    algorithm = {"Ed": jwt.algorithms.OKPAlgorithm, "EC": jwt.algorithms.ECAlgorithm}
    kind = algorithm["EC" if isinstance(key, ec.EllipticCurvePublicKey) else "Ed"]
    return {**kind.to_jwk(key, as_dict=True), **more}


def rsa(bits, e="AQAB"):
    modulus = (1 << (bits - 1)) | 1
    n = base64.urlsafe_b64encode(modulus.to_bytes((bits + 7) // 8)).decode().rstrip("=")
    return {"kty": "RSA", "n": n, "e": e}


ED = of(ed25519.Ed25519PrivateKey.generate().public_key())
EC = of(ec.generate_private_key(ec.SECP256R1()).public_key())
EC384 = of(ec.generate_private_key(ec.SECP384R1()).public_key())


@pytest.mark.parametrize(
    "keys",
    [
        [ED],
        [EC],
        [EC384],
        [rsa(2048)],
        [rsa(4096) | {"alg": "PS256", "use": "sig"}],
        [EC | {"kid": "a"}, ED | {"kid": "b"}, rsa(2048) | {"kid": "c"}],
        [EC | {"kid": "a", "key_ops": ["verify"]}],
    ],
)
def test_public_keys_that_are_strong_enough(keys):
    check({"keys": keys})


PRIVATE = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": EC},
        {"keys": ["x"]},
        {"keys": [None]},
        {"keys": [EC], "more": 1},
        {"keys": [EC | {"kid": str(at)} for at in range(11)]},
        {"keys": [EC, ED]},
        {"keys": [EC | {"kid": "a"}, ED | {"kid": "a"}]},
        {"keys": [PRIVATE]},
        {"keys": [rsa(2048) | {"d": "AQAB"}]},
        {"keys": [rsa(2048) | {"p": "AQAB"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [EC | {"k": "c2VjcmV0"}]},
        {"keys": [{"kty": "none"}]},
        {"keys": [{}]},
        {"keys": [rsa(1024)]},
        {"keys": [rsa(2047)]},
        {"keys": [rsa(2048, e="AQ")]},
        {"keys": [rsa(2048, e="Ag")]},
        {"keys": [rsa(16384)]},
        {"keys": [of(ec.generate_private_key(ec.SECP256K1()).public_key())]},
        {"keys": [of(ed448.Ed448PrivateKey.generate().public_key())]},
        {"keys": [EC | {"x": "AAAA"}]},
        {"keys": [EC | {"x": EC["y"], "y": EC["x"]}]},
        {"keys": [EC | {"crv": "P-384"}]},
        {"keys": [{"kty": "EC", "crv": "P-256"}]},
        {"keys": [ED | {"x": "!"}]},
        {"keys": [EC | {"use": "enc"}]},
        {"keys": [EC | {"key_ops": ["sign"]}]},
        {"keys": [EC | {"kid": 7}]},
        {"keys": [EC | {"kid": "x" * 300}]},
        {"keys": [EC | {"x5c": ["x" * 40_000]}]},
    ],
)
def test_what_is_no_set_of_public_keys(jwks):
    with pytest.raises(BadKeys):
        check(jwks)
