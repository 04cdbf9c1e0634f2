"""Clients that sign who they are (RFC 7523; security.md 3.6, Jwt; FAPI 2.0, section 5.3.2.1)."""

import time

import pytest

from tests.oidc.asserting import a_robot, ask, key, refused, robot
from tests.oidc.signing import a_key, an_assertion, public_jwk
from tests.waiting import at_once

__all__ = ["ask", "key", "robot"]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"])
def test_a_signature_by_a_registered_key_lets_it_in(services, cast, ask, algorithm):
    key = a_key(algorithm)
    robot = a_robot(services, cast, public_jwk(key, algorithm))
    assertion = an_assertion(key, cast.acme, robot.client_id, algorithm=algorithm)
    assert ask(assertion, client_id=robot.client_id).status_code == 200
    typed = an_assertion(
        key, cast.acme, robot.client_id, algorithm=algorithm, headers={"typ": "client-authentication+jwt"}
    )
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
        {"exp": 10.0**300},
        {"nbf": 10**400},
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
        name: now + value if name in {"exp", "iat", "nbf"} and type(value) is int and abs(value) < 1000 else value
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
