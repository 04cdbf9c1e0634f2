"""A tenant's settings: read and changed by those who manage it, told to everybody at once."""

import pytest

from app.storage import audit
from app.tenancy import TenantSettings
from tests.blueprints.visitors import Api
from tests.waiting import until


@pytest.fixture
def acme(app, cast):
    return Api(app, cast.acme.origin)


@pytest.fixture
def change(acme, cast):
    def change(settings, *, who=None):
        token = acme.tokens(who or cast.ada)["access_token"]
        return acme.call("PATCH", "/tenant", json={"settings": settings}, token=token)

    return change


def test_an_owner_reads_every_setting_with_its_default(acme, cast):
    answer = acme.get("/tenant", token=acme.tokens(cast.ada)["access_token"])
    assert answer.json["slug"] == cast.acme.slug
    assert answer.json["settings"] == TenantSettings().model_dump(mode="json")


def test_a_change_counts_as_soon_as_it_is_heard_and_null_takes_it_back(acme, change, cast):
    def asked():
        return acme.post("/auth/magic-links", {"email": cast.bob.email}).status_code

    changed = change({"risk_mode": "shadow", "most_sessions": 2, "methods": ["password"]})
    assert changed.status_code == 200
    assert changed.json["settings"]["most_sessions"] == 2
    assert until(lambda: asked() == 404)
    back = change({"most_sessions": None, "methods": None})
    assert (back.json["settings"]["most_sessions"], back.json["settings"]["risk_mode"]) == (5, "shadow")
    assert back.json["version"] == changed.json["version"] + 1
    assert until(lambda: asked() == 202)


@pytest.mark.parametrize(
    ("wished", "pointers"),
    [
        ({"most_sessions": 0, "session_limit": "whatever"}, {"/settings/most_sessions", "/settings/session_limit"}),
        ({"colour": "red"}, {"/settings/colour"}),
        ({"risk_weights": {"new_device": 101}}, {"/settings/risk_weights/new_device"}),
        ({"risk_medium": 80, "risk_high": 70}, {"/settings"}),
        ({"methods": []}, {"/settings/methods"}),
        (
            {"second_factor_roles": ["owner", "onwer", "operator"]},
            {f"/settings/second_factor_roles/{at}" for at in (1, 2)},
        ),
    ],
)
def test_what_will_not_do_is_named_and_nothing_changes(change, wished, pointers):
    refused = change({**wished, "password_min_length": 12})
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json["errors"]} == pointers
    assert change({}).json["settings"]["password_min_length"] == 10


def test_a_member_and_a_stranger_may_neither_read_nor_change_it(acme, change, cast, app):
    assert change({"most_sessions": 9}, who=cast.bob).status_code == 403
    assert acme.get("/tenant", token=acme.tokens(cast.bob)["access_token"]).status_code == 403
    theirs = Api(app, cast.globex.origin).tokens(cast.mallory)["access_token"]
    assert acme.call("PATCH", "/tenant", json={"settings": {}}, token=theirs).status_code == 401


def test_of_two_who_change_the_same_version_one_is_told(services, cast):
    services.tenant_administration.change_settings(cast.acme, {"most_sessions": 3})
    with pytest.raises(Exception, match="Somebody else"):
        services.tenant_administration.change_settings(cast.acme, {"most_sessions": 4})


def test_the_trail_says_who_changed_what(change, services, cast):
    change({"idle_minutes": 30})
    with services.units.read(cast.acme.id) as db:
        (row,) = [row for row in audit.newest(db, tenant_id=cast.acme.id) if row.event == "tenant.updated"]
    assert (row.actor_id, row.details["changed"]) == (cast.ada.id, "idle_minutes")
