"""Clients that sign who they are (RFC 7523; security.md 3.6, Jwt; FAPI 2.0, section 5.3.2.1)."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.signing import a_key, an_assertion, asserting, public_jwk, raw
from tests.waiting import at_once

ASK = {"grant_type": "client_credentials"}


@pytest.fixture
def key():
    return a_key()


@pytest.fixture
def robot(services, cast, key):
    return a_robot(services, cast, public_jwk(key))


def a_robot(services, cast, *keys, **more):
    return an_application(
        services,
        cast.acme,
        type="machine",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": list(keys)},
        **more,
    )


@pytest.fixture
def ask(app, cast):
    def ask(assertion, **more):
        return TokenClient(app, cast.acme).post(ASK | asserting(assertion) | more)

    return ask


def refused(answer):
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    return True


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"])
def test_a_signature_by_a_registered_key_lets_it_in(services, cast, ask, algorithm):
    key = a_key(algorithm)
    robot = a_robot(services, cast, public_jwk(key, algorithm))
    assertion = an_assertion(key, cast.acme, robot.client_id, algorithm=algorithm)
    assert ask(assertion, client_id=robot.client_id).status_code == 200
    typed = an_assertion(key, cast.acme, robot.client_id, algorithm=algorithm, headers={"typ": "client-authentication+jwt"})
    assert ask(typed).status_code == 200


def test_of_several_keys_the_named_one_counts_or_any(services, cast, ask):
    old, new = a_key(), a_key()
    robot = a_robot(services, cast, public_jwk(old, kid="old"), public_jwk(new, kid="new"))
    assert ask(an_assertion(new, cast.acme, robot.client_id)).status_code == 200
    assert ask(an_assertion(new, cast.acme, robot.client_id, headers={"kid": "new"})).status_code == 200
    assert refused(ask(an_assertion(new, cast.acme, robot.client_id, headers={"kid": "old"})))
    for kid in ("../../dev/null", "' OR 1=1 --", "https://evil.example/jwks", "x" * 2000):
        assert refused(ask(an_assertion(new, cast.acme, robot.client_id, headers={"kid": kid})))


def test_the_audience_is_the_issuer_and_nothing_else(cast, ask, key, robot):
    origin = cast.acme.origin
    wrong = (
        [origin],
        [origin, "https://else.example"],
        f"{origin}/oauth2/token",
        f"{origin}/oauth2/par",
        f"{origin}/",
        origin[:-1],
        cast.globex.origin,
        None,
        "",
        {"aud": origin},
    )
    for aud in wrong:
        assert refused(ask(an_assertion(key, cast.acme, robot.client_id, aud=aud)))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": None},
        {"exp": -1},
        {"exp": 400},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("inf")},
        {"iat": 60},
        {"nbf": 60},
        {"nbf": "x"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 300},
        {"iss": None},
        {"iss": "another"},
        {"sub": None},
        {"sub": 5},
    ],
)
def test_what_a_client_has_to_say_is_checked(cast, ask, key, robot, changed):
    now = int(time.time())
    moved = {
        name: now + value if name in {"exp", "iat", "nbf"} and type(value) is int else value
        for name, value in changed.items()
    }
    assert refused(ask(an_assertion(key, cast.acme, robot.client_id, **moved)))


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_clock_that_is_eight_seconds_ahead_is_let_off(cast, ask, key, robot, name):
    assert ask(an_assertion(key, cast.acme, robot.client_id, **{name: int(time.time()) + 8})).status_code == 200


def test_it_is_shown_once_even_by_many_at_the_same_moment(cast, ask, key, robot):
    assertion = an_assertion(key, cast.acme, robot.client_id)
    answers = at_once(*[lambda: ask(assertion)] * 10)
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", "", None, 5, ["ES256"]])
def test_no_signature_is_none(cast, ask, robot, alg):
    claims = {"iss": robot.client_id, "sub": robot.client_id, "aud": cast.acme.origin, "exp": int(time.time()) + 60, "jti": "1"}
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
    claims = {"iss": robot.client_id, "sub": robot.client_id, "aud": cast.acme.origin, "exp": int(time.time()) + 60, "jti": "1"}
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
