"""From an application to the sign-in and back, as a browser goes."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


def test_somebody_who_is_not_signed_in_signs_in_and_comes_back_with_a_code(browse, cast, notes):
    back = notes.sign_in(browse(cast.acme), cast.bob)
    assert back.address == notes.redirect_uri
    assert len(back.code) == 43
    assert back.parameters == {"code": back.code, "state": notes.state, "iss": cast.acme.origin}


def test_somebody_who_is_signed_in_comes_straight_back(browse, cast, notes):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    met = notes.ask(browser)
    assert met.status_code == 303
    assert met.headers["Referrer-Policy"] == "no-referrer"
    assert met.headers["Cache-Control"] == "no-store"
    assert back_of(met).code


def test_the_answer_to_a_form_is_a_page_that_moves_on(browse, cast, notes):
    browser = browse(cast.acme)
    met = settle(browser, notes.ask(browser))
    flow = flow_in(met)
    answer = browser.post("/login", {"email": cast.bob.email, "password": "correct horse battery staple", "flow": flow})
    assert (answer.status_code, answer.location) == (303, f"/oauth2/authorize/{flow}/continue")
    page = browser.get(answer.location)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    back = back_of(page)
    assert back.code
    assert page.text.count(back.code) == 2  # the refresh, and a link to press
