"""``/api/v1/users/{id}/second-factors``, ``/api/v1/me/second-factors/reset`` and ``/api/v1/me/trusted-devices``."""

import pytest

from app.ids import uuid7
from tests.auth.factored import WHY, add_app, add_codes, add_passkey, trust, trusted


@pytest.fixture
def ask(cast, call):
    tokens = {}

    def ask(method, path, person=None, **more):
        person = person or cast.ada
        client = call(person.tenant)
        if person.id not in tokens:
            tokens[person.id] = client.tokens(person)["access_token"]
        return client.call(method, path, token=tokens[person.id], **more)

    return ask


@pytest.fixture
def bob(cast, ask):
    """Bob, who has signed in before he had a second factor."""
    assert ask("GET", "/me", cast.bob).status_code == 200
    add_app(cast.bob)
    return cast.bob


@pytest.fixture
def factors(bob):
    return f"/users/{bob.id}/second-factors"


@pytest.fixture
def start(ask, factors):
    return lambda person=None, **body: ask("DELETE", factors, person, json={"reason": WHY, **body})


def test_what_somebody_has_is_shown_without_what_it_is_made_of(cast, ask, bob, factors):
    add_passkey(bob)
    add_codes(bob)
    shown = ask("GET", factors)
    assert shown.status_code == 200
    body = shown.json
    assert (body["enrolled"], body["backup_codes_left"], body["reset"]) == (True, 3, None)
    (app,), (passkey,) = body["authenticators"], body["passkeys"]
    assert app.keys() == {"id", "name", "created_at", "last_used_at"}
    assert passkey.keys() == {"id", "name", "synced", "created_at", "last_used_at"}
    assert (app["name"], passkey["name"], passkey["synced"]) == ("Phone", "Laptop", True)


def test_somebody_without_anything_has_nothing(cast, ask):
    assert ask("GET", f"/users/{cast.ada.id}/second-factors").json == {
        "enrolled": False,
        "authenticators": [],
        "passkeys": [],
        "backup_codes_left": None,
        "reset": None,
    }


def test_a_reset_is_started_seen_and_called_off(cast, ask, bob, factors, start):
    started = start()
    assert started.status_code == 202
    assert started.json.keys() == {"id", "takes_effect_at"}
    again = start()
    assert (again.status_code, again.json["code"]) == (409, "reset_under_way")
    seen = ask("GET", factors).json["reset"]
    assert (seen["id"], seen["started_by"], seen["reason"]) == (started.json["id"], str(cast.ada.id), WHY)
    own = ask("GET", "/me/second-factors/reset", bob)
    assert own.json["takes_effect_at"] == started.json["takes_effect_at"]
    assert "started_by" not in own.json
    assert ask("DELETE", f"{factors}/reset").status_code == 204
    assert ask("DELETE", f"{factors}/reset").status_code == 404
    assert ask("GET", "/me/second-factors/reset", bob).status_code == 404


def test_whoever_it_is_about_says_no(ask, bob, factors, start):
    start()
    assert ask("DELETE", "/me/second-factors/reset", bob).status_code == 204
    assert ask("DELETE", "/me/second-factors/reset", bob).status_code == 404
    assert ask("GET", factors).json["reset"] is None


@pytest.mark.parametrize(
    ("body", "status"), [({"reason": "lost"}, 422), ({"reason": 3}, 422), ({"reason": "x" * 501}, 422)]
)
def test_a_reason_has_to_be_one(start, body, status):
    assert start(**body).status_code == status


@pytest.mark.parametrize(
    ("role", "statuses"), [("admin", (200, 202, 204)), ("support", (200, 403, 403)), ("member", (403, 403, 403))]
)
def test_seeing_takes_one_permission_and_acting_another(cast, ask, factors, start, role, statuses):
    petra = cast.person(cast.acme, "petra@acme.example", role=role)
    answers = [ask("GET", factors, petra), start(petra)]
    start()
    answers.append(ask("DELETE", f"{factors}/reset", petra))
    assert tuple(answer.status_code for answer in answers) == statuses


def test_nobody_of_this_tenant_is_not_found(cast, ask, bob, factors, start):
    start()
    for user_id, person in ((uuid7(), cast.ada), (cast.mallory.id, cast.ada), (bob.id, cast.mallory)):
        path = f"/users/{user_id}/second-factors"
        for method, where, more in (
            ("GET", path, {}),
            ("DELETE", path, {"json": {"reason": WHY}}),
            ("DELETE", f"{path}/reset", {}),
        ):
            answer = ask(method, where, person, **more)
            assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert ask("GET", factors).json["reset"]


def test_an_old_sign_in_has_to_be_confirmed_first(ask, start, clock):
    assert ask("GET", "/me").status_code == 200
    clock.forward(minutes=11)
    answer = start()
    assert (answer.status_code, answer.json["code"]) == (401, "insufficient_user_authentication")


def test_trusted_devices_are_listed_and_forgotten(cast, ask, bob):
    for person in (bob, bob, cast.ada):
        trust(person)
    first, second = ask("GET", "/me/trusted-devices", bob).json["data"]
    assert first.keys() == {"id", "client", "user_agent", "ip", "place", "trusted_at", "trusted_until"}
    assert first["client"].startswith("Chrome")
    for status in (204, 404):
        assert ask("DELETE", f"/me/trusted-devices/{first['id']}", bob).status_code == status
    assert ask("DELETE", f"/me/trusted-devices/{second['id']}", cast.ada).status_code == 404
    for _ in range(2):
        assert ask("DELETE", "/me/trusted-devices", bob).status_code == 204
    assert (trusted(bob), trusted(cast.ada)) == (0, 1)
