"""One's own data over the API: copies of it, and the end of the account."""

import pytest
from pydantic import SecretStr

from app.storage import redis as redis_storage

TYPED = {"confirmation": "bob@acme.example"}
SHAPE = {"id", "status", "asked_at", "expires_at"}


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def token(acme, cast):
    return acme.tokens(cast.bob)["access_token"]


def test_a_copy_is_asked_for_listed_and_fetched(acme, token, letters):
    asked = acme.post("/me/exports", token=token)
    assert (asked.status_code, asked.json.keys(), asked.json["status"]) == (202, SHAPE, "pending")
    path = f"/me/exports/{asked.json['id']}"
    assert acme.get(path, token=token).status_code == 404
    letters.deliver()
    listed = acme.get("/me/exports", token=token).json
    assert listed["next_cursor"] is None
    assert [(one["id"], one["status"]) for one in listed["data"]] == [(asked.json["id"], "ready")]
    content = acme.get(path, token=token)
    assert (content.status_code, content.mimetype) == (200, "application/json")
    assert content.headers["Cache-Control"] == "no-store"
    assert content.json.keys() == {"about", "data"}


def test_one_a_day_also_with_redis_away(cast, portal, call, services):
    nowhere = redis_storage.connect("redis://127.0.0.1:1/0")
    strict = portal(rate_limit_scale=1.0, redis_url=SecretStr("redis://127.0.0.1:1/0"), ports={"redis": nowhere})
    acme = call(cast.acme, on=strict)
    token = acme.tokens(cast.bob)["access_token"]
    assert acme.post("/me/exports", token=token).status_code == 202
    refused = acme.post("/me/exports", token=token)
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert 86_300 < int(refused.headers["Retry-After"]) <= 86_401


def test_another_persons_copy_is_not_there(acme, cast, call, token, letters):
    asked = acme.post("/me/exports", token=token).json["id"]
    letters.deliver()
    for person in (cast.ada, cast.mallory):
        client = call(person.tenant)
        other = client.tokens(person)["access_token"]
        assert client.get(f"/me/exports/{asked}", token=other).status_code == 404
        assert client.get("/me/exports", token=other).json["data"] == []


def test_the_account_is_closed_at_once(acme, cast, token, letters):
    answer = acme.call("DELETE", "/me", token=token, json=TYPED)
    assert (answer.status_code, answer.data) == (204, b"")
    assert acme.get("/me", token=token).status_code == 401
    refused = acme.login(cast.bob)
    assert (refused.status_code, refused.json["code"]) == (403, "account_leaving")
    wrong = acme.login(cast.bob, password="wrong")
    assert (wrong.status_code, wrong.json["code"]) == (401, "invalid_credentials")
    assert letters.token_to(cast.bob.email)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (TYPED | {"confirmation": "ada@acme.example"}, ["/confirmation"]),
        ({}, ["/confirmation"]),
        (TYPED | {"password": "any"}, ["/password"]),
        (TYPED | {"sure": True}, ["/sure"]),
    ],
)
def test_what_is_wrong_or_missing_is_named(acme, token, body, pointers):
    answer = acme.call("DELETE", "/me", token=token, json=body)
    assert (answer.status_code, [error["pointer"] for error in answer.json["errors"]]) == (422, pointers)
    assert acme.get("/me", token=token).status_code == 200


def test_the_last_owner_may_not_leave(acme, cast):
    token = acme.tokens(cast.ada)["access_token"]
    answer = acme.call("DELETE", "/me", token=token, json={"confirmation": cast.ada.email})
    assert (answer.status_code, answer.json["code"]) == (409, "last_owner")
    assert acme.get("/me", token=token).status_code == 200
