"""A forgotten password: asked for, mailed, chosen anew; and changed by whoever knows it."""

from playwright.sync_api import expect

from e2e.journeys import (
    ANOTHER,
    PASSWORD,
    expect_field_error,
    expect_signed_out,
    forget_password,
    give_address,
    give_password,
    submit,
)

RESET = "Choose a new password"


def test_a_forgotten_password_is_chosen_anew_and_every_device_is_signed_out(
    page_either_way, visit, acme, fresh, mailbox, people
):
    page, phone, email = page_either_way, visit(), fresh()
    people.arrive(phone, acme, email)
    forget_password(page, acme, email)
    page.goto(mailbox.about(email, RESET)["links"][0])
    expect(page).to_have_url(f"{acme}/reset-password")
    expect(page.get_by_text(email)).to_be_visible()

    page.locator("#new_password").fill(PASSWORD)
    submit(page)
    expect_field_error(page, "new_password", "You have used this password before.")
    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect(page.get_by_role("status").filter(has_text="Your new password is saved")).to_be_visible()
    expect_signed_out(phone, acme)
    page.goto(f"{acme}/login/password")
    give_password(page, ANOTHER)
    expect(page).to_have_url(f"{acme}/account")
    assert mailbox.about(email, "password was changed")


def test_a_reset_link_works_once_and_only_the_newest(page, visit, acme, fresh, mailbox, people):
    email = fresh()
    people.join(acme, email)
    forget_password(page, acme, email)
    first = mailbox.about(email, RESET)["links"][0]
    forget_password(page, acme, email)
    second = mailbox.about(email, RESET, at_least=2)["links"][0]
    page.goto(first)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    page.goto(second)
    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect(page.get_by_text("Your new password is saved")).to_be_visible()
    page.goto(second)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_nobody_learns_whether_an_address_is_known(page, acme, fresh, mailbox):
    email = fresh("nobody")
    forget_password(page, acme, email)
    expect(page.get_by_text(f"If {email} can be used here")).to_be_visible()
    assert mailbox.all(email) == []


def test_changing_the_password_signs_the_other_devices_out(page_either_way, visit, acme, fresh, people):
    page, phone, email = page_either_way, visit(), fresh()
    people.arrive(phone, acme, email)
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/password")
    page.locator("#password").fill("wrong wrong wrong")
    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect_field_error(page, "password", "That is not your current password.")

    page.locator("#password").fill(PASSWORD)
    page.locator("#new_password").fill(ANOTHER)
    expect(page.get_by_label("Sign out my other devices")).to_be_checked()
    submit(page)
    expect(page).to_have_url(f"{acme}/account/security")
    expect_signed_out(phone, acme)


def test_the_other_devices_stay_where_one_wants_that(page, visit, acme, fresh, people):
    phone, email = visit(), fresh()
    people.arrive(phone, acme, email)
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/password")
    page.locator("#password").fill(PASSWORD)
    page.locator("#new_password").fill(ANOTHER)
    page.get_by_label("Sign out my other devices").uncheck()
    submit(page)
    expect(page).to_have_url(f"{acme}/account/security")
    phone.goto(f"{acme}/account/profile")
    expect(phone).to_have_url(f"{acme}/account/profile")


def test_a_password_is_rated_while_it_is_typed(page, acme):
    page.goto(f"{acme}/register")
    page.locator("#password").press_sequentially("password1")
    expect(page.locator("#strength")).to_contain_text("Too easy to guess.")
    page.locator("#password").fill(ANOTHER)
    expect(page.locator("#strength")).to_contain_text("Strong password.")
    expect(page.locator("#password")).to_have_value(ANOTHER)


def test_without_scripts_nothing_promises_a_rating(visit, acme):
    page = visit(javascript=False)
    page.goto(f"{acme}/register")
    page.locator("#password").fill("password1")
    expect(page.locator("#strength")).to_have_text("")


def test_password_managers_find_their_way(page, acme):
    page.goto(f"{acme}/.well-known/change-password")
    expect(page).to_have_url(f"{acme}/login")
    give_address(page, acme, "ada@acme.example")
    expect(page.locator("input[name=email][autocomplete=username]")).to_have_value("ada@acme.example")
    expect(page.locator("#password")).to_have_attribute("autocomplete", "current-password")
    give_password(page)
    expect(page).to_have_url(f"{acme}/account/password")
    expect(page.locator("#new_password")).to_have_attribute("autocomplete", "new-password")
