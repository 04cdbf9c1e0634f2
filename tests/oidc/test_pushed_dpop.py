"""Proofs of possession at the pushed authorization request endpoint (RFC 9449, section 10.1)."""

import pytest

from app.oidc.dpop import thumbprint
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.relying import RelyingApp
from tests.oidc.signing import a_key, a_proof, public_jwk

PAR = "/oauth2/par"


@pytest.fixture
def notes(services, cast, app):
    relying = RelyingApp(an_application(services, cast.acme, type="spa", first_party=True))
    return relying, TokenClient(app, cast.acme, relying.application)


@pytest.fixture
def proof(cast):
    key = a_key()
    return thumbprint(public_jwk(key)), a_proof(key, cast.acme.origin + PAR)


def kept(owner, cast):
    return owner.execute(
        "SELECT request->>'dpop_jkt' FROM pushed_requests WHERE tenant_id = %s", (cast.acme.id,)
    ).fetchone()


def push(notes, proof=None, **more):
    relying, http = notes
    return http.post(relying.parameters(**more), path=PAR, headers={"DPoP": proof} if proof else {})


def test_the_key_that_is_shown_is_the_one_that_the_code_is_bound_to(notes, proof, owner, cast):
    assert push(notes, proof[1]).status_code == 201
    assert kept(owner, cast) == (proof[0],)


def test_the_same_key_may_be_named_too(notes, proof, owner, cast):
    assert push(notes, proof[1], dpop_jkt=proof[0]).status_code == 201
    assert kept(owner, cast) == (proof[0],)


def test_without_a_proof_the_name_of_a_key_is_enough(notes, proof, owner, cast):
    assert push(notes, dpop_jkt=proof[0]).status_code == 201
    assert kept(owner, cast) == (proof[0],)


def test_another_key_than_is_named_is_refused(notes, proof, owner, cast):
    answer = push(notes, proof[1], dpop_jkt="A" * 43)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
    assert kept(owner, cast) is None


def test_a_proof_for_another_address_is_none(notes, cast):
    answer = push(notes, a_proof(a_key(), cast.acme.origin + "/oauth2/token"))
    assert answer.json["error"] == "invalid_dpop_proof"


def test_the_code_of_a_pushed_request_is_bound(notes, proof, browse, cast, owner):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    name = push(notes, proof[1]).json["request_uri"]
    sent = {"client_id": notes[0].application.client_id, "request_uri": name}
    assert browser.get("/oauth2/authorize", query_string=sent).status_code == 303
    bound = owner.execute("SELECT dpop_jkt FROM authorization_codes WHERE tenant_id = %s", (cast.acme.id,))
    assert bound.fetchone() == (proof[0],)
