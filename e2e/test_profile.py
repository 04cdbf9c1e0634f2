"""One's name, and the account's front page."""

from playwright.sync_api import expect

from e2e.journeys import expect_field_error


def named(page):
    return page.get_by_role("textbox", name="Name")


def test_a_new_name_is_saved_and_shown(page_either_way, acme, fresh, people):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email, name="Eve Adams")
    page.goto(f"{acme}/account/profile")
    expect(named(page)).to_have_value("Eve Adams")

    named(page).fill("  Zoë   van   Dijk ")
    page.locator("#submit").click()

    expect(page.get_by_role("status").filter(has_text="Your profile is saved.")).to_be_visible()
    expect(page).to_have_url(f"{acme}/account/profile")
    expect(named(page)).to_have_value("Zoë van Dijk")
    page.goto(f"{acme}/account")
    expect(page.get_by_role("heading", name="Hello, Zoë van Dijk")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Your profile is saved.")).to_have_count(0)


def test_a_name_that_is_too_long_is_refused_and_kept(page_either_way, acme, fresh, people):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/profile")
    named(page).fill("x" * 201)
    page.locator("#submit").click()

    expect_field_error(page, "name", "at most 200 characters")
    expect(named(page)).to_be_focused()
    expect(named(page)).to_have_value("x" * 201)


def test_no_name_is_a_name_too(page_either_way, acme, fresh, people):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/profile")
    named(page).fill("")
    page.locator("#submit").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()

    page.goto(f"{acme}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_saving_twice_in_a_row_says_so_twice(page, acme, fresh, people):
    email = fresh()
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/profile")
    for name in ("One", "Two"):
        named(page).fill(name)
        page.locator("#submit").click()
        expect(named(page)).to_have_value(name)
        expect(page.get_by_role("status").filter(has_text="Your profile is saved.")).to_be_focused()
        expect(page.get_by_text("Your profile is saved.")).to_have_count(1)


def test_the_name_in_the_bar_follows(page, acme, fresh, people):
    email = fresh()
    people.arrive(page, acme, email, name="Eve Adams")
    page.goto(f"{acme}/account/profile")
    named(page).fill("Eva Adamsová")
    page.locator("#submit").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()

    expect(page.locator(".person__name")).to_have_text("Eva Adamsová")


def test_what_went_wrong_is_gone_once_it_went_well(page, acme, people):
    people.enter(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account/profile")
    token = page.locator("#your-profile input[name=csrf_token]").input_value()
    swap = "(input, token) => { input.value = token; document.body.setAttribute('hx-headers:inherited', '{}'); }"
    page.locator("#your-profile input[name=csrf_token]").evaluate(swap, "worn out")
    page.locator("#submit").click()
    expect(page.get_by_role("alert")).to_contain_text("This page was open for too long.")

    page.locator("#your-profile input[name=csrf_token]").evaluate(swap, token)
    page.locator("#submit").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_a_connection_the_page_says_so(page, acme, people):
    people.enter(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account/profile")
    page.context.set_offline(True)
    page.locator("#submit").click()

    expect(page.get_by_role("alert")).to_be_visible()
    page.context.set_offline(False)


def test_more_about_oneself_is_folded_away_and_kept(page_either_way, acme, fresh, people):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email, name="Eve")
    page.goto(f"{acme}/account/profile")
    expect(page.get_by_label("Date of birth")).to_be_hidden()
    page.get_by_text("More about you").click()
    page.get_by_label("Date of birth").fill("yesterday")
    page.get_by_label("Town or city").fill("London")
    page.locator("#submit").click()
    expect_field_error(page, "birthdate", "a year as 1815")
    expect(page.get_by_label("Town or city")).to_have_value("London")

    page.get_by_label("Date of birth").fill("1815-12-10")
    page.locator("#submit").click()
    expect(page.get_by_role("status").filter(has_text="Your profile is saved.")).to_be_visible()
    expect(page.get_by_label("Date of birth")).to_have_value("1815-12-10")
