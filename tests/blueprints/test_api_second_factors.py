"""The caller's own apps and backup codes, through the API."""

import re

import pyotp
import pytest

from app.ids import uuid7
from tests.auth.apps import Apps

ME = "/me/second-factors"


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def bob(cast, call):
    """Bob's client, with a token that was issued just now."""

    class Client:
        def __init__(self):
            self.client = call(cast.acme)
            self.token = self.client.tokens(cast.bob)["access_token"]

        def __call__(self, method, path, **more):
            return self.client.call(method, path, token=self.token, **more)

        def strong(self, code, method="totp"):
            """Sign in with both factors."""
            owed = self.client.login(cast.bob)
            assert (owed.status_code, owed.json["code"]) == (401, "second_factor_required")
            body = {"challenge": owed.json["challenge"], "method": method, "code": code}
            answer = self.client.post("/auth/second-factor", body)
            assert answer.status_code == 200, answer.text
            self.token = answer.json["access_token"]

    return Client()


@pytest.fixture
def enrolled(bob, apps):
    """Bob has an app, set up by his client; hands over its id and what it shows."""

    def enrolled(name="Phone"):
        begun = bob("POST", ME, json={"name": name})
        assert begun.status_code == 201, begun.text
        totp = pyotp.TOTP(begun.json["secret"])
        confirmed = bob("POST", f"{ME}/{begun.json['id']}/confirm", json={"code": apps.shows(totp.secret, -1)})
        assert confirmed.status_code == 204, confirmed.text
        return begun.json["id"], totp

    return enrolled


def problem(answer):
    return answer.status_code, answer.json["code"]


def test_from_nothing_to_everything(bob, apps):
    nothing = {"enrolled": False, "authenticators": [], "passkeys": 0}
    nothing |= {"backup_codes_left": None, "backup_codes_made_at": None}
    assert bob("GET", ME).json == nothing
    begun = bob("POST", ME, json={})
    assert begun.status_code == 201
    assert set(begun.json) == {"id", "name", "secret", "uri"}
    assert begun.json["name"] == "Authentication app"
    assert begun.headers["Cache-Control"] == "no-store"
    assert bob("GET", ME).json == nothing, "it does not count yet"
    totp = pyotp.TOTP(begun.json["secret"])
    assert problem(bob("POST", f"{ME}/{begun.json['id']}/confirm", json={"code": "1"})) == (401, "invalid_code")
    assert (
        bob("POST", f"{ME}/{begun.json['id']}/confirm", json={"code": apps.shows(totp.secret, -1)}).status_code == 204
    )
    listed = bob("GET", ME).json
    assert listed["enrolled"] is True
    assert [set(app) for app in listed["authenticators"]] == [{"id", "name", "created_at", "last_used_at"}]
    assert listed["backup_codes_left"] is None
    assert totp.secret not in "".join(bob("GET", path).text for path in (ME, "/me/activity", "/me/sessions"))


def test_backup_codes_come_once_with_the_201(bob, enrolled, apps, services, cast):
    _, totp = enrolled()
    refused = bob("POST", "/me/backup-codes")
    assert problem(refused) == (401, "insufficient_user_authentication"), "this token has shown a password alone"
    assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]
    bob.strong(apps.shows(totp.secret))
    made = bob("POST", "/me/backup-codes")
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert all(re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", code) for code in made.json["codes"])
    assert services.backup_codes.shown(cast.acme, cast.bob.id) is None, "nowhere else"
    assert bob("GET", ME).json["backup_codes_left"] == 10
    bob.strong(made.json["codes"][0], method="backup_code")
    left = bob("GET", ME).json
    assert (left["backup_codes_left"], left["backup_codes_made_at"][-1]) == (9, "Z")


def test_without_a_second_factor_there_are_no_codes(bob):
    assert problem(bob("POST", "/me/backup-codes")) == (409, "second_factor_needed")


def test_an_app_is_renamed_and_removed(bob, enrolled, apps):
    app, totp = enrolled()
    assert bob("PATCH", f"{ME}/{app}", json={"name": "Old phone"}).status_code == 204
    assert bob("GET", ME).json["authenticators"][0]["name"] == "Old phone"
    assert problem(bob("PATCH", f"{ME}/{app}", json={"name": "x" * 61})) == (422, "invalid_input")
    assert problem(bob("DELETE", f"{ME}/{app}")) == (401, "insufficient_user_authentication")
    bob.strong(apps.shows(totp.secret))
    assert bob("DELETE", f"{ME}/{app}").status_code == 204
    assert bob("GET", ME).json["enrolled"] is False
    assert problem(bob("DELETE", f"{ME}/{app}")) == (404, "not_found")


def test_a_third_app_is_refused(bob, enrolled, apps):
    _, totp = enrolled("1")
    bob.strong(apps.shows(totp.secret))
    enrolled("2")
    refused = bob("POST", ME, json={"name": "3"})
    assert problem(refused) == (422, "invalid_input")
    assert refused.json["errors"][0]["code"] == "too_many"


def test_a_body_says_what_it_may_and_nothing_else(bob):
    begun = bob("POST", ME, json={"name": "Phone"}).json["id"]
    for path, body in (
        (ME, {"name": "x", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}),
        (f"{ME}/{begun}/confirm", {}),
        (f"{ME}/{begun}/confirm", {"code": 123456}),
        (f"{ME}/{begun}/confirm", {"code": ["123456"]}),
        (f"{ME}/{begun}/confirm", {"code": "1" * 65}),
    ):
        assert problem(bob("POST", path, json=body)) == (422, "invalid_input")


def test_nobody_elses_app_is_there(cast, call, apps):
    app = apps.enrol(cast.bob)
    for person in (cast.ada, cast.mallory):
        client = call(person.tenant)
        token = client.tokens(person)["access_token"]
        for method, path, body in (
            ("PATCH", f"{ME}/{app.id}", {"name": "mine"}),
            ("DELETE", f"{ME}/{app.id}", None),
            ("POST", f"{ME}/{app.id}/confirm", {"code": apps.code(app)}),
            ("DELETE", f"{ME}/{uuid7()}", None),
        ):
            assert problem(client.call(method, path, token=token, json=body)) == (404, "not_found")
    assert apps.spend(cast.bob, apps.code(app))
