"""Somebody else's sign-in in one's own browser gives them nothing (security.md, 4 C, D and N; ASVS 2.3.1)."""

from uuid import UUID

import pytest

from tests.oidc.clients import an_application
from tests.oidc.flowing import a_flow, on, read
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle

FLOW = "0190a5c8-0000-4000-8000-000000000000"


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme))


@pytest.fixture
def signed_in(browse):
    def signed_in(person):
        browser = browse(person.tenant)
        browser.sign_in(person)
        return browser

    return signed_in


def by_post(app, cast, browse, **more):
    """A request by POST; the address with its ticket, which whoever asks may keep to themselves for a while."""
    return browse(cast.acme).post("/oauth2/authorize", app.parameters(**more), csrf=False).location


def test_cve_2026_7507_what_was_decided_before_a_ticket_is_shown_is_not_passed_on(
    services, cast, browse, notes, signed_in
):
    """Who keeps a ticket back could use it as their browser's secret, decide, and then send somebody there."""
    services.openid.consents.allow(cast.acme, cast.bob.scope(cast.bob.sign_in()), notes.application.client, {"openid"})
    address = by_post(notes, cast, browse, scope="openid", prompt="consent select_account")
    path, _, ticket = address.partition("?ticket=")
    flow, mallorys, bobs = UUID(path.rpartition("/")[2]), signed_in(cast.ada), signed_in(cast.bob)
    mallorys.plant("portico_browser", ticket)
    page = mallorys.get(f"/login/accounts?flow={flow}").text
    account = page.partition('name="account" value="')[2].partition('"')[0]
    mallorys.post("/login/accounts", {"account": account, "flow": flow})
    assert read(services, cast.acme, mallorys, flow).chosen
    met = settle(bobs, bobs.get(address))
    assert back_of(met) is None
    assert met.status_code == 404


def test_what_one_account_allows_is_not_what_the_next_one_does(services, cast, browse, notes, signed_in):
    """prompt=consent asks whoever is to be signed in: not whoever was a moment before, in the same sign-in."""
    for person in (cast.ada, cast.bob):
        services.openid.consents.allow(
            cast.acme, person.scope(person.sign_in()), notes.application.client, {"openid", "email"}
        )
    browser = signed_in(cast.ada)
    flow = a_flow(services, cast.acme, notes.application, browser, prompt=("consent",))
    assert browser.post(f"/oauth2/consent/{flow}", {"decision": "allow"}).location == on(flow)
    assert read(services, cast.acme, browser, flow).consented_by == cast.ada.id
    browser.post("/login", {"email": cast.bob.email, "password": cast.bob.password, "flow": flow})
    met = settle(browser, browser.get(on(flow)))
    assert met.request.path == f"/oauth2/consent/{flow}"
    assert back_of(met) is None


@pytest.mark.parametrize("more", [{"prompt": ("login",)}, {"max_age": 0}, {"prompt": ("select_account",)}])
def test_step_skip_nobody_decides_before_their_turn(services, cast, notes, signed_in, more):
    """ASVS 2.3.1: the page of a step does nothing while another one is owed."""
    browser = signed_in(cast.bob)
    flow = a_flow(services, cast.acme, notes.application, browser, **more)
    for answer in (
        browser.get(f"/oauth2/consent/{flow}"),
        browser.post(f"/oauth2/consent/{flow}", {"decision": "allow"}),
        browser.post(f"/oauth2/consent/{flow}", {"decision": "deny"}),
    ):
        assert answer.location == on(flow)
    flow = read(services, cast.acme, browser, flow)
    assert (flow.consented, flow.denied) == (False, False)
    assert not services.openid.consents.remembered(cast.acme, notes.application.client, cast.bob.id)


def test_step_skip_somebody_else_than_who_is_expected_allows_nothing(services, cast, notes, signed_in):
    browser = signed_in(cast.bob)
    flow = a_flow(services, cast.acme, notes.application, browser, subject=str(cast.ada.id))
    browser.post(f"/oauth2/consent/{flow}", {"decision": "allow"})
    assert not services.openid.consents.remembered(cast.acme, notes.application.client, cast.bob.id)


def test_a_sign_in_that_is_nobodys_is_carried_and_counts_for_nothing(cast, browse):
    """Ids that are made up, of another tenant, or gone."""
    for flow in (FLOW, FLOW.replace("4000", "4001"), "x", "\x00", "a" * 40_000):
        browser = browse(cast.acme)
        for path in ("/login", "/forgot-password", "/login/magic-link", "/register"):
            sent = {"email": cast.bob.email, "flow": flow, "name": "x", "password": ""}
            assert browser.post(path, sent).status_code in {200, 303, 422}, (path, flow)
            assert browser.get("/login", query_string={"flow": flow}).status_code == 200
        done = browser.post("/login", {"email": cast.bob.email, "password": cast.bob.password, "flow": flow})
        assert done.location == "/account"


def test_a_browsers_name_that_is_no_secret_of_ours_is_nobodys(services, cast, browse, notes):
    for name in ("", "x", "\x7f", "é", "a" * 300, ".", "0" * 43):
        browser = browse(cast.acme)
        flow = flow_in(settle(browser, notes.ask(browser)))
        browser.plant("portico_browser", name)
        assert browser.get(f"/oauth2/authorize/{flow}").status_code == 404
        assert settle(browser, notes.ask(browser)).request.path == "/login"
