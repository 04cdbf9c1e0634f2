"""The page behind the link that calls a reset of factors off: looking does nothing, the button does it once."""

import pytest

from tests.auth.factored import WHY, add_app, start_reset
from tests.auth.steps import links_to
from tests.blueprints.mails import open_link, went

PATH = "/keep-factors"
BOX = {"confirm": "1"}


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def token(cast, letters):
    """The link in Bob's mail."""
    add_app(cast.bob)
    start_reset(cast.ada.scope(cast.ada.sign_in()), cast.bob)
    return links_to(letters, cast.bob.email, PATH)[-1]


@pytest.fixture
def under_way(services, cast):
    def under_way():
        ada = cast.ada.scope(cast.ada.sign_in())
        return services.factor_resets.show(cast.acme, ada, cast.bob.id).reset is not None

    return under_way


def test_it_says_what_is_to_happen_and_why_and_wants_the_box_ticked(cast, browser, token, under_way):
    page = open_link(browser, token, PATH)
    for fact in (cast.bob.email, WHY, "Acme", "UTC"):
        assert fact in page.text
    refused = browser.post(PATH)
    assert refused.status_code == 422
    assert 'id="confirm-error"' in refused.text
    assert under_way()


def test_the_button_calls_it_off_once(browser, token, under_way):
    open_link(browser, token, PATH)
    assert went(browser.post(PATH, BOX)) == (303, "/login")
    assert "Your second step stays as it is" in browser.get("/login").text
    assert not under_way()
    assert browser.post(PATH, {**BOX, "token": token}).status_code == 410


def test_it_keeps_its_secret(browser, token):
    for answer in (browser.get(f"{PATH}?token={token}"), browser.get(PATH), browser.post(PATH)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert token not in (answer.location or "")


@pytest.mark.parametrize("made_up", ["", "made-up", "%00", "x" * 500, "é" * 43])
def test_what_is_no_link_says_so(browser, made_up):
    browser.get(f"{PATH}?token={made_up}")
    page, sent = browser.get(PATH), browser.post(PATH, {**BOX, "token": "made-up"})
    assert (page.status_code, sent.status_code) == (410, 410)


def test_at_another_tenant_at_another_page_or_from_another_site_it_is_good_for_nothing(
    cast, browse, browser, token, under_way
):
    mallory = browse(cast.globex)
    assert open_link(mallory, token, PATH).status_code == 410
    assert mallory.post(PATH, {**BOX, "token": token}).status_code == 410
    for other in ("/secure-account", "/unlock-account", "/undo-email-change"):
        assert browser.post(other, {**BOX, "token": token}).status_code == 410
    assert browser.post(PATH, {**BOX, "token": token}, csrf=False).status_code == 403
    assert browser.post(PATH, {**BOX, "token": token}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert under_way()


def test_once_it_has_taken_effect_the_link_is_good_for_nothing(services, browser, token, clock):
    clock.forward(hours=24, seconds=1)
    assert open_link(browser, token, PATH).status_code == 200, "not yet swept: still time"
    services.upkeep._factor_resets.effect_due()
    assert browser.get(PATH).status_code == 410
    assert browser.post(PATH, BOX).status_code == 410


def test_the_administrators_words_are_shown_as_words(cast, browser, letters):
    add_app(cast.bob)
    start_reset(cast.ada.scope(cast.ada.sign_in()), cast.bob, reason="<script>alert(1)</script>")
    page = open_link(browser, links_to(letters, cast.bob.email, PATH)[-1], PATH)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_made_up_links_run_out(strict, cast, browse):
    page = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.140")
    assert {page.post(PATH, {**BOX, "token": "made-up"}).status_code for _ in range(100)} == {410}
    assert page.post(PATH, {**BOX, "token": "made-up"}).status_code == 429
