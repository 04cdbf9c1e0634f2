"""Tokens that are bound to a key are shown with it, at userinfo as anywhere (RFC 9449, section 7)."""

import pytest

from app.oidc.dpop import thumbprint
from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program
from tests.oidc.signing import a_key, a_proof, public_jwk

PATH = "/oauth2/userinfo"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def program(app, cast):
    return Program(app, cast.acme.origin)


@pytest.fixture
def key():
    return a_key("ES256")


@pytest.fixture
def bound(services, cast, notes, key):
    return issued(services, cast.ada, notes, dpop_jkt=thumbprint(public_jwk(key))).access_token


@pytest.fixture
def show(program, key):
    """Show a token with a proof; ``changed``: what the proof says otherwise."""

    def show(token, *, method="GET", by=key, scheme="DPoP", **changed):
        about = changed.pop("about", token)
        proof = a_proof(by, f"{program.origin}{PATH}", method=changed.pop("htm", method), token=about, **changed)
        return program.open(method, PATH, token=token, scheme=scheme, headers={"DPoP": proof})

    return show


def refused(answer, error="invalid_token"):
    assert (answer.status_code, answer.json["error"]) == (401, error)
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
    assert f'error="{error}"' in answer.headers["WWW-Authenticate"]
    return True


def test_with_its_proof_it_is_honoured(show, bound, cast):
    for method in ("GET", "POST"):
        answer = show(bound, method=method)
        assert (answer.status_code, answer.json["sub"]) == (200, str(cast.ada.id))
    assert show(bound, scheme="dpop").status_code == 200


def test_as_a_mere_bearer_token_it_is_401(program, bound, show):
    """ASVS 10.3.5."""
    assert refused(program.get(PATH, token=bound))
    assert refused(show(bound, scheme="Bearer"))
    assert refused(program.post(PATH, {"access_token": bound}))
    assert refused(program.get(PATH, token=bound, scheme="DPoP"))


def test_a_proof_of_another_key_or_for_something_else_does_not_do(show, bound):
    assert refused(show(bound, by=a_key("ES256")))
    for changed in ({"htm": "POST"}, {"about": "another"}, {"about": None}, {"htu": "https://evil.example/"}):
        assert refused(show(bound, **changed), "invalid_dpop_proof"), changed


def test_a_proof_counts_once(program, bound, key):
    proof = a_proof(key, f"{program.origin}{PATH}", method="GET", token=bound)
    first, second = (program.get(PATH, token=bound, scheme="DPoP", headers={"DPoP": proof}) for _ in range(2))
    assert first.status_code == 200
    assert refused(second, "invalid_dpop_proof")


def test_a_token_that_is_bound_to_nothing_does_not_become_so(services, cast, notes, show):
    answer = show(issued(services, cast.ada, notes).access_token)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")
