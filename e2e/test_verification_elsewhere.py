"""Following the mailed link in another browser than the one that registered."""

import pytest
from playwright.sync_api import expect

from e2e.journeys import (
    ANOTHER,
    PASSWORD,
    expect_account,
    expect_field_error,
    give_address,
    give_password,
    sign_in,
    submit,
)


@pytest.fixture
def invited(visit, acme, fresh, mailbox, people):
    """An address that has been registered somewhere else, and the link that was mailed to it."""
    email = fresh()
    people.register(visit(), acme, email)
    return email, mailbox.link(email)


def test_the_password_chosen_at_registration_confirms(page_either_way, acme, invited):
    page, (email, link) = page_either_way, invited
    page.goto(link)

    expect(page).to_have_url(f"{acme}/verify-email")
    expect(page.get_by_text(email)).to_be_visible()
    page.locator("#new_password").fill(PASSWORD)
    submit(page)

    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    sign_in(page, acme, email)


def test_a_new_password_replaces_the_one_chosen_at_registration(page_either_way, visit, acme, invited):
    page, (email, link) = page_either_way, invited
    page.goto(link)
    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()

    stranger = visit()
    give_address(stranger, acme, email)
    give_password(stranger, PASSWORD)
    expect(stranger.get_by_role("alert")).to_contain_text("don't match")
    sign_in(page, acme, email, password=ANOTHER)


def test_what_is_too_weak_is_refused_with_advice_and_the_link_stays_good(page_either_way, acme, invited):
    page, (email, link) = page_either_way, invited
    page.goto(link)
    for typed in ("", "short", "passwordpassword"):
        page.locator("#new_password").fill(typed)
        submit(page)

        expect(page).to_have_title("Error: Confirm your email address - Acme")
        expect(page.locator("#new_password")).to_have_value("")
        expect_field_error(page, "new_password", "")
        expect(page.locator("#new_password")).to_be_focused()

    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    sign_in(page, acme, email, password=ANOTHER)


def test_a_used_link_says_so_kindly_and_shows_a_way_on(page_either_way, acme, invited):
    page, (_, link) = page_either_way, invited
    page.goto(link)
    page.locator("#new_password").fill(PASSWORD)
    submit(page)
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()

    answer = page.goto(link)

    assert answer.status == 410
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("expired or was already used")
    page.get_by_role("link").first.click()
    expect(page).to_have_url(f"{acme}/login")


def test_a_made_up_link_is_an_expired_link(page, acme):
    for token in ("", "made-up", "x" * 5000, "%00", "%F0%9F%94%91", "../../etc"):
        page.goto(f"{acme}/verify-email?token={token}")

        expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_a_link_of_acme_means_nothing_to_globex(page, acme, globex, invited):
    _, link = invited
    page.goto(link.replace(acme, globex))

    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_a_page_confirms_the_address_that_it_shows_whatever_other_links_were_opened_since(
    visit, acme, fresh, mailbox, people
):
    """Two links in two tabs of one browser: the button of the first must not confirm the second."""
    first, second = fresh("first"), fresh("second")
    for email in (first, second):
        people.register(visit(), acme, email)
    tab = visit()
    tab.goto(mailbox.link(first))
    expect(tab.get_by_text(first)).to_be_visible()
    tab.context.new_page().goto(mailbox.link(second))

    tab.locator("#new_password").fill(ANOTHER)
    submit(tab)

    # Whether it confirms the first or asks to open the link again: the second has got no password from this.
    owner = visit()
    give_address(owner, acme, second)
    give_password(owner, ANOTHER)
    expect(owner.get_by_role("alert")).to_contain_text("don't match")


def test_confirming_while_somebody_is_signed_in_ends_at_their_account(visit, acme, invited, people):
    _, link = invited
    page = visit()
    people.enter(page, acme, "bob@acme.example")
    page.goto(link)
    page.locator("#new_password").fill(PASSWORD)
    submit(page)

    expect_account(page, acme)
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
