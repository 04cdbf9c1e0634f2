"""The Back button, second tabs and second thoughts."""

from playwright.sync_api import expect

from e2e.journeys import expect_account, give_address, give_password, sign_in, submit


def test_back_leads_to_the_address_which_is_still_there(page_either_way, acme):
    page = page_either_way
    give_address(page, acme, "ada@acme.example")
    page.go_back()

    expect(page.get_by_label("Email address")).to_have_value("ada@acme.example")
    page.get_by_label("Email address").fill("bob@acme.example")
    submit(page)
    expect(page.get_by_text("bob@acme.example")).to_be_visible()
    give_password(page)
    expect_account(page, acme)
    expect(page.get_by_role("heading", name="Hello, Bob Marsh")).to_be_visible()


def test_change_leads_to_the_address_too(page_either_way, acme):
    page = page_either_way
    give_address(page, acme, "ada@acme.example")
    page.get_by_role("link", name="Change").click()

    expect(page).to_have_url(f"{acme}/login")
    expect(page.get_by_label("Email address")).to_have_value("ada@acme.example")


def test_back_after_signing_in_shows_no_form_again(page, acme):
    sign_in(page, acme, "ada@acme.example")
    page.go_back()

    expect_account(page, acme)


def test_back_after_signing_out_shows_nothing_of_the_account(page_either_way, acme):
    page = page_either_way
    sign_in(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account/profile")
    page.locator("#sign-out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.go_back()

    expect(page).to_have_url(f"{acme}/login")
    expect(page.get_by_text("ada@acme.example")).to_have_count(0)


def test_the_buttons_work_again_after_back(page, acme):
    """A busy button must not come back busy from the cache of pages."""
    page.goto(f"{acme}/login")
    page.get_by_label("Email address").fill("ada@acme.example")
    submit(page)
    expect(page).to_have_url(f"{acme}/login/password")
    page.go_back()

    expect(page.locator("#submit")).not_to_have_attribute("aria-busy", "true")
    submit(page)
    expect(page).to_have_url(f"{acme}/login/password")


def test_a_password_goes_to_the_address_that_the_page_shows(page, acme):
    """Two tabs, two addresses: each tab means its own."""
    give_address(page, acme, "ada@acme.example")
    other = page.context.new_page()
    give_address(other, acme, "bob@acme.example")

    give_password(page)

    expect_account(page, acme)
    expect(page.get_by_role("heading", name="Hello, Ada Lovelace")).to_be_visible()


def test_pressing_twice_signs_in_once(page, acme):
    give_address(page, acme, "bob@acme.example")
    page.locator("#password").fill("correct horse battery staple")
    page.locator("#submit").dblclick()

    expect_account(page, acme)


def test_a_second_tab_learns_that_the_first_has_signed_in(page, acme):
    other = page.context.new_page()
    other.goto(f"{acme}/login")
    sign_in(page, acme, "ada@acme.example")
    other.reload()

    expect_account(other, acme)


def test_a_form_that_was_open_during_the_sign_in_still_leads_somewhere(page, acme):
    """Its token is of the time before; whoever sends it must not be stuck."""
    other = page.context.new_page()
    other.goto(f"{acme}/login")
    other.get_by_label("Email address").fill("ada@acme.example")
    sign_in(page, acme, "ada@acme.example")
    submit(other)

    expect(other.get_by_role("heading", level=1)).to_be_visible()
    other.get_by_role("link", name="Back to the start").first.click()
    expect_account(other, acme)
