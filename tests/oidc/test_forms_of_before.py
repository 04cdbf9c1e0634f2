"""Two tabs, two applications: the form of the one was open while somebody signed in to the other."""

import re

import pytest

from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def form(browse, cast, notes):
    """A browser, and the form of before somebody signed in in it."""
    browser = browse(cast.acme)
    page = settle(browser, notes.ask(browser))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    assert browser.sign_in(cast.bob).status_code == 303
    return browser, {"csrf_token": token, "flow": flow_in(page), "email": cast.bob.email, "password": PASSWORD}


def sent(browser, fields, **more):
    return browser.open("POST", "/login", data=fields, **more)


def whose(owner, cast):
    """Whose codes the tenant's applications were given."""
    codes = owner.execute("SELECT user_id FROM authorization_codes WHERE tenant_id = %s", (cast.acme.id,))
    return {user_id for (user_id,) in codes}


def test_it_does_nothing_and_its_application_has_whoever_is_signed_in(form, owner, cast):
    browser, fields = form
    answer = sent(browser, fields)
    assert answer.location == f"/oauth2/authorize/{fields['flow']}/continue"
    assert back_of(settle(browser, answer)).code
    assert whose(owner, cast) == {cast.bob.id}
    assert settle(browser, sent(browser, fields)).request.path == answer.location  # it was answered


def test_whoever_meant_another_account_is_asked_again_and_comes_back_as_nobody_else(form, owner, cast):
    browser, fields = form
    answer = sent(browser, {**fields, "email": cast.ada.email})
    assert answer.location == f"/login?flow={fields['flow']}"
    page = browser.get(answer.location)
    assert "in another tab" in page.text
    assert cast.bob.email in page.text
    assert whose(owner, cast) == set()


def test_without_an_application_it_is_refused_as_ever(form):
    browser, fields = form
    for changed in ({"flow": ""}, {"flow": "garbage"}, {"csrf_token": ""}):
        assert sent(browser, {**fields, **changed}).status_code == 403
    assert sent(browser, fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_way_of_another_browser_is_none(form, browse, cast):
    _, fields = form
    assert sent(browse(cast.acme), fields).status_code == 403
