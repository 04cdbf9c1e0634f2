"""The link that undoes a change of the address, as pages."""

import pytest

from tests.auth.steps import links_to
from tests.blueprints.mails import is_in, open_link
from tests.cast import PASSWORD

NEW = "robert@acme.example"
ASK = {"email": NEW, "password": PASSWORD}
EMAIL, CONFIRM, UNDO = "/account/email", "/account/email/confirmation", "/undo-email-change"


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def token(bob, letters):
    bob.post(EMAIL, ASK)
    return links_to(letters, NEW, CONFIRM)[-1]


@pytest.fixture
def back(cast, bob, token, letters):
    """It is changed; the link that undoes it."""
    bob.post(CONFIRM, {"token": token})
    return links_to(letters, cast.bob.email, UNDO)[-1]


def test_the_old_address_puts_it_back_and_everybody_is_out(cast, browse, bob, back, letters):
    browser = browse(cast.acme)
    page = open_link(browser, back, UNDO)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert NEW in page.text
    assert cast.bob.email in page.text
    assert is_in(bob), "looking does nothing"
    answer = browser.post(UNDO, follow_redirects=True)
    assert answer.status_code == 200
    assert "Your old address is back" in answer.text
    assert not is_in(bob)
    assert browser.sign_in(cast.bob).status_code == 422
    assert links_to(letters, cast.bob.email, "/reset-password")
    assert browser.post(UNDO, {"token": back}).status_code == 410


def test_the_link_back_is_good_at_its_own_tenant_alone(cast, browse, back):
    mallory = browse(cast.globex)
    mallory.get(f"{UNDO}?token={back}")
    assert mallory.get(UNDO).status_code == 410
    assert mallory.post(UNDO, {"token": back}).status_code == 410
