"""What somebody says of themselves, over the API."""

import pytest

from tests.auth.conftest import happened
from tests.waiting import at_once

__all__ = ["happened"]


@pytest.fixture
def me(call, cast):
    """Ada's client: ``me(method, body)``."""
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    return lambda method="GET", body=None: client.call(method, "/me", token=token, json=body)


def test_there_is_an_empty_profile_to_begin_with(me):
    assert me().json["profile"] == {}


def test_parts_are_set_changed_and_taken_away(me, cast):
    changed = me("PATCH", {"profile": {"given_name": "Ada", "locale": "en-GB", "address": {"country": "England"}}})
    assert (changed.status_code, changed.json["name"], changed.json["email"]) == (200, "Ada", cast.ada.email)
    kept = {"given_name": "Ada", "locale": "en-GB", "address": {"country": "England"}}
    assert changed.json["profile"] == me().json["profile"] == kept
    assert me("PATCH", {"profile": {"given_name": None, "locale": ""}}).json["profile"] == {
        "address": {"country": "England"}
    }
    both = me("PATCH", {"name": "Ada Lovelace", "profile": {"address": None}}).json
    assert (both["name"], both["profile"]) == ("Ada Lovelace", {})
    assert me("PATCH", {}).json["name"] == "Ada Lovelace"


def test_what_will_not_do_is_said_by_pointers_and_nothing_is_changed(me):
    body = {
        "name": "x" * 300,
        "profile": {"website": "javascript:alert(1)", "nickname": "A", "address": {"region": "\x07"}},
    }
    refused = me("PATCH", body)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert pointers == {"/name", "/profile/website", "/profile/address/region"}
    assert (me().json["name"], me().json["profile"]) == ("Ada", {})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"profile": {"is_admin": True}}, "/profile/is_admin"),
        ({"profile": {"phone_number_verified": True}}, "/profile/phone_number_verified"),
        ({"profile": {"email": "x@y.example"}}, "/profile/email"),
        ({"profile": {"locale": 1}}, "/profile/locale"),
        ({"profile": []}, "/profile"),
        ({"profile": {"address": "London"}}, "/profile/address"),
        ({"roles": ["owner"]}, "/roles"),
    ],
)
def test_nothing_else_can_be_set(me, body, pointer):
    refused = me("PATCH", body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_the_trail_says_which_parts_and_never_what(me, cast, owner):
    me("PATCH", {"name": "Ada Lovelace", "profile": {"birthdate": "1815-12-10", "phone_number": "+442079460018"}})
    me("PATCH", {"name": "Ada Lovelace", "profile": {"birthdate": "1815-12-10"}})
    rows = owner.execute(
        "SELECT details::text FROM audit_events WHERE event = 'user.updated' AND tenant_id = %s", [cast.acme.id]
    ).fetchall()
    assert rows == [('{"changed": "name birthdate phone_number"}',)], "and nothing where nothing changed"


def test_others_are_shown_and_changed_by_nobody_else(me, call, cast):
    me("PATCH", {"profile": {"nickname": "Countess"}})
    bob = call(cast.acme)
    shown = bob.get("/me", token=bob.tokens(cast.bob)["access_token"]).json
    assert (shown["email"], shown["profile"]) == (cast.bob.email, {})


def test_two_changes_at_the_same_moment_are_both_kept(services, cast):
    scope = cast.ada.scope(cast.ada.sign_in())
    at_once(
        lambda: services.profiles.change(scope, changes={"nickname": "Countess"}),
        lambda: services.profiles.change(scope, changes={"locale": "en"}),
        lambda: services.profiles.change(scope, name="Ada Lovelace"),
    )
    assert services.profiles.read(scope) == {"nickname": "Countess", "locale": "en"}
