"""Devices without a keyboard (RFC 8628): their codes, the wait, the tokens."""

import re

import pytest

from tests.oidc.clients import an_application
from tests.oidc.device_flow import GRANT, Device, allow


@pytest.fixture
def tv(services, cast, app):
    application = an_application(services, cast.acme, type="native", name="TV", redirect_uris=("com.example.tv:/cb",))
    return Device(app, cast.acme, application)


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def error(answer):
    return answer.status_code, answer.json["error"]


def test_a_device_gets_its_codes(cast, tv):
    answer = tv.begin(scope="openid email")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.json
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", said["user_code"])
    assert said["verification_uri"] == f"{cast.acme.origin}/device"
    assert said["verification_uri_complete"] == f"{cast.acme.origin}/device?user_code={said['user_code']}"
    assert (said["expires_in"], said["interval"], len(said["device_code"])) == (600, 5, 43)


def test_it_waits_is_allowed_and_gets_tokens_once(tv, bob):
    tv.begin(scope="openid email offline_access")
    assert error(tv.poll()) == (400, "authorization_pending")
    assert allow(bob, tv.codes["user_code"]).location == "/device/allowed"
    answer = tv.poll()
    assert answer.status_code == 200, answer.text
    assert {"access_token", "refresh_token", "id_token"} <= answer.json.keys()
    assert set(answer.json["scope"].split()) == {"openid", "email", "offline_access"}
    assert error(tv.poll()) == (400, "invalid_grant")


def test_what_was_allowed_is_remembered(services, cast, tv, bob):
    tv.begin(scope="openid email")
    allow(bob, tv.codes["user_code"])
    assert services.openid.consents.remembered(cast.acme, tv.application.client, cast.bob.id) == {"openid", "email"}


def test_denied_is_access_denied(services, cast, tv, bob, happened):
    tv.begin()
    assert allow(bob, tv.codes["user_code"], "deny").location == "/device/denied"
    assert error(tv.poll()) == (400, "access_denied")
    assert services.openid.consents.remembered(cast.acme, tv.application.client, cast.bob.id) == frozenset()
    assert ("consent.granted", "refused", "denied") in happened(cast.acme)


def test_asking_too_often_slows_it_down_for_good(tv, clock):
    """RFC 8628, section 3.5: five seconds more, for this and all further requests."""
    tv.begin()
    assert error(tv.poll()) == (400, "authorization_pending")
    clock.forward(seconds=2)
    assert error(tv.poll()) == (400, "slow_down")
    clock.forward(seconds=6)
    assert error(tv.poll()) == (400, "slow_down")
    clock.forward(seconds=14)
    assert error(tv.poll()) == (400, "slow_down")
    clock.forward(seconds=21)
    assert error(tv.poll()) == (400, "authorization_pending")


def test_after_ten_minutes_it_is_over(tv, bob, clock):
    tv.begin()
    clock.forward(minutes=10, seconds=1)
    assert error(tv.poll()) == (400, "expired_token")
    assert bob.post("/device", {"code": tv.codes["user_code"]}).status_code == 422


def test_allowed_too_late_to_be_fetched_is_over_too(tv, bob, clock):
    tv.begin()
    allow(bob, tv.codes["user_code"])
    clock.forward(minutes=11)
    assert error(tv.poll()) == (400, "expired_token")


@pytest.mark.parametrize("code", ["", "x", "A" * 43, "%", "x" * 5000])
def test_a_code_that_was_never_given_out_does_not_count(tv, code):
    tv.begin()
    assert error(tv.poll(device_code=code)) in {(400, "invalid_grant"), (400, "invalid_request")}


def test_another_applications_code_does_not_count(services, cast, app, tv, bob):
    other = an_application(services, cast.acme, type="native", name="Radio", redirect_uris=("com.example.r:/cb",))
    tv.begin()
    allow(bob, tv.codes["user_code"])
    thief = Device(app, cast.acme, other)
    thief.codes = tv.codes
    assert error(thief.poll()) == (400, "invalid_grant")
    assert tv.poll().status_code == 200


def test_a_tenants_codes_are_nothing_at_another(services, cast, app, tv, bob):
    theirs = an_application(services, cast.globex, type="native", redirect_uris=("com.example.tv:/cb",))
    tv.begin()
    allow(bob, tv.codes["user_code"])
    thief = Device(app, cast.globex, theirs)
    thief.codes = tv.codes
    assert error(thief.poll()) == (400, "invalid_grant")
    stranger = Device(app, cast.globex, tv.application)
    assert error(stranger.begin()) == (401, "invalid_client")


def test_only_what_it_may_ask_for(services, cast, app, tv):
    assert error(tv.begin(scope="openid admin")) == (400, "invalid_scope")
    assert error(tv.begin(resource="https://api.example")) == (400, "invalid_target")
    assert error(tv.begin(scope=["openid", "openid"])) == (400, "invalid_request")
    web = Device(app, cast.acme, an_application(services, cast.acme))
    assert error(web.begin()) == (400, "unauthorized_client")
    web.codes = {"device_code": "x" * 43}
    assert error(web.poll()) == (400, "unauthorized_client")


def test_a_confidential_client_has_to_show_its_secret(services, cast, app):
    kiosk = an_application(services, cast.acme, grant_types=("authorization_code", GRANT))
    device = Device(app, cast.acme, kiosk)
    assert device.begin().status_code == 200
    wrong = Device(app, cast.acme, type(kiosk)(kiosk.id, kiosk.client_id, "pcs_wrong", kiosk.client))
    assert error(wrong.begin()) == (401, "invalid_client")


def test_what_was_taken_back_before_it_was_fetched_is_dead(tv, bob):
    tv.begin()
    allow(bob, tv.codes["user_code"])
    bob.post(f"/account/applications/{tv.application.id}/removal")
    assert error(tv.poll()) == (400, "invalid_grant")


def test_the_session_in_which_it_was_allowed_is_what_it_hangs_on(tv, bob):
    tv.begin()
    allow(bob, tv.codes["user_code"])
    bob.post("/logout")
    assert error(tv.poll()) == (400, "invalid_grant")
