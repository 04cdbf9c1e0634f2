"""What makes somebody able to act as an application is asked for twice (ASVS 7.5.1, 7.5.3, 8.4.2)."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

WEB = {"name": "Notes", "type": "web", "redirect_uris": ["https://notes.example/cb"]}
PATH = "/applications"


@pytest.fixture
def keys():
    public = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    return {"keys": [{**public, "kid": "mine"}]}


@pytest.fixture
def stale(call, cast, clock):
    """Ada's session, as whoever finds her computer has it: an application is there, and it is long since she came."""
    client = call(cast.acme)
    tokens = client.tokens(cast.ada)
    made = client.post(PATH, WEB, token=tokens["access_token"]).json
    clock.forward(minutes=14)
    return lambda method, path, body: client.call(method, path, json=body, token=tokens["access_token"]), made


def refused(answer):
    assert (answer.status_code, answer.json["code"]) == (401, "insufficient_user_authentication"), answer.text


def test_a_key_of_ones_own_is_as_good_as_a_secret(stale, keys):
    call, notes = stale
    refused(call("POST", f"{PATH}/{notes['id']}/secrets", {}))
    refused(call("PATCH", f"{PATH}/{notes['id']}", {"jwks": keys}))
    refused(call("PATCH", f"{PATH}/{notes['id']}", {"jwks": keys, "token_endpoint_auth_method": "private_key_jwt"}))
    refused(call("PATCH", f"{PATH}/{notes['id']}", {"token_endpoint_auth_method": "client_secret_post"}))
    refused(
        call("PATCH", f"{PATH}/{notes['id']}", {"grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"]})
    )


@pytest.mark.parametrize("kind", ["web", "machine"])
def test_so_is_an_application_of_ones_own(stale, keys, kind):
    call, _ = stale
    said = {**WEB, "type": kind, "redirect_uris": WEB["redirect_uris"] if kind == "web" else []}
    refused(call("POST", PATH, said))
    refused(call("POST", PATH, {**said, "token_endpoint_auth_method": "private_key_jwt", "jwks": keys}))


def test_so_is_another_address_for_its_codes_and_that_nobody_is_asked(stale):
    call, notes = stale
    elsewhere = [*WEB["redirect_uris"], "https://elsewhere.example/cb"]
    refused(call("PATCH", f"{PATH}/{notes['id']}", {"redirect_uris": elsewhere}))
    refused(call("PATCH", f"{PATH}/{notes['id']}", {"first_party": True}))
    refused(call("POST", PATH, {**WEB, "type": "spa", "first_party": True}))


def test_what_gives_no_power_is_not_asked_for(stale):
    call, notes = stale
    assert call("PATCH", f"{PATH}/{notes['id']}", {"redirect_uris": WEB["redirect_uris"]}).status_code == 200
    assert call("PATCH", f"{PATH}/{notes['id']}", {"name": "Notes of all"}).status_code == 200
    assert call("POST", PATH, {**WEB, "type": "spa"}).status_code == 201
