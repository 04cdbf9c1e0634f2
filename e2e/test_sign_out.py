"""Signing out, and that it is final."""

from playwright.sync_api import expect

from e2e.journeys import cookie, expect_account, give_address, sign_in, submit


def test_the_button_in_the_bar_signs_out(page_either_way, acme):
    page = page_either_way
    sign_in(page, acme, "ada@acme.example")
    page.locator("#sign-out").click()

    expect(page).to_have_url(f"{acme}/login")
    expect(page.get_by_role("status").filter(has_text="You are signed out.")).to_be_visible()
    assert cookie(page, "portico_session") is None
    page.goto(f"{acme}/account")
    expect(page).to_have_url(f"{acme}/login")


def test_asking_for_the_page_asks_first(page_either_way, acme, people):
    page = page_either_way
    people.enter(page, acme, "ada@acme.example")

    page.goto(f"{acme}/logout")
    expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
    page.get_by_role("link", name="Stay signed in").click()
    expect_account(page, acme)

    page.goto(f"{acme}/logout")
    submit(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_the_page_has_nothing_to_ask_when_nobody_is_signed_in(page, acme):
    page.goto(f"{acme}/logout")

    expect(page).to_have_url(f"{acme}/login")


def test_the_old_cookie_is_dead(visit, acme, people):
    page, thief = visit(), visit()
    people.enter(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account")
    stolen = cookie(page, "portico_session")
    thief.context.add_cookies([stolen])
    thief.goto(f"{acme}/account")
    expect_account(thief, acme)

    page.locator("#sign-out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    thief.goto(f"{acme}/account")
    expect(thief).to_have_url(f"{acme}/login")


def test_a_second_tab_is_out_too_and_its_buttons_lead_to_the_door(page, acme, people):
    people.enter(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account")
    other = page.context.new_page()
    other.goto(f"{acme}/account/profile")
    page.locator("#sign-out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    other.get_by_role("textbox", name="Name").fill("Somebody Else")
    other.get_by_role("button", name="Save").click()

    expect(other).to_have_url(f"{acme}/login")


def test_a_shared_computer_shows_the_next_person_no_address(page, acme):
    give_address(page, acme, "ada@acme.example")
    page.locator("#password").fill("correct horse battery staple")
    submit(page)
    expect_account(page, acme)
    page.locator("#sign-out").click()

    expect(page.get_by_label("Email address")).to_have_value("")
