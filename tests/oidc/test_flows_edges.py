"""What may change while an application's sign-in is under way, and ways in that are closed."""

import threading
from functools import partial

import pytest

from app.oidc.progress import Step
from tests.auth.apps import Apps
from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


def test_a_wish_for_more_leads_whoever_has_a_second_factor_to_show_it(services, notes, browse, cast, owner, clock):
    apps = Apps(services)
    app = apps.enrol(cast.bob)
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    answer = browser.post("/login/second-factor", {"method": "totp", "code": apps.code(app)})
    assert answer.location == "/account"
    owner.execute("UPDATE sessions SET acr = '1', amr = '{pwd}' WHERE user_id = %s", (cast.bob.id,))
    assert back_of(notes.ask(browser)).code
    assert back_of(notes.ask(browser, acr_values="2", prompt="none")).error == "interaction_required"
    page = settle(browser, notes.ask(browser, acr_values="2"))
    assert page.request.path == "/reauthenticate"
    clock.forward(seconds=30)
    shown = {"password": PASSWORD, "method": "totp", "code": apps.code(app), "flow": flow_in(page)}
    assert back_of(settle(browser, browser.post("/reauthenticate", shown))).code
    acr = owner.execute(
        "SELECT acr FROM authorization_codes WHERE user_id = %s ORDER BY id DESC LIMIT 1", (cast.bob.id,)
    )
    assert acr.fetchone() == ("2",)


def test_whoever_has_nothing_to_confirm_is_sent_on_from_there(notes, browse, cast):
    browser = browse(cast.acme)
    flow = flow_in(settle(browser, notes.ask(browser)))
    settle(browser, browser.post("/login", {"email": cast.bob.email, "password": PASSWORD}))
    assert browser.get(f"/reauthenticate?flow={flow}").location == f"/oauth2/authorize/{flow}/continue"


def test_where_nobody_may_register_an_account_is_signed_in_to(services, cast, browse):
    closed = cast.found(f"{cast.acme.slug}-c", "Closed", registration_open=False)
    app, browser = RelyingApp(an_application(services, closed, first_party=True)), browse(closed)
    assert settle(browser, app.ask(browser, prompt="create")).request.path == "/login"


def test_an_address_that_has_to_be_confirmed_is_so_before_an_application_is_answered(notes, browse, cast, owner):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", (cast.bob.id,))
    assert back_of(notes.ask(browser, prompt="none")).error == "interaction_required"
    assert settle(browser, notes.ask(browser)).request.path == "/login"


def test_an_application_that_is_switched_off_meanwhile_gets_nothing(notes, browse, cast, owner, clock):
    browser = browse(cast.acme)
    flow = flow_in(settle(browser, notes.ask(browser)))
    owner.execute("UPDATE applications SET disabled_at = now() WHERE id = %s", (notes.application.id,))
    browser.client.application.extensions["portico"].openid.clients._forget()
    assert browser.get(f"/oauth2/authorize/{flow}").status_code == 404
    assert notes.ask(browser).status_code == 400
    assert "Sign in to <bdi>Acme</bdi>" in browser.get(f"/login?flow={flow}").text


def test_a_session_that_ends_meanwhile_gives_no_code(notes, browse, cast, services):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    flow = flow_in(settle(browser, notes.ask(browser, prompt="login")))
    services.users.disable(cast.acme, email=cast.bob.email)
    assert settle(browser, browser.get(f"/oauth2/authorize/{flow}/continue")).request.path == "/login"


def test_of_many_browsers_that_show_a_ticket_at_once_one_gets_the_flow(services, notes, cast):
    flows = services.openid.flows
    flow = services.openid.authorization.begin(cast.acme, {k: [v] for k, v in notes.parameters().items()})
    flows.keep(cast.acme, flow, "a ticket")
    barrier, bound = threading.Barrier(8), []

    def bind(browser):
        barrier.wait()
        bound.append(flows.bind(cast.acme, flow.id, ticket="a ticket", browser=browser))

    threads = [threading.Thread(target=bind, args=(f"browser {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(bound) == 1
    assert not flows.bind(cast.acme, flow.id, ticket="a ticket", browser="later")
    assert services.openid.authorization.advance(cast.acme, flow, None) is Step.SIGN_IN


def test_decisions_are_written_down_only_by_the_browser_whose_flow_it_is_and_while_it_is_open(
    services, notes, cast, clock
):
    flows = services.openid.flows
    flow = services.openid.authorization.begin(cast.acme, {k: [v] for k, v in notes.parameters().items()})
    flows.keep(cast.acme, flow, "mine")
    consented = partial(flows.consented, by=cast.ada.id)
    for decide in (flows.chosen, consented, flows.denied):
        assert not decide(cast.acme, flow.id, "somebody else's")
        assert not decide(cast.acme, flow.id, None)
        assert not decide(cast.globex, flow.id, "mine")
    assert flows.chosen(cast.acme, flow.id, "mine")
    found = flows.read(cast.acme, flow.id, "mine")
    assert (found.chosen, found.consented, found.denied, found.request) == (True, False, False, flow.request)
    clock.forward(minutes=31)
    assert not consented(cast.acme, flow.id, "mine")
