"""Two tabs, two accounts, two presses: what a page shows is what its button does (security.md, 4 D, M and N)."""

import re
import threading

import pytest

from tests.oidc.clients import an_application
from tests.oidc.flowing import a_flow, on, read
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme))


@pytest.fixture
def browser(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


def remembered(services, person, app):
    return services.openid.consents.remembered(person.tenant, app.application.client, person.id)


def test_the_button_of_a_page_that_showed_another_account_does_nothing(services, cast, browser, notes):
    page = settle(browser, notes.ask(browser))
    flow, token = flow_in(page), _TOKEN.search(page.text)[1]
    browser.post("/login", {"email": cast.bob.email, "password": cast.bob.password, "flow": flow})
    for decision in ("allow", "deny"):
        sent = {"decision": decision, "flow": flow, "csrf_token": token}
        answer = browser.post(page.request.path, sent, csrf=False)
        assert (answer.status_code, answer.location) == (403, None)
    for person in (cast.ada, cast.bob):
        assert not remembered(services, person, notes)


def test_the_button_of_one_flow_is_not_another_ones(services, cast, browser, notes):
    other = RelyingApp(an_application(services, cast.acme, name="Other"))
    mine, theirs = (flow_in(settle(browser, app.ask(browser))) for app in (notes, other))
    browser.post(f"/oauth2/consent/{mine}", {"decision": "allow", "flow": theirs})
    assert (bool(remembered(services, cast.ada, notes)), bool(remembered(services, cast.ada, other))) == (True, False)


def test_allow_and_deny_at_once_are_one_answer(services, cast, browser, notes, app, owner):
    flow = a_flow(services, cast.acme, notes.application, browser)
    token, jar = browser.csrf(), {name: browser.cookie(name) for name in ("portico_session", "portico_csrf")}
    jar["portico_browser"] = browser.cookie("portico_browser")
    barrier, answers = threading.Barrier(6), []

    def press(decision):
        client = type(browser)(app, browser.origin)
        for name, value in jar.items():
            client.plant(name, value)
        barrier.wait()
        client.post(f"/oauth2/consent/{flow}", {"decision": decision, "csrf_token": token}, csrf=False)
        answers.append(back_of(settle(client, client.get(on(flow)))))

    threads = [threading.Thread(target=press, args=(said,)) for said in ("allow", "deny") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([back for back in answers if back]) == 1
    assert read(services, cast.acme, browser, flow).answered
    count = owner.execute("SELECT count(*) FROM authorization_codes WHERE user_id = %s", (cast.ada.id,)).fetchone()
    assert count[0] <= 1
