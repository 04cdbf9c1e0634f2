"""No way in goes around the second factor, in no order, with nobody else's half-way (security.md, 4 C and D)."""

import json
import random

import pytest

from app.auth import errors
from tests.auth.linking import Links
from tests.auth.second_steps import with_app
from tests.blueprints.pressing import options
from tests.blueprints.stepping_up import went
from tests.cast import PASSWORD
from tests.soft_passkey import SoftPasskey

STEP = "/login/second-factor"


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


@pytest.fixture
def half(bob, browse, cast):
    """``half()``: a browser that has given Bob's password, and not his code."""

    def half():
        browser = browse(cast.acme)
        assert browser.sign_in(cast.bob).location == STEP
        return browser

    return half


@pytest.mark.parametrize("policy", ["off", "optional", "required"])
def test_cve_2025_64103_whoever_has_one_is_asked_whatever_the_policy(bob, cast, services, browse, call, policy):
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": policy})
    assert browse(cast.acme).sign_in(cast.bob).location == STEP
    said = call(cast.acme).login(cast.bob)
    assert (said.status_code, said.json["code"]) == (401, "second_factor_required")


def test_cve_2024_45042_a_mailed_code_or_link_is_one_factor(bob, cast, services, letters, call):
    """CVE-2026-9091 is the same by another door: every way in ends at the gate (test_gate_table)."""
    links = Links(services, cast.acme, letters)
    challenge, token, code = links.mailed(cast.bob)
    with pytest.raises(errors.SecondFactorRequired):
        links.follow(token, challenge)
    challenge, _, code = links.mailed(cast.bob)
    with pytest.raises(errors.SecondFactorRequired):
        links.type(code, challenge)
    api = call(cast.acme)
    challenge, _, code = links.mailed(cast.bob, for_api=True)
    said = api.post("/auth/magic-links/redeem", {"challenge": challenge, "code": code})
    assert (said.status_code, said.json["code"]) == (401, "second_factor_required")


def test_ghsa_25rw_what_is_switched_off_is_refused_at_the_door_and_not_only_hidden(cast, services, browse, call):
    changes = {"second_factor": "off", "methods": ["password"]}
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, changes)
    browser, api = browse(cast.acme), call(cast.acme)
    assert options(browser, "/login/passkey-options").status_code == 403
    assert browser.post("/login/passkey", {"credential": "{}"}).status_code == 403
    browser.sign_in(cast.bob)
    assert browser.post("/account/second-factor/app", {"name": "x"}).status_code == 403
    assert options(browser, "/account/passkeys/options").status_code == 403
    assert browser.post("/account/passkeys", {"credential": "{}"}).status_code == 403
    token = api.tokens(cast.bob)["access_token"]
    for path in ("/me/second-factors", "/me/passkeys/options"):
        assert api.post(path, token=token).json["code"] == "method_disabled", path


def test_cve_2020_15105_half_way_the_password_rests_nowhere(half, owner, services):
    half()
    rows = owner.execute("SELECT p::text FROM pending_logins p").fetchall()
    rows += owner.execute("SELECT a::text FROM audit_events a").fetchall()
    assert PASSWORD not in str(rows)
    redis = services.ports.redis
    kept = [key for key in redis.scan_iter() if PASSWORD.encode() in (key + (redis.dump(key) or b""))]
    assert kept == []


def test_cve_2026_7507_a_half_way_planted_in_another_browser_is_of_no_use(half, cast, browse, clock):
    """The victim answers with a code of their own: it is not the account that waits."""
    ada = with_app(cast.ada, clock)
    victim = browse(cast.acme)
    victim.plant("portico_pending", half().cookie("portico_pending"))
    assert victim.post(STEP, {"method": "totp", "code": ada.code()}).status_code == 422
    assert victim.get("/account").location == "/login"


def test_cve_2025_12390_two_people_in_one_browser_get_one_account_each(half, bob, cast):
    browser = half()
    browser.post(STEP, {"method": "totp", "code": bob.code()})
    first = browser.cookie("portico_session")
    browser.post("/logout")
    browser.sign_in(cast.ada)
    assert cast.ada.email in browser.get("/account/profile").text
    browser.plant("portico_session", first)
    assert browser.get("/account").location == "/login"


def test_allauth_64_1_0_what_was_signed_out_half_way_is_over_wherever_it_was_copied_to(half, bob, browse, cast):
    browser, thief = half(), browse(cast.acme)
    copied = browser.cookie("portico_pending")
    browser.post("/logout")
    thief.plant("portico_pending", copied)
    assert went(thief.post(STEP, {"method": "totp", "code": bob.code()})) == (303, "/login")
    assert thief.get("/account").location == "/login"


def test_ghsa_8g9r_nobody_elses_factor_is_there(bob, cast, services, call, browse):
    app = services.totp.list(cast.acme, cast.bob.id)[0].id
    for person in (cast.ada, cast.mallory):
        api, browser = call(person.tenant), browse(person.tenant)
        token = api.tokens(person)["access_token"]
        browser.sign_in(person)
        assert api.call("DELETE", f"/me/second-factors/{app}", token=token).status_code == 404
        assert api.call("PATCH", f"/me/second-factors/{app}", token=token, json={"name": "x"}).status_code == 404
        assert browser.post(f"/account/second-factor/app/{app}/removal").status_code == 404
    assert services.totp.list(cast.acme, cast.bob.id)


@pytest.mark.parametrize("seed", range(6))
def test_in_no_order_do_steps_without_a_code_lead_in(half, cast, seed):
    """CVE-2026-18963: "try another way" that jumps over the proof."""
    browser, dice = half(), random.Random(seed)  # noqa: S311 - an order, no secret
    credential = json.dumps(SoftPasskey(origin=browser.origin, user_handle=cast.bob.id.bytes)._json())
    steps = [
        *[("GET", path, {}) for path in (STEP, f"{STEP}?method=passkey", "/login/enrolment", "/login/enrolment/app")],
        *[("POST", STEP, {"method": method}) for method in ("", "totp", "passkey", "email_code", "backup_code")],
        ("POST", STEP, {"method": "passkey", "credential": credential}),
        ("POST", f"{STEP}/code", {}),
        ("POST", f"{STEP}/passkey-options", {}),
        *[("POST", f"/login/enrolment/{last}", {}) for last in ("skip", "app", "app/begin", "passkey")],
        ("POST", "/login/password", {"password": ""}),
        ("POST", "/login/passkey", {"credential": credential}),
        ("POST", "/reauthenticate", {"password": PASSWORD}),
        ("POST", "/account/backup-codes", {}),
    ]
    dice.shuffle(steps)
    for method, path, form in steps:
        answer = browser.post(path, form) if method == "POST" else browser.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        assert browser.cookie("portico_session") is None
    assert browser.get("/account").location == "/login"
