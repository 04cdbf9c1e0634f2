"""``/api/v1/users/{id}/lock``."""

import pytest

from app.ids import uuid7


@pytest.fixture
def ask(cast, call):
    def ask(method, user_id, person=None):
        person = person or cast.ada
        client = call(person.tenant)
        return client.call(method, f"/users/{user_id}/lock", token=client.tokens(person)["access_token"])

    return ask


@pytest.fixture
def locked(cast, call):
    """Bob, after five wrong passwords from nowhere."""
    for _ in range(5):
        assert call(cast.acme).login(cast.bob, password="wrong").status_code == 401
    return cast.bob


def test_a_lock_is_shown_and_deleted(cast, ask, call, locked):
    shown = ask("GET", locked.id)
    assert shown.status_code == 200
    assert shown.json.keys() == {"locked", "closed", "locked_until"}
    assert (shown.json["locked"], shown.json["closed"]) == (True, False)
    assert shown.json["locked_until"].endswith("Z")
    for _ in range(2):
        answer = ask("DELETE", locked.id)
        assert (answer.status_code, answer.data) == (204, b"")
    assert ask("GET", locked.id).json == {"locked": False, "closed": False, "locked_until": None}
    assert call(cast.acme).login(cast.bob).status_code == 200


@pytest.mark.parametrize(("role", "statuses"), [("support", (200, 403)), ("member", (403, 403)), ("admin", (200, 204))])
def test_seeing_takes_one_permission_and_opening_another(cast, ask, locked, role, statuses):
    petra = cast.person(cast.acme, "petra@acme.example", role=role)
    answers = ask("GET", locked.id, petra), ask("DELETE", locked.id, petra)
    assert tuple(answer.status_code for answer in answers) == statuses
    assert all(answer.json["code"] == "forbidden" for answer in answers if answer.status_code == 403)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nobody_of_this_tenant_is_not_found(cast, ask, locked, method):
    for user_id, person in (
        (uuid7(), cast.ada),
        (cast.mallory.id, cast.ada),
        (locked.id, cast.mallory),
        ("x", cast.ada),
    ):
        answer = ask(method, user_id, person)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert ask("GET", locked.id).json["locked"] is True
