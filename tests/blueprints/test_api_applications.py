"""Applications over the API: the names of RFC 7591, pages, refusals, and what is shown once."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.test_logos import picture

NEW = {"name": "Notes", "type": "web", "redirect_uris": ["https://notes.example/cb"]}


@pytest.fixture
def acme(call, cast):
    return call(cast.acme)


@pytest.fixture
def token(acme, cast):
    return acme.tokens(cast.ada)["access_token"]


@pytest.fixture
def ask(acme, token):
    """``ask("PATCH", "/applications/…", {…})`` as Ada."""

    def ask(method, path, json=None, **more):
        return acme.call(method, path, token=token, **({} if json is None else {"json": json}), **more)

    return ask


def test_a_new_one_says_its_secret_once(ask):
    made = ask("POST", "/applications", NEW)
    assert made.status_code == 201
    assert made.json["client_secret"].startswith("pcs_")
    assert made.json["client_id"] == made.json["id"]
    shown = ask("GET", f"/applications/{made.json['id']}")
    assert shown.json == {name: said for name, said in made.json.items() if name != "client_secret"}
    assert shown.json["grant_types"] == ["authorization_code", "refresh_token"]
    assert shown.json["token_endpoint_auth_method"] == "client_secret_basic"
    assert (shown.json["status"], shown.json["version"], shown.json["logo_uri"]) == ("active", 1, None)


def test_what_has_no_secret_says_null(ask):
    assert ask("POST", "/applications", {**NEW, "type": "spa"}).json["client_secret"] is None


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris/0", "invalid_uri"),
        ({"teapot": True}, "/teapot", "unknown_field"),
        ({"type": "teapot"}, "/type", "literal_error"),
        ({"name": 7}, "/name", "string_type"),
        ({"first_party": "yes"}, "/first_party", "bool_type"),
        ({"scopes": "openid profile"}, "/scopes", "list_type"),
        ({"grant_types": ["password"]}, "/grant_types/0", "literal_error"),
        ({"client_id": "mine"}, "/client_id", "unknown_field"),
    ],
)
def test_what_will_not_do_is_named_and_not_repeated(ask, more, pointer, code):
    refused = ask("POST", "/applications", {**NEW, **more})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert refused.json["errors"][0]["code"] == code or code.endswith(("_error", "_type"))
    assert "alert(1)" not in refused.text


def test_a_part_changes_and_null_takes_away(ask):
    path = f"/applications/{ask('POST', '/applications', {**NEW, 'home_uri': 'https://notes.example'}).json['id']}"
    changed = ask("PATCH", path, {"name": "Other", "home_uri": None, "access_token_minutes": 5})
    assert changed.status_code == 200
    assert (changed.json["name"], changed.json["home_uri"], changed.json["version"]) == ("Other", None, 2)
    assert changed.json["redirect_uris"] == NEW["redirect_uris"]
    assert ask("PATCH", path, {"name": "Late", "version": 1}).json["code"] == "application_changed"
    assert ask("PATCH", path, {}).json["version"] == 2
    for wrong in ({"name": None}, {"redirect_uris": None}, {"type": "spa"}, {"version": "2"}, {"status": "disabled"}):
        assert ask("PATCH", path, wrong).status_code == 422, wrong


def test_a_list_has_pages_and_another_tenants_cursor_opens_none(ask, call, cast, services):
    for at in range(3):
        an_application(services, cast.acme, name=f"App {at}")
    first = ask("GET", "/applications?limit=2")
    assert [one["name"] for one in first.json["data"]] == ["App 2", "App 1"]
    rest = ask("GET", f"/applications?limit=2&cursor={first.json['next_cursor']}")
    assert ([one["name"] for one in rest.json["data"]], rest.json["next_cursor"]) == (["App 0"], None)
    theirs = call(cast.globex)
    token = theirs.tokens(cast.mallory)["access_token"]
    assert theirs.get(f"/applications?cursor={first.json['next_cursor']}", token=token).status_code == 422
    assert theirs.get("/applications", token=token).json["data"] == []


def test_secrets_are_made_listed_and_removed(ask):
    made = ask("POST", "/applications", NEW).json
    path = f"/applications/{made['id']}/secrets"
    another = ask("POST", path, {"overlap_hours": 24})
    assert another.status_code == 201
    assert another.json["client_secret"].endswith(another.json["hint"])
    listed = ask("GET", path)
    assert [secret["hint"] for secret in listed.json["data"]] == [made["client_secret"][-4:], another.json["hint"]]
    assert listed.json["data"][0]["expires_at"]
    assert another.json["client_secret"] not in listed.text
    assert ask("POST", path, {}).json["code"] == "too_many_secrets"
    first, second = (f"{path}/{secret['id']}" for secret in listed.json["data"])
    assert ask("DELETE", first).status_code == 204
    assert ask("DELETE", first).status_code == 404
    assert (ask("DELETE", second).status_code, ask("DELETE", second).json["code"]) == (409, "last_secret")
    assert ask("POST", path, {"overlap_hours": 1000}).status_code == 422


def test_it_is_switched_off_and_on(ask):
    path = f"/applications/{ask('POST', '/applications', NEW).json['id']}"
    assert ask("PUT", f"{path}/suspension").json["status"] == "disabled"
    assert ask("GET", path).json["status"] == "disabled"
    assert ask("DELETE", f"{path}/suspension").json["status"] == "active"


def test_deleted_it_is_gone(ask):
    path = f"/applications/{ask('POST', '/applications', NEW).json['id']}"
    assert ask("DELETE", path).status_code == 204
    assert [ask(method, path).status_code for method in ("GET", "DELETE")] == [404, 404]


def test_a_picture_is_shown_to_everybody_under_a_name_that_changes_with_it(ask, browse, cast):
    path = f"/applications/{ask('POST', '/applications', NEW).json['id']}"
    put = ask("PUT", f"{path}/logo", data=picture("JPEG"), content_type="image/jpeg")
    assert put.status_code == 200
    address = put.json["logo_uri"]
    assert address.startswith(f"{cast.acme.origin}{path}/logo?v=")
    shown = browse(cast.acme).get(address.removeprefix(cast.acme.origin))
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert "immutable" in shown.headers["Cache-Control"]
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert browse(cast.acme).get(f"{path}/logo").headers["Cache-Control"] == "public, max-age=300"
    assert browse(cast.globex).get(f"{path}/logo").status_code == 404
    assert ask("DELETE", f"{path}/logo").status_code == 204
    assert browse(cast.acme).get(f"{path}/logo").status_code == 404


@pytest.mark.parametrize(
    ("raw", "status"), [(b"", 422), (b"<svg/>", 422), (b"x" * 600_000, 413), (b"x" * 1_200_000, 413)]
)
def test_what_is_no_picture_is_refused(ask, raw, status):
    path = f"/applications/{ask('POST', '/applications', NEW).json['id']}/logo"
    assert ask("PUT", path, data=raw, content_type="image/png").status_code == status


def test_members_may_not_and_a_stale_sign_in_is_not_enough(acme, ask, cast, clock):
    path = f"/applications/{ask('POST', '/applications', NEW).json['id']}"
    bob = acme.tokens(cast.bob)["access_token"]
    for method, where in (("GET", "/applications"), ("POST", "/applications"), ("GET", path), ("DELETE", path)):
        assert acme.call(method, where, token=bob, json=NEW).status_code == 403, (method, where)
    clock.forward(minutes=11)
    for method, where, json in (
        ("DELETE", path, None),
        ("POST", f"{path}/secrets", {}),
        ("POST", "/applications", NEW),
    ):
        refused = ask(method, where, json)
        assert refused.json["code"] == "insufficient_user_authentication", (method, where)
    assert ask("PATCH", path, {"name": "Fine"}).status_code == 200
