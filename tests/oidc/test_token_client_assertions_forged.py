"""Assertions that others have made, or changed (RFC 8725; security.md 3.6, Jwt, and class H)."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.oidc.asserting import a_robot, ask, key, refused, robot
from tests.oidc.clients import an_application
from tests.oidc.signing import a_key, an_assertion, public_jwk, raw

__all__ = ["ask", "key", "robot"]


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", "", None, 5, ["ES256"]])
def test_no_signature_is_none(cast, ask, robot, alg):
    claims = {
        "iss": robot.client_id,
        "sub": robot.client_id,
        "aud": cast.acme.origin,
        "exp": int(time.time()) + 60,
        "jti": "1",
    }
    assert refused(ask(raw({"alg": alg, "typ": "JWT"}, claims)))


def test_a_public_key_is_no_shared_secret_and_a_token_brings_no_key(services, cast, ask, key, robot):
    mine = a_key()
    say = {"alg": "ES256", "typ": "JWT"}
    assert refused(ask(an_assertion(mine, cast.acme, robot.client_id)))
    for name, value in (
        ("jwk", public_jwk(mine)),
        ("jku", "https://evil.example/jwks"),
        ("x5u", "https://evil.example/x5"),
        ("x5c", ["MII="]),
        ("crit", ["b64"]),
        ("b64", False),
    ):
        assert refused(ask(an_assertion(mine, cast.acme, robot.client_id, headers=say | {name: value})))
        assert refused(ask(an_assertion(key, cast.acme, robot.client_id, headers=say | {name: value})))
    public = public_jwk(key)
    claims = {
        "iss": robot.client_id,
        "sub": robot.client_id,
        "aud": cast.acme.origin,
        "exp": int(time.time()) + 60,
        "jti": "1",
    }
    for secret in (public["x"], str(public), "x" * 32):
        assert refused(ask(jwt.encode(claims, secret.ljust(32, "x"), algorithm="HS256")))


@pytest.mark.parametrize(("curve", "algorithm"), [(ec.SECP384R1(), "ES384"), (ec.SECP256R1(), "ES256K")])
def test_algorithms_that_we_do_not_name_are_refused(services, cast, ask, curve, algorithm):
    if algorithm == "ES256K":
        key, algorithm = ec.generate_private_key(ec.SECP256K1()), "ES256K"
    else:
        key = ec.generate_private_key(curve)
    robot = a_robot(services, cast, public_jwk(a_key()))
    assert refused(ask(an_assertion(key, cast.acme, robot.client_id, algorithm=algorithm)))


@pytest.mark.parametrize("text", ["a.b", "a.b.c", "..", "x" * 100_000, "é.é.é", "a.b.c.d.e"])
def test_what_is_no_jwt_is_refused(ask, text):
    assert refused(ask(text))


def test_others_assertions_and_other_types_are_refused(services, cast, ask, key, robot):
    other = a_robot(services, cast, public_jwk(a_key()), name="Other")
    assert refused(ask(an_assertion(key, cast.acme, other.client_id)))
    assert refused(ask(an_assertion(key, cast.acme, robot.client_id, headers={"typ": "dpop+jwt"})))
    assert ask(an_assertion(key, cast.acme, robot.client_id), client_id=other.client_id).status_code == 400
    wrong_type = ask(an_assertion(key, cast.acme, robot.client_id), client_assertion_type="jwt")
    assert (wrong_type.status_code, wrong_type.json["error"]) == (400, "invalid_request")
    by_secret = an_application(services, cast.acme, type="machine", name="Secret")
    assert refused(ask(an_assertion(key, cast.acme, by_secret.client_id)))
