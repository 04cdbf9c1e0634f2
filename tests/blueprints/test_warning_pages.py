"""The pages behind the links of warnings: looking does nothing, the button does it once, and only what it says."""

import pytest

from tests.auth.steps import links_to
from tests.blueprints.mails import is_in, open_link, went

SECURE, UNLOCK, ALLOW, UNDO = "/secure-account", "/unlock-account", "/allow-sign-in", "/undo-email-change"
PATHS = (SECURE, UNLOCK, ALLOW, UNDO)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
BOX = {"confirm": "1"}


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def warned(cast, browse, letters):
    """A stranger has signed in with Firefox; the stranger, and the link of the mail."""
    browse(cast.acme).sign_in(cast.bob)
    stranger = browse(cast.acme, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="198.51.100.70")
    stranger.sign_in(cast.bob)
    return stranger, links_to(letters, cast.bob.email, SECURE)[-1]


@pytest.fixture
def paused(cast, call, letters):
    for _ in range(5):
        call(cast.acme).login(cast.bob, password="wrong")
    return links_to(letters, cast.bob.email, UNLOCK)[-1]


@pytest.fixture
def stopped(cast, services, browse, letters):
    """Acme stops scripts; one has tried."""
    services.tenant_administration.change_settings(cast.acme, {"risk_weights": {"script_agent": 80}})
    browse(cast.acme).sign_in(cast.bob)
    script = browse(cast.acme, HTTP_USER_AGENT="curl/8", REMOTE_ADDR="198.51.100.70")
    assert script.sign_in(cast.bob).status_code == 403
    return script, links_to(letters, cast.bob.email, ALLOW)[-1]


def test_locking_down_shows_who_it_was_and_wants_the_box_ticked(cast, browser, warned, letters):
    stranger, token = warned
    page = open_link(browser, token, SECURE)
    for fact in ("Firefox", "Windows", "198.51.100.70", cast.bob.email):
        assert fact in page.text
    refused = browser.post(SECURE)
    assert refused.status_code == 422
    assert 'id="confirm-error"' in refused.text
    assert is_in(stranger)
    done = browser.post(SECURE, BOX, follow_redirects=True)
    assert done.status_code == 200
    assert "Your account is locked down" in done.text
    assert not is_in(stranger)
    assert browser.sign_in(cast.bob).status_code == 422
    assert links_to(letters, cast.bob.email, "/reset-password")


def test_locking_down_in_a_browser_that_is_signed_in_ends_that_too(cast, browser, warned):
    browser.sign_in(cast.bob)
    open_link(browser, warned[1], SECURE)
    assert browser.post(SECURE, BOX).status_code < 400
    assert not is_in(browser)


def test_what_is_done_is_told_on_a_page_that_can_be_reloaded(browser, warned):
    open_link(browser, warned[1], SECURE)
    assert browser.post(SECURE, BOX).status_code == 303


def test_opening_the_account_lets_a_new_device_in(cast, browser, paused):
    assert browser.sign_in(cast.bob).status_code == 422
    assert cast.bob.email in open_link(browser, paused, UNLOCK).text
    assert browser.sign_in(cast.bob).status_code == 422, "looking opens nothing"
    assert went(browser.post(UNLOCK, {**BOX, "token": paused})) == (303, "/login")
    page = browser.get("/login").text
    assert "Your account is open again" in page
    assert cast.bob.email in page, "nobody types their address twice"
    assert went(browser.sign_in(cast.bob)) == (303, "/account")


def test_allowing_makes_the_browser_that_does_it_known_and_signs_nobody_in(cast, browser, stopped, services):
    script, token = stopped
    page = open_link(browser, token, ALLOW)
    assert "198.51.100.70" in page.text
    assert browser.cookie("portico_device") is None
    assert went(browser.post(ALLOW, BOX)) == (303, "/login")
    assert not is_in(browser)
    device = browser.cookie("portico_device")
    assert services.login.knows(cast.acme, email_key=cast.bob.email, device=device)
    assert went(browser.sign_in(cast.bob)) == (303, "/account")
    assert script.sign_in(cast.bob).status_code == 403, "the one that was stopped still is"


def test_allowing_in_the_stopped_browser_asks_for_a_code_and_lets_it_in_no_further(cast, stopped):
    script, token = stopped
    open_link(script, token, ALLOW)
    script.post(ALLOW, BOX)
    assert went(script.sign_in(cast.bob)) == (303, "/login/second-factor")
    assert not is_in(script)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "made-up", "%00", "x" * 500, "é" * 43])
def test_what_is_no_link_says_so(browser, path, token):
    browser.get(f"{path}?token={token}")
    page, sent = browser.get(path), browser.post(path, {**BOX, "token": "made-up"})
    assert (page.status_code, sent.status_code) == (410, 410)
    assert "expired" in page.text


def test_a_link_is_good_once_at_its_own_tenant_and_at_its_own_page(cast, browse, browser, warned, paused):
    links = {SECURE: warned[1], UNLOCK: paused}
    for path, token in links.items():
        mallory = browse(cast.globex)
        assert open_link(mallory, token, path).status_code == 410
        assert mallory.post(path, {**BOX, "token": token}).status_code == 410
        for other in set(PATHS) - {path}:
            assert browser.post(other, {**BOX, "token": token}).status_code == 410, (path, other)
    for path, token in reversed(links.items()):
        assert browser.post(path, {**BOX, "token": token}).status_code < 400
        assert browser.post(path, {**BOX, "token": token}).status_code == 410


def test_every_page_of_a_link_keeps_its_secret(browser, warned, paused):
    for path, token in ((SECURE, warned[1]), (UNLOCK, paused)):
        opened = browser.get(f"{path}?token={token}")
        for answer in (opened, browser.get(path), browser.post(path)):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert token not in (answer.location or "")


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_of_the_page_or_from_another_site_nothing_happens(browser, path, paused):
    fields = {**BOX, "token": paused}
    assert browser.post(path, fields, csrf=False).status_code == 403
    assert browser.post(path, fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(UNLOCK, fields).status_code == 303


@pytest.mark.parametrize("path", PATHS)
def test_made_up_links_run_out(strict, cast, browse, path):
    page = browse(cast.acme, on=strict, REMOTE_ADDR=f"198.51.100.{100 + PATHS.index(path)}")
    assert {page.post(path, {**BOX, "token": "made-up"}).status_code for _ in range(100)} == {410}
    assert page.post(path, {**BOX, "token": "made-up"}).status_code == 429
