"""Every way in keeps the application that it is for: links, forms, redirects, and what is opened from the mail."""

import re
from html.parser import HTMLParser

import pyotp
import pytest

from tests.auth.apps import Apps
from tests.blueprints.mails import WARY, code_in, number_on
from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle

STEPS = (
    "/login",
    "/register",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/magic-link",
    "/reauthenticate",
)


class Ways(HTMLParser):
    """The ways on from a page, and those of them that forget the flow."""

    def __init__(self, page, flow):
        super().__init__()
        self.flow, self.form, self.found, self.lost = flow, None, 0, []
        self.feed(page.text)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "a" and said.get("href", "").startswith(STEPS):
            self._look(said["href"], self.flow in said["href"])
        if tag == "div" and "hx-post" in said:
            self._look(said["hx-post"], self.flow in said["hx-post"])
        if tag == "form":
            self.form, self.carried = said["action"], False
        if tag == "input" and said.get("name") == "flow":
            self.carried = said["value"] == self.flow

    def handle_endtag(self, tag):
        if tag == "form":
            self._look(self.form, self.carried)

    def _look(self, where, kept):
        self.found += 1
        if not kept:
            self.lost.append(where)


def carried(page, flow):
    """The page, every way on from which keeps the flow."""
    assert page.status_code in {200, 422}, (page.status_code, page.text[:200])
    ways = Ways(page, flow)
    assert ways.found, page.request.path
    assert not ways.lost, (page.request.path, ways.lost)
    return page


@pytest.fixture
def arrive(services, browse):
    """Sends a new browser to a tenant from its application: (browser, flow, the page it meets)."""

    def arrive(tenant, **asked):
        app = RelyingApp(an_application(services, tenant, first_party=True))
        browser = browse(tenant)
        met = settle(browser, app.ask(browser, **asked))
        return browser, flow_in(met), met

    return arrive


def test_by_password_in_two_steps(arrive, cast):
    browser, flow, page = arrive(cast.acme)
    carried(page, flow)
    page = carried(settle(browser, browser.post("/login", {"email": cast.bob.email, "flow": flow})), flow)
    assert page.request.path == "/login/password"
    wrong = browser.post("/login/password", {"email": cast.bob.email, "password": "wrong", "flow": flow})
    carried(wrong, flow)
    right = browser.post("/login/password", {"email": cast.bob.email, "password": PASSWORD, "flow": flow})
    assert back_of(settle(browser, right)).code


def test_by_mail_with_the_link_opened_in_the_same_browser(arrive, cast, letters):
    browser, flow, _ = arrive(cast.acme)
    page = carried(settle(browser, browser.post("/login/magic-link", {"email": cast.bob.email, "flow": flow})), flow)
    assert page.request.path == "/login/magic-link"
    token = letters.token_to(cast.bob.email)
    landing = carried(settle(browser, browser.get(f"/magic-link?token={token}")), flow)
    assert landing.request.path == "/magic-link"
    assert back_of(settle(browser, browser.post("/magic-link", {"token": token, "flow": flow}))).code


def test_by_mail_with_the_code_typed(arrive, cast, letters):
    browser, flow, _ = arrive(cast.acme)
    browser.post("/login/magic-link", {"email": cast.bob.email, "flow": flow})
    letters.deliver()
    typed = browser.post("/login/magic-link/code", {"code": code_in(letters[-1]), "flow": flow})
    assert back_of(settle(browser, typed)).code


def test_by_mail_approved_on_another_device(arrive, browse, cast, letters):
    browser, flow, _ = arrive(cast.acme)
    waiting = settle(browser, browser.post("/login/magic-link", {"email": cast.bob.email, "flow": flow}))
    phone, token = browse(cast.acme), letters.token_to(cast.bob.email)
    phone.get(f"/magic-link?token={token}")
    approved = phone.post("/magic-link/approval", {"token": token, "number": number_on(waiting)})
    assert approved.status_code == 200
    polled = browser.post(f"/login/magic-link/approval?flow={flow}", headers={"HX-Request": "true"})
    assert polled.headers["HX-Redirect"] == f"/oauth2/authorize/{flow}/continue"
    assert back_of(browser.get(polled.headers["HX-Redirect"])).code


def test_by_a_second_factor(services, arrive, cast):
    apps = Apps(services)
    app = apps.enrol(cast.bob)
    browser, flow, _ = arrive(cast.acme)
    sent = {"email": cast.bob.email, "password": PASSWORD, "flow": flow}
    page = carried(settle(browser, browser.post("/login", sent)), flow)
    assert page.request.path == "/login/second-factor"
    carried(browser.post("/login/second-factor", {"method": "totp", "code": "000000", "flow": flow}), flow)
    code = apps.code(app, 1)
    answer = browser.post("/login/second-factor", {"method": "totp", "code": code, "flow": flow})
    assert back_of(settle(browser, answer)).code


def test_by_a_code_for_an_unusual_sign_in(arrive, cast, letters):
    tenant = cast.found(f"{cast.acme.slug}-w", "Wary", **WARY)
    zoe = cast.person(tenant, "zoe@wary.example")
    zoe.sign_in()
    letters.deliver().clear()
    browser, flow, _ = arrive(tenant)
    carried(settle(browser, browser.post("/login", {"email": zoe.email, "password": PASSWORD, "flow": flow})), flow)
    letters.deliver()
    answer = browser.post("/login/second-factor", {"code": code_in(letters.to(zoe.email)), "flow": flow})
    assert back_of(settle(browser, answer)).code


def test_by_setting_up_a_second_factor_on_the_way(arrive, cast):
    tenant = cast.found(f"{cast.acme.slug}-s", "Strict", second_factor="required")
    zoe = cast.person(tenant, "zoe@strict.example")
    browser, flow, _ = arrive(tenant)
    sent = {"email": zoe.email, "password": PASSWORD, "flow": flow}
    carried(settle(browser, browser.post("/login", sent)), flow)
    page = carried(settle(browser, browser.post("/login/enrolment/app/begin", {"flow": flow})), flow)
    secret = re.search(r"secret=([A-Z2-7]{32})", page.text)[1]
    codes = browser.post("/login/enrolment/app", {"code": pyotp.TOTP(secret).now(), "flow": flow})
    assert codes.location == "/account/backup-codes"
    saved = browser.post("/account/backup-codes/saved", {"saved": "1"})
    assert saved.location == f"/oauth2/authorize/{flow}/continue"
    assert back_of(browser.get(saved.location)).code


def test_by_registering_and_confirming_the_address(arrive, cast, letters):
    browser, flow, page = arrive(cast.acme, prompt="create")
    assert carried(page, flow).request.path == "/register"
    new = {"email": "new@acme.example", "name": "New", "password": PASSWORD, "flow": flow}
    carried(settle(browser, browser.post("/register", new)), flow)
    token = letters.token_to("new@acme.example")
    landing = carried(settle(browser, browser.get(f"/verify-email?token={token}")), flow)
    assert landing.request.path == "/verify-email"
    page = settle(browser, browser.post("/verify-email", {"token": token, "flow": flow}))
    assert "Sign in to <bdi>Notes</bdi>" in carried(page, flow).text
    assert back_of(settle(browser, browser.post("/login", new))).code


def test_by_a_new_password(arrive, cast, letters):
    browser, flow, _ = arrive(cast.acme)
    carried(browser.get(f"/forgot-password?flow={flow}"), flow)
    carried(settle(browser, browser.post("/forgot-password", {"email": cast.bob.email, "flow": flow})), flow)
    token = letters.token_to(cast.bob.email)
    landing = carried(settle(browser, browser.get(f"/reset-password?token={token}")), flow)
    assert landing.request.path == "/reset-password"
    new = {"token": token, "new_password": "another long phrase of mine", "flow": flow}
    page = carried(settle(browser, browser.post("/reset-password", new)), flow)
    assert page.request.path == "/login/password"
    sent = {"email": cast.bob.email, "password": new["new_password"], "flow": flow}
    assert back_of(settle(browser, browser.post("/login/password", sent))).code


def test_by_confirming_that_it_is_them(services, arrive, cast):
    browser, flow, _ = arrive(cast.acme)
    browser.post("/login", {"email": cast.bob.email, "password": PASSWORD, "flow": flow})
    app = RelyingApp(an_application(services, cast.acme, name="Tasks", first_party=True))
    page = settle(browser, app.ask(browser, prompt="login"))
    carried(page, flow_in(page))
    wrong = browser.post("/reauthenticate", {"password": "wrong", "flow": flow_in(page)})
    carried(wrong, flow_in(page))
    right = browser.post("/reauthenticate", {"password": PASSWORD, "flow": flow_in(page)})
    assert back_of(settle(browser, right)).code


def test_a_page_without_an_application_carries_nothing(browse, cast):
    browser = browse(cast.acme)
    for path in ("/login", "/register", "/forgot-password"):
        assert "flow" not in browser.get(path).text
    assert browser.sign_in(cast.bob).location == "/account"
