"""Tokens that are bound to a key (RFC 9449), exchanged."""

import pytest

from tests.oidc.exchanging import INVOICES, desk
from tests.oidc.signing import a_key, a_proof

__all__ = ["desk"]


@pytest.fixture
def key():
    return a_key()


def proof(cast, key):
    return {"DPoP": a_proof(key, f"{cast.acme.origin}/oauth2/token")}


def test_the_new_token_is_bound_to_the_key_that_was_shown(cast, desk, key):
    got = desk.got(desk.token_of(cast.bob), headers=proof(cast, key))
    assert got.json["token_type"] == "DPoP"
    assert got.claims["cnf"].keys() == {"jkt"}


def test_ones_own_bound_token_needs_its_key(cast, desk, key):
    bound = desk.got(desk.token_of(cast.bob), headers=proof(cast, key), resource=INVOICES).json["access_token"]
    assert desk.refused(bound, resource=INVOICES) == "invalid_request"
    assert desk.refused(bound, resource=INVOICES, headers=proof(cast, a_key())) == "invalid_request"
    assert desk.got(bound, resource=INVOICES, headers=proof(cast, key))


def test_what_one_was_shown_as_its_audience_was_proven_there(cast, desk, key):
    """A service that serves the token's audience has seen the proof; it has not got the key."""
    token = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,), dpop_jkt="k" * 43)
    got = desk.got(token)
    assert "cnf" not in got.claims
