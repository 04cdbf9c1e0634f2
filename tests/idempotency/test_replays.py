"""What is sent again under the same key is answered alike, and creates nothing twice."""

import pytest

from tests.idempotency.conftest import APP, KEY

REPLAYED, WITHHELD = "Idempotency-Replayed", "Idempotency-Withheld"


def test_sent_again_it_creates_nothing_and_is_answered_without_the_secret(send, names, acme, token):
    first, second = send("/applications", APP, key=f'"{KEY}"'), send("/applications", APP)
    assert (first.status_code, second.status_code, names()) == (201, 201, [APP["name"]])
    assert (REPLAYED in first.headers, WITHHELD in first.headers) == (False, False)
    assert (second.headers[REPLAYED], second.headers[WITHHELD]) == ("true", "client_secret")
    assert first.json["client_secret"]
    assert second.json == {**first.json, "client_secret": None}
    spelled = f'{{"redirect_uris": ["https://notes.example/cb"],  "type": "web", "name": "{APP["name"]}"}}'
    again = acme.raw("/applications", spelled, token=token, headers={"Idempotency-Key": KEY})
    assert (again.data, again.mimetype) == (second.data, "application/json")
    assert {"RateLimit", "X-Request-Id"} <= set(again.headers.keys())


def test_what_has_no_secret_is_answered_to_the_byte(send):
    first, second = (send("/applications", {**APP, "type": "spa"}) for _ in range(2))
    assert (second.data, second.headers[REPLAYED]) == (first.data, "true")
    assert WITHHELD not in second.headers


def test_without_a_key_nothing_is_different(acme, token, names):
    made = [acme.post("/applications", APP, token=token) for _ in range(2)]
    assert [(answer.status_code, REPLAYED in answer.headers) for answer in made] == [(201, False)] * 2
    assert len(names()) == 2


def test_every_secret_of_an_answer_is_withheld(send):
    made = send("/me/second-factors", {"name": "Phone"})
    again = send("/me/second-factors", {"name": "Phone"})
    assert again.json == {**made.json, "secret": None, "uri": None}
    assert again.headers[WITHHELD] == "secret, uri"


def test_another_secret_of_an_application_is_made_once(send, acme, token):
    path = f"/applications/{send('/applications', APP).json['id']}/secrets"
    first, second = send(path, {}, key="a"), send(path, {}, key="a")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json == {**first.json, "client_secret": None}
    assert len(acme.get(path, token=token).json["data"]) == 2


def test_an_empty_answer_is_replayed_too_and_one_mail_is_sent(send, letters):
    answers = [send("/me/email-changes", {"email": "ada.other@acme.example"}) for _ in range(2)]
    assert [(a.status_code, a.data, a.headers.get(REPLAYED)) for a in answers] == [(202, b"", None), (202, b"", "true")]
    assert len([mail for mail in letters.deliver() if mail.to == "ada.other@acme.example"]) == 1


def test_the_same_key_is_for_one_request_only(send, names):
    made = send("/applications", APP).json
    for path, body in (
        ("/applications", {**APP, "name": "Other"}),
        ("/applications?x=1", APP),
        (f"/applications/{made['id']}/secrets", {}),
        ("/me/exports", {}),
    ):
        refused = send(path, body)
        assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused"), path
    assert names() == [APP["name"]]


@pytest.mark.parametrize("key", ["", "a b", '"a', "a,b", "ä"])
def test_a_bad_key_is_refused_and_nothing_is_done(send, names, key):
    refused = send("/applications", APP, key=key)
    assert (refused.status_code, refused.json["code"], names()) == (422, "invalid_idempotency_key", [])


def test_two_keys_are_none(acme, token, names):
    for twice in (["a", "b"], ['"a"', '"a"']):
        headers = [("Idempotency-Key", key) for key in twice] + [("Authorization", f"Bearer {token}")]
        refused = acme.client.post("/api/v1/applications", json=APP, base_url=acme.origin, headers=headers)
        assert refused.json["code"] == "invalid_idempotency_key"
    assert names() == []


def test_where_nothing_is_created_a_key_means_nothing(send, acme, cast, token):
    for key in (KEY, "no key"):
        assert send("/me/passkeys/options", {}, key=key).status_code == 200
        assert REPLAYED not in send("/auth/magic-links", {"email": cast.ada.email}, key=key).headers
        own = acme.call("PATCH", "/me", token=token, json={"name": f"A {key}"}, headers={"Idempotency-Key": KEY})
        assert own.json["name"] == f"A {key}"


def test_a_day_later_the_key_is_free_again(send, names, acme, cast, clock):
    send("/applications", APP)
    clock.forward(hours=23, minutes=59)
    token = acme.tokens(cast.ada)["access_token"]
    assert REPLAYED in send("/applications", APP, token=token).headers
    clock.forward(minutes=2)
    made = send("/applications", {**APP, "name": "Other"}, token=token)
    assert (made.status_code, REPLAYED in made.headers, len(names())) == (201, False, 2)
