"""What people decide for applications cannot be skipped, forged, borrowed or guessed (security.md 1, 2c, 4)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.errors import Forbidden
from tests.oidc.clients import an_application
from tests.oidc.device_flow import Device, typed
from tests.oidc.flowing import a_flow, read
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme))


@pytest.fixture
def tv(services, cast, app):
    application = an_application(services, cast.acme, type="native", name="TV", redirect_uris=("com.example.tv:/cb",))
    tv = Device(app, cast.acme, application)
    tv.begin(scope="openid")
    return tv


def signed_in(browse, person, **more):
    browser = browse(person.tenant, **more)
    browser.sign_in(person)
    return browser


def test_step_skip_consent_before_signing_in(services, cast, browse, notes):
    """ASVS 2.3.1: the step before is the next step, whatever is sent."""
    stranger = browse(cast.acme)
    flow_id = a_flow(services, cast.acme, notes.application, stranger)
    for form in ({}, {"decision": "allow"}, {"decision": "allow", "user_id": str(cast.bob.id)}):
        met = settle(stranger, stranger.post(f"/oauth2/consent/{flow_id}", form))
        assert met.request.path == "/login"
    assert not read(services, cast.acme, stranger, flow_id).consented


def test_step_skip_an_answer_without_consent(cast, browse, notes):
    """Going on by hand does not go past the page that asks."""
    browser = signed_in(browse, cast.bob)
    flow = flow_in(settle(browser, notes.ask(browser)))
    for path in (f"/oauth2/authorize/{flow}", f"/oauth2/authorize/{flow}/continue"):
        met = settle(browser, browser.get(path))
        assert met.request.path == f"/oauth2/consent/{flow}"
        assert back_of(met) is None
    assert browser.post(f"/oauth2/consent/{flow}", {}).status_code == 422


def test_step_skip_a_device_without_its_code(cast, browse, tv):
    browser = signed_in(browse, cast.bob)
    path = typed(signed_in(browse, cast.ada), tv.codes["user_code"])
    assert browser.post(path, {"decision": "allow"}).status_code == 404
    assert tv.poll().json["error"] == "authorization_pending"


def test_asvs_10_7_consent_is_shown_is_asked_for_more_and_can_be_taken_back(cast, browse, notes):
    """10.7.1-10.7.3."""
    browser = signed_in(browse, cast.bob)
    page = settle(browser, notes.ask(browser, scope="openid email")).text
    for said in ("Notes", "See your email address", "notes.example", "Allow", "Deny", "/account/applications"):
        assert said in page
    notes.sign_in(browser, cast.bob, scope="openid email")
    assert "New</span>" in settle(browser, notes.ask(browser, scope="openid email address")).text
    assert "Notes" in browser.get("/account/applications").text
    browser.post(f"/account/applications/{notes.application.id}/removal")
    assert "New</span>" not in settle(browser, notes.ask(browser, scope="openid email")).text


def test_cve_2026_45337_a_device_is_bound_to_the_account_that_typed_its_code(cast, browse, tv):
    """better-auth: whoever knew the code could approve, for whomever."""
    ada, bob = signed_in(browse, cast.ada), signed_in(browse, cast.bob)
    path = typed(bob, tv.codes["user_code"])
    assert typed(ada, tv.codes["user_code"]) is None
    for decision in ("allow", "deny"):
        assert ada.post(path, {"decision": decision}).status_code == 404
    bob.post(path, {"decision": "allow"})
    assert tv.poll().status_code == 200


def test_parallel_guess_at_the_codes_of_devices(cast, browse, strict):
    """RFC 8628, 5.1: no more guesses are looked at because they come at once."""
    browser = signed_in(browse, cast.bob, on=strict)
    token, cookies = browser.csrf(), {"portico_session": browser.cookie("portico_session")}
    cookies["portico_csrf"] = browser.cookie("portico_csrf")

    def guess(_):
        one = browse(cast.acme, on=strict)
        for name, value in cookies.items():
            one.plant(name, value)
        return one.open("POST", "/device", data={"csrf_token": token, "code": "BCDF-GHJK"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(guess, range(24))) == {422: 10, 429: 14}


def test_impersonate_limits_nobody_decides_in_anothers_name(services, cast, tv, notes):
    """security.md 2d: consent is among what is blocked."""
    bob = cast.bob.scope(cast.bob.sign_in(tokens=False))
    acting, openid = replace(bob, impersonator_id=cast.ada.id), services.openid
    grant_id = openid.devices.claim(cast.acme, bob, tv.codes["user_code"])
    for attempt in (
        lambda: openid.consents.allow(cast.acme, acting, notes.application.client, ["openid"]),
        lambda: openid.consents.revoke(cast.acme, acting, notes.application.id),
        lambda: openid.devices.claim(cast.acme, acting, tv.codes["user_code"]),
        lambda: openid.devices.decide(cast.acme, acting, grant_id, allow=True),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_csrf_matrix_of_decisions(services, cast, browse, notes, tv):
    browser = signed_in(browse, cast.bob)
    flow_id = a_flow(services, cast.acme, notes.application, browser)
    device = typed(browser, tv.codes["user_code"])
    for path in (f"/oauth2/consent/{flow_id}", device):
        for site in ("cross-site", "same-site"):
            answer = browser.post(path, {"decision": "allow"}, headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 403
        assert browser.post(path, {"decision": "allow"}, csrf=False).status_code == 403
        assert browser.get(f"{path}?decision=allow").status_code == 200
    assert not read(services, cast.acme, browser, flow_id).consented
    assert tv.poll().json["error"] == "authorization_pending"
