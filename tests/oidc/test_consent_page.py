"""The consent page: who asks, for what, from where; yes and no (ASVS 10.7.1-10.7.3)."""

import re

import pytest

from app.ids import uuid7
from tests.oidc.clients import an_application
from tests.oidc.flowing import a_flow, as_shown, on, read


@pytest.fixture
def notes(services, cast):
    return an_application(
        services, cast.acme, policy_uri="https://notes.example/privacy", terms_uri="https://notes.example/terms"
    )


@pytest.fixture
def browser(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def flow_id(services, cast, notes, browser):
    return a_flow(services, cast.acme, notes, browser)


@pytest.fixture
def allowed(services, cast, notes):
    return lambda: services.openid.consents.remembered(cast.acme, notes.client, cast.bob.id)


def went(answer):
    return answer.status_code, answer.location


def test_it_says_who_asks_for_what_and_where_it_leads(cast, browser, flow_id):
    page = browser.get(f"/oauth2/consent/{flow_id}")
    assert page.status_code == 200
    for said in (
        "<bdi>Notes</bdi> wants to use your account",
        "See your email address",
        as_shown(cast.bob.email),
        "notes.example</bdi>",
        "does not belong to <bdi>Acme</bdi>",
        "https://notes.example/privacy",
        "https://notes.example/terms",
        f"/login/accounts?flow={flow_id}",
    ):
        assert said in page.text, said
    assert "New</span>" not in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_an_application_of_the_tenants_own_is_not_marked(services, cast, browser):
    own = an_application(services, cast.acme, first_party=True)
    page = browser.get(f"/oauth2/consent/{a_flow(services, cast.acme, own, browser)}")
    assert "does not belong" not in page.text


def test_allow_is_remembered_and_goes_on(services, cast, browser, flow_id, allowed):
    assert went(browser.post(f"/oauth2/consent/{flow_id}", {"decision": "allow"})) == (303, on(flow_id))
    assert allowed() == {"openid", "email"}
    assert read(services, cast.acme, browser, flow_id).consented


def test_deny_is_told_and_nothing_is_remembered(services, cast, browser, flow_id, allowed):
    assert went(browser.post(f"/oauth2/consent/{flow_id}", {"decision": "deny"})) == (303, on(flow_id))
    assert allowed() == frozenset()
    flow = read(services, cast.acme, browser, flow_id)
    assert (flow.denied, flow.consented) == (True, False)


def test_what_is_newly_asked_for_is_marked(services, cast, notes, browser, flow_id):
    browser.post(f"/oauth2/consent/{flow_id}", {"decision": "allow"})
    more = a_flow(services, cast.acme, notes, browser, scopes=("openid", "email", "phone"))
    page = browser.get(f"/oauth2/consent/{more}").text
    assert re.findall(r"<li>([^<]*) <span class=\"badge badge--warning\">New", page) == ["See your phone number"]


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
def test_neither_yes_nor_no_is_no_decision(services, cast, browser, flow_id, allowed, decision):
    """security.md, step_skip: an empty POST to a step."""
    answer = browser.post(f"/oauth2/consent/{flow_id}", {"decision": decision})
    assert answer.status_code == 422
    flow = read(services, cast.acme, browser, flow_id)
    assert (flow.consented, flow.denied, allowed()) == (False, False, frozenset())


def test_a_stranger_is_sent_to_the_step_that_comes_first(services, cast, browse, notes, allowed):
    stranger = browse(cast.acme)
    flow_id = a_flow(services, cast.acme, notes, stranger)
    path = f"/oauth2/consent/{flow_id}"
    assert went(stranger.get(path)) == (303, on(flow_id))
    assert went(stranger.post(path, {"decision": "allow"})) == (303, on(flow_id))
    assert not read(services, cast.acme, stranger, flow_id).consented


def test_another_browsers_flow_is_not_found_whoever_is_signed_in(services, cast, browse, browser, flow_id, allowed):
    """Nobody is made to allow what somebody else has begun."""
    thief = browse(cast.acme)
    thief.sign_in(cast.bob)
    for other in (thief, browse(cast.acme)):
        other.plant("portico_browser", "x" * 43)
        for named in (flow_id, uuid7()):
            assert other.get(f"/oauth2/consent/{named}").status_code == 404
            assert other.post(f"/oauth2/consent/{named}", {"decision": "allow"}).status_code == 404
    assert allowed() == frozenset()
    assert not read(services, cast.acme, browser, flow_id).consented


def test_mallory_has_none_of_it(services, cast, browse, browser, flow_id):
    mallory = browse(cast.globex)
    mallory.sign_in(cast.mallory)
    mallory.plant("portico_browser", browser.cookie("portico_browser"))
    assert mallory.get(f"/oauth2/consent/{flow_id}").status_code == 404
    assert mallory.post(f"/oauth2/consent/{flow_id}", {"decision": "allow"}).status_code == 404


def test_without_the_token_of_the_page_or_from_elsewhere_nothing_happens(browser, flow_id, allowed):
    path, form = f"/oauth2/consent/{flow_id}", {"decision": "allow"}
    assert browser.post(path, form, csrf=False).status_code == 403
    assert browser.post(path, form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(path, form, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert allowed() == frozenset()


def test_an_expired_flow_starts_again(clock, browser, flow_id, allowed):
    clock.forward(minutes=31)
    path = f"/oauth2/consent/{flow_id}"
    assert went(browser.get(path)) == (303, on(flow_id))
    assert went(browser.post(path, {"decision": "allow"})) == (303, on(flow_id))
    assert allowed() == frozenset()


def test_an_application_on_this_device_has_no_host(services, cast, browser):
    native = an_application(services, cast.acme, type="native", redirect_uris=("com.example.notes:/cb",))
    flow_id = a_flow(services, cast.acme, native, browser, redirect_uri="com.example.notes:/cb")
    assert "the app on this device" in browser.get(f"/oauth2/consent/{flow_id}").text
