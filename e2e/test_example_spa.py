"""Acme Board: oidc-client-ts in the browser alone, on an origin that our endpoints answer to (CORS)."""

import pytest
from playwright.sync_api import expect

from e2e.examples import EXAMPLES, PYTHON, cell, running, sign_in_from
from e2e.journeys import expect_signed_out


@pytest.fixture
def board(portal):
    with running(portal, *PYTHON, str(EXAMPLES / "spa" / "serve.py"), kind="spa", name="Acme Board") as url:
        yield url


def test_a_page_signs_in_refreshes_and_signs_out(page, board, acme):
    sign_in_from(page, board, acme, "bob@acme.example")
    page.locator("#allow").click()

    expect(page.get_by_role("heading", name="Hello, Bob Marsh")).to_be_visible()
    expect(page).to_have_url(f"{board}/")
    assert cell(page, "claims", "email") == "bob@acme.example"
    before = cell(page, "token", "refresh_token")
    page.locator("#refresh").click()
    expect(page.get_by_role("status")).to_have_text("The tokens are new.")
    assert cell(page, "token", "refresh_token") != before

    page.reload()
    expect(page.get_by_role("heading", name="Hello, Bob Marsh")).to_be_visible()
    page.locator("#sign-out").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect_signed_out(page, acme)
