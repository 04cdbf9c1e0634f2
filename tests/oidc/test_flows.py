"""An application's sign-in while it is under way: whose it is, how long it lasts, and that it ends once."""

import threading
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def waiting(browse, cast, notes):
    """A browser at the sign-in page, and the flow that it is there for."""
    browser = browse(cast.acme)
    return browser, flow_in(settle(browser, notes.ask(browser)))


def sign_in(browser, person, flow):
    return browser.post("/login", {"email": person.email, "password": PASSWORD, "flow": flow})


def codes(owner, cast):
    return owner.execute("SELECT count(*) FROM authorization_codes WHERE tenant_id = %s", (cast.acme.id,)).fetchone()[0]


def test_two_tabs_keep_their_own_flow(services, browse, cast, notes):
    browser = browse(cast.acme)
    tasks = RelyingApp(an_application(services, cast.acme, name="Tasks", first_party=True))
    one, other = (flow_in(settle(browser, app.ask(browser))) for app in (notes, tasks))
    assert one != other
    assert "Sign in to <bdi>Notes</bdi>" in browser.get(f"/login?flow={one}").text
    assert "Sign in to <bdi>Tasks</bdi>" in browser.get(f"/login?flow={other}").text
    assert back_of(settle(browser, sign_in(browser, cast.bob, one))).parameters["state"] == notes.state
    assert back_of(browser.get(f"/oauth2/authorize/{other}/continue")).parameters["state"] == tasks.state


def test_back_after_the_answer_never_leads_to_a_second_code(cast, waiting, owner):
    browser, flow = waiting
    assert back_of(settle(browser, sign_in(browser, cast.bob, flow))).code
    # No page of before asks for a password again that would lead to nothing.
    steps = (f"/login?flow={flow}", f"/login/password?flow={flow}", f"/register?flow={flow}")
    for path in (f"/oauth2/authorize/{flow}/continue", f"/oauth2/authorize/{flow}", *steps):
        page = settle(browser, browser.get(path))
        assert page.status_code == 200
        assert "You have been here already" in page.text
        assert back_of(page) is None
    assert codes(owner, cast) == 1


def test_the_page_after_the_answer_leads_to_the_applications_home(services, browse, cast):
    app = RelyingApp(an_application(services, cast.acme, first_party=True, home_uri="https://notes.example/home"))
    browser = browse(cast.acme)
    flow = flow_in(settle(browser, app.ask(browser)))
    settle(browser, sign_in(browser, cast.bob, flow))
    assert 'href="https://notes.example/home"' in browser.get(f"/oauth2/authorize/{flow}").text


def test_of_many_who_ask_for_the_answer_at_once_one_gets_it(services, cast, waiting, owner, app):
    browser, flow_id = waiting
    browser.sign_in(cast.bob)
    flow = services.openid.flows.read(cast.acme, UUID(flow_id), browser.cookie("portico_browser"))
    scope = cast.bob.scope(cast.bob.sign_in(tokens=False))
    barrier, answers = threading.Barrier(8), []

    def ask():
        barrier.wait()
        answers.append(services.openid.authorization.advance(cast.acme, flow, scope))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer is not None for answer in answers) == 1
    assert codes(owner, cast) == 1


def test_another_browser_gets_nowhere_with_it(browse, cast, waiting, owner):
    _, flow = waiting
    stranger = browse(cast.acme)
    stranger.sign_in(cast.bob)
    for path in (f"/oauth2/authorize/{flow}", f"/oauth2/authorize/{flow}/continue", f"/oauth2/authorize/{flow}/again"):
        page = stranger.get(path)
        assert page.status_code == 404
        assert "Please start again" in page.text
    assert codes(owner, cast) == 0
    # Nor does it turn its sign-in into one for the application.
    assert sign_in(browse(cast.acme), cast.bob, flow).location == "/account"


def test_another_tenant_sees_nothing_of_it(browse, cast, waiting):
    browser, flow = waiting
    mallory = browse(cast.globex)
    mallory.plant("portico_browser", browser.cookie("portico_browser"))
    mallory.sign_in(cast.mallory)
    assert mallory.get(f"/oauth2/authorize/{flow}").status_code == 404


def test_an_expired_flow_starts_again_with_its_destination_known(cast, notes, waiting, clock):
    browser, flow = waiting
    clock.forward(minutes=31)
    assert settle(browser, browser.get(f"/login?flow={flow}")).status_code == 410
    page = settle(browser, sign_in(browser, cast.bob, flow))
    assert page.status_code == 410
    assert "Sign in to <bdi>Notes</bdi>" in page.text
    back = back_of(browser.get(f"/oauth2/authorize/{flow}/again"))
    assert back.code
    assert back.parameters["state"] == notes.state


def test_an_expired_flow_starts_again_only_at_what_is_still_registered(services, cast, notes, waiting, clock, owner):
    browser, flow = waiting
    clock.forward(minutes=31)
    owner.execute(
        "UPDATE applications SET redirect_uris = '{https://notes.example/new}' WHERE id = %s", (notes.application.id,)
    )
    services.openid.clients.changed(cast.acme.id, notes.application.id)
    browser.client.application.extensions["portico"].openid.clients._forget()
    page = browser.get(f"/oauth2/authorize/{flow}/again")
    assert page.status_code == 400
    assert page.location is None


def test_the_address_says_nothing_but_an_id(notes, browse, cast):
    browser = browse(cast.acme)
    met = notes.ask(browser)
    assert parse_qs(urlsplit(met.location).query).keys() == {"flow"}
    cookie = next(c for c in met.headers.getlist("Set-Cookie") if c.startswith("portico_browser="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_invented_flow_is_no_flow(browse, cast):
    browser = browse(cast.acme)
    for flow in ("x", "0190a5c8-0000-4000-8000-000000000000", "'", "a" * 4000):
        assert "Sign in to <bdi>Acme</bdi>" in browser.get("/login", query_string={"flow": flow}).text
