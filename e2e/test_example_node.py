"""Acme Desk: openid-client on plain node:http."""

import pytest
from playwright.sync_api import expect

from e2e.examples import EXAMPLES, cell, javascript, running, sign_in_from
from e2e.journeys import expect_signed_out


@pytest.fixture
def desk(portal):
    with running(portal, *javascript(), str(EXAMPLES / "node" / "server.mjs"), kind="web", name="Acme Desk") as url:
        yield url


def test_a_node_server_signs_in_refreshes_and_signs_out(visit, desk, acme):
    page = visit(javascript=False)
    sign_in_from(page, desk, acme, "bob@acme.example")
    page.locator("#allow").click()

    expect(page).to_have_url(f"{desk}/account")
    expect(page.get_by_role("heading", name="Hello, Bob Marsh")).to_be_visible()
    assert cell(page, "id-token", "iss") == acme
    assert cell(page, "userinfo", "email") == "bob@acme.example"
    before = cell(page, "token", "refresh_token")
    page.locator("#refresh").click()
    expect(page.locator("#token")).not_to_contain_text(before)

    page.locator("#sign-out").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page).to_have_url(f"{desk}/")
    expect_signed_out(page, acme)
