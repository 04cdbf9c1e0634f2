"""Passkeys over the API."""

import pytest

from app.ids import uuid7
from tests.blueprints.pressing import options
from tests.blueprints.test_api_magic_links import said
from tests.soft_passkey import SoftPasskey

OWN, ASK, SIGN_IN = "/me/passkeys", "/me/passkeys/options", "/auth/passkeys"


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


def add(client, token, *, key=None, **more):
    key = key or SoftPasskey(origin=client.origin)
    asked = client.post(ASK, token=token)
    assert asked.status_code == 200, asked.text
    body = {"challenge": asked.json["challenge"], "credential": key.create(asked.json["publicKey"]), **more}
    return key, client.post(OWN, body, token=token)


def sign_in(client, key, **more):
    asked = client.post(f"{SIGN_IN}/options").json
    body = {"challenge": asked["challenge"], "credential": key.get(asked["publicKey"]), **more}
    return client.post(SIGN_IN, body)


@pytest.fixture
def ada(acme, cast):
    """(her passkey, a token that it brought)."""
    key, answer = add(acme, acme.tokens(cast.ada)["access_token"])
    assert answer.status_code == 201
    signed_in = sign_in(acme, key)
    assert signed_in.status_code == 200
    return key, signed_in.json["access_token"]


def test_one_is_added_listed_renamed_and_removed(acme, cast):
    token = acme.tokens(cast.ada)["access_token"]
    key, answer = add(acme, token)
    assert answer.status_code == 201
    assert answer.json["name"] == "iCloud Keychain"
    assert (answer.json["synced"], answer.json["cloned"], answer.json["last_used_at"]) == (True, False, None)
    token = sign_in(acme, key).json["access_token"]
    listed = acme.get(OWN, token=token).json
    assert [one["id"] for one in listed["data"]] == [answer.json["id"]]
    assert listed["next_cursor"] is None
    one = f"{OWN}/{answer.json['id']}"
    assert acme.call("PATCH", one, json={"name": "Phone"}, token=token).json["name"] == "Phone"
    assert acme.call("DELETE", one, token=token).status_code == 204
    assert acme.get(OWN, token=token).json["data"] == []
    assert said(sign_in(acme, key)) == (401, "passkey_refused")


def test_a_token_says_what_was_shown(acme, ada):
    claims = acme.post("/auth/introspect", {"token": ada[1]}, token=ada[1]).json
    assert (claims["acr"], set(claims["amr"])) == ("2", {"swk", "user", "mfa"})


def test_a_device_that_comes_back_is_known(acme, ada):
    first = sign_in(acme, ada[0]).json["device_token"]
    assert sign_in(acme, ada[0], device_token=first, remember=True).json["device_token"] == first


def test_an_answer_counts_once_and_with_its_challenge(acme, ada):
    asked = acme.post(f"{SIGN_IN}/options").json
    credential = ada[0].get(asked["publicKey"])
    assert said(acme.post(SIGN_IN, {"challenge": "another", "credential": credential})) == (401, "passkey_refused")
    body = {"challenge": asked["challenge"], "credential": credential}
    assert acme.post(SIGN_IN, body).status_code == 200
    assert said(acme.post(SIGN_IN, body)) == (401, "passkey_refused")


def test_a_password_alone_adds_no_second_one(acme, ada, cast):
    asked = acme.post("/auth/login", {"email": cast.ada.email, "password": cast.ada.password})
    assert said(asked) == (401, "second_factor_required")


def test_long_after_signing_in_it_says_what_is_missing(acme, ada, clock):
    token = ada[1]
    clock.forward(minutes=11)
    refused = acme.post(ASK, token=token)
    assert said(refused) == (401, "insufficient_user_authentication")
    assert refused.json["acr_values"] == "2"
    one = acme.get(OWN, token=token).json["data"][0]["id"]
    assert said(acme.call("DELETE", f"{OWN}/{one}", token=token)) == said(refused)
    assert said(acme.post(OWN, {"challenge": "x", "credential": {}}, token=token)) == said(refused)


@pytest.mark.parametrize("credential", [{}, {"id": 1}, {"response": {}}, {"x": ["y"]}, {"response": {"a": None}}])
def test_a_credential_that_is_none_is_refused(acme, ada, credential):
    asked = acme.post(f"{SIGN_IN}/options").json
    body = {"challenge": asked["challenge"], "credential": credential}
    assert said(acme.post(SIGN_IN, body)) == (401, "passkey_refused")
    asked = acme.post(ASK, token=ada[1]).json
    body = {"challenge": asked["challenge"], "credential": credential}
    assert said(acme.post(OWN, body, token=ada[1])) == (401, "passkey_refused")


SHAPES = [
    {"credential": "text"},
    {"credential": []},
    {"credential": None},
    {"challenge": ""},
    {"challenge": 1},
    {"x": 1},
]


@pytest.mark.parametrize("change", SHAPES, ids=str)
def test_a_body_of_another_shape_is_422(acme, ada, change):
    body = {"challenge": "x", "credential": {}, **change}
    assert said(acme.post(SIGN_IN, body)) == (422, "invalid_input")
    assert said(acme.post(OWN, body, token=ada[1])) == (422, "invalid_input")


def test_a_body_that_is_too_deep_or_no_object_is_refused(acme):
    deep = b'{"challenge": "x", "credential": ' + b'{"a":' * 9000 + b"1" + b"}" * 9001
    assert acme.raw(SIGN_IN, deep).status_code == 400
    assert acme.raw(SIGN_IN, b"[]").status_code == 400
    assert acme.raw(f"{SIGN_IN}/options", b"{}", content_type="text/plain").status_code == 415
    assert said(acme.post(f"{SIGN_IN}/options", {"x": 1})) == (422, "invalid_input")


def test_the_same_one_is_added_once(acme, ada, cast):
    for token in (ada[1], acme.tokens(cast.bob)["access_token"]):
        assert said(add(acme, token, key=ada[0])[1]) == (409, "passkey_known")


def test_anothers_is_not_there(acme, ada, cast, call):
    one = acme.get(OWN, token=ada[1]).json["data"][0]["id"]
    globex = call(cast.globex)
    for client, person in ((acme, cast.bob), (globex, cast.mallory)):
        token = client.tokens(person)["access_token"]
        assert client.get(OWN, token=token).json["data"] == []
        for passkey in (one, uuid7()):
            assert said(client.call("DELETE", f"{OWN}/{passkey}", token=token)) == (404, "not_found")
            answer = client.call("PATCH", f"{OWN}/{passkey}", json={"name": "Mine"}, token=token)
            assert said(answer) == (404, "not_found")


def test_a_question_of_a_page_is_no_question_of_a_client(acme, ada, browse, cast):
    browser = browse(cast.acme)
    asked = options(browser, "/login/passkey-options").json
    body = {"challenge": asked["challenge"], "credential": ada[0].get(asked)}
    assert said(acme.post(SIGN_IN, body)) == (401, "passkey_refused")
