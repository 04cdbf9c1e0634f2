"""prompt, max_age, acr_values and hints, as a browser meets them."""

import pytest

from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def bobs(browse, cast):
    """Bob's browser, in which he is signed in."""
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def code_time(services, owner, person):
    return owner.execute(
        "SELECT auth_time FROM authorization_codes WHERE user_id = %s ORDER BY id DESC LIMIT 1", (person.id,)
    ).fetchone()[0]


def test_none_shows_nothing_to_somebody_who_is_not_signed_in(browse, cast, notes, owner):
    back = back_of(notes.ask(browse(cast.acme), prompt="none"))
    assert back.parameters["error"] == "login_required"
    assert back.parameters["state"] == notes.state
    assert back.parameters["iss"] == cast.acme.origin
    count = owner.execute("SELECT count(*) FROM authorization_flows WHERE tenant_id = %s", (cast.acme.id,))
    assert count.fetchone() == (0,)


def test_none_gives_a_code_to_somebody_who_is(notes, bobs):
    assert back_of(notes.ask(bobs, prompt="none")).code


def test_login_asks_again_and_keeps_the_session(services, cast, notes, bobs, clock, owner):
    before = code_time_after(services, owner, cast, notes, bobs)
    sid = bobs.cookie("portico_session")
    clock.forward(seconds=5)
    met = settle(bobs, notes.ask(bobs, prompt="login"))
    assert met.request.path == "/reauthenticate"
    assert "Notes asks you to sign in once more." in met.text
    answer = bobs.post("/reauthenticate", {"password": PASSWORD, "flow": flow_in(met)})
    assert answer.location == f"/oauth2/authorize/{flow_in(met)}/continue"
    assert back_of(settle(bobs, answer)).code
    assert code_time(services, owner, cast.bob) > before
    sessions = owner.execute("SELECT count(*) FROM sessions WHERE user_id = %s AND revoked_at IS NULL", (cast.bob.id,))
    assert sessions.fetchone() == (1,)
    assert bobs.cookie("portico_session") != sid


def code_time_after(services, owner, cast, notes, browser):
    assert back_of(notes.ask(browser)).code
    return code_time(services, owner, cast.bob)


def test_login_is_not_satisfied_by_having_confirmed_a_moment_before(notes, bobs):
    met = settle(bobs, notes.ask(bobs, prompt="login"))
    assert met.request.path == "/reauthenticate"


def test_max_age_asks_again_only_when_it_is_over(notes, bobs, clock):
    clock.forward(seconds=2)
    assert settle(bobs, notes.ask(bobs, max_age="1")).request.path == "/reauthenticate"
    assert back_of(notes.ask(bobs, max_age="10000")).code
    assert back_of(notes.ask(bobs, max_age="1", prompt="none")).error == "login_required"


def test_select_account_shows_who_there_is_to_choose(notes, bobs):
    met = settle(bobs, notes.ask(bobs, prompt="select_account"))
    assert met.request.path == "/login/accounts"
    assert back_of(notes.ask(bobs)).code


def test_create_leads_to_registration_also_for_somebody_who_has_an_account(browse, cast, notes, bobs):
    for browser in (bobs, browse(cast.acme)):
        met = settle(browser, notes.ask(browser, prompt="create", login_hint="new@acme.example"))
        assert met.request.path == "/register"
        assert "new@acme.example" in met.text


def test_the_level_that_cannot_be_reached_is_told_only_where_it_is_demanded(notes, bobs):
    assert back_of(notes.ask(bobs, acr_values="2")).code
    demanded = '{"id_token": {"acr": {"essential": true, "values": ["2"]}}}'
    assert back_of(notes.ask(bobs, claims=demanded)).error == "unmet_authentication_requirements"


def test_a_hint_prefills_the_page_that_names_the_application(browse, cast, notes):
    browser = browse(cast.acme)
    page = settle(browser, notes.ask(browser, login_hint="bob@acme.example", ui_locales="de", display="popup"))
    assert page.request.path == "/login"
    assert 'value="bob@acme.example"' in page.text
    assert "Sign in to <bdi>Notes</bdi>" in page.text


def test_consent_is_asked_for_where_it_is_wished_and_a_no_is_told(services, browse, cast):
    others = RelyingApp(an_application(services, cast.acme))
    assert others.sign_in(browse(cast.acme), cast.bob, allow=False).error == "access_denied"
    browser = browse(cast.acme)
    assert others.sign_in(browser, cast.bob).code
    assert back_of(others.ask(browser)).code
    assert settle(browser, others.ask(browser, prompt="consent")).request.path.startswith("/oauth2/consent/")
    assert others.sign_in(browser, cast.bob, prompt="consent").code
    assert back_of(others.ask(browser, prompt="none", scope="openid phone")).error == "consent_required"
