"""Acme Notes, which `make run` starts (Flask and Authlib): on another origin than the portal, as applications are."""

import pytest
from playwright.sync_api import expect

from e2e.examples import await_listener, cell, sign_in_from
from e2e.journeys import expect_signed_out


@pytest.fixture
def notes(portal):
    await_listener(portal.demo)
    return portal.demo


@pytest.fixture
def eve(visit, acme, people, fresh):
    """Somebody who has allowed nothing yet."""
    email = fresh()
    page = visit()
    people.join(acme, email)
    page.context.close()
    return email


def test_signing_in_consenting_refreshing_and_signing_out(page_either_way, notes, acme, eve):
    page = page_either_way
    sign_in_from(page, notes, acme, eve)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme Notes")
    page.locator("#allow").click()

    expect(page).to_have_url(f"{notes}/account")
    expect(page.get_by_role("heading", name="Hello, Eve Adams")).to_be_visible()
    assert cell(page, "id-token", "iss") == acme
    assert cell(page, "userinfo", "email") == eve
    assert cell(page, "userinfo", "email_verified") == "true"
    before = cell(page, "token", "refresh_token")
    page.locator("#refresh").click()
    expect(page.locator("#token")).not_to_contain_text(before)

    page.locator("#sign-out").click()
    expect(page.get_by_role("status")).to_have_text(f"You are signed out, here and at {acme}.")
    expect_signed_out(page, acme)


def test_once_signed_in_nothing_is_asked_and_signing_out_elsewhere_ends_it_here_too(page, notes, acme, eve):
    sign_in_from(page, notes, acme, eve)
    page.locator("#allow").click()
    expect(page).to_have_url(f"{notes}/account")
    # The application forgets; the portal does not.
    page.context.clear_cookies(name="acme_notes")
    page.goto(notes)
    page.locator("#sign-in").click()
    expect(page).to_have_url(f"{notes}/account")

    page.goto(notes)
    expect(page.get_by_role("heading", name="Welcome back, Eve Adams")).to_be_visible()
    page.goto(f"{acme}/account")
    page.locator("#sign-out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    # Its first page asks the portal nothing: it was told (back-channel logout).
    def is_out():
        page.goto(notes)
        return page.locator("#sign-in").is_visible()

    assert eventually(is_out, page)


def test_whoever_says_no_is_sent_back_with_that(page, notes, acme, eve):
    sign_in_from(page, notes, acme, eve)
    page.locator("#deny").click()

    expect(page.get_by_role("alert")).to_contain_text("access_denied")
    page.get_by_role("link", name="Back to the start").click()
    expect(page.locator("#sign-in")).to_be_visible()


def eventually(holds, page, *, seconds=15):
    for _ in range(seconds * 2):
        if holds():
            return True
        page.wait_for_timeout(500)
    return False
