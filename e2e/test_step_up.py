"""Confirming that it is you: before what would hurt, and back to the form as it was."""

from playwright.sync_api import expect

from e2e import passing
from e2e.device import Device
from e2e.factors import another_way
from e2e.journeys import PASSWORD, expect_field_error, give_code, press, submit

CONFIRM = "Confirm it's you"


def test_with_the_password_and_back_to_the_form_as_it_was(page_either_way, portal, acme, people, fresh):
    page, email, new = page_either_way, fresh(), fresh("new")
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/email")
    page.locator("#email").fill(new)
    passing.an_hour(portal, email)
    submit(page)
    expect(page).to_have_url(f"{acme}/reauthenticate")
    page.locator("#password").fill("wrong wrong wrong")
    submit(page)
    expect(page.locator("#password-error")).to_be_visible()
    page.locator("#password").fill(PASSWORD)
    submit(page)
    expect(page).to_have_url(f"{acme}/account/email")
    expect(page.locator("#email")).to_have_value(new)
    submit(page)
    expect(page.get_by_role("status").filter(has_text=new)).to_be_visible()


def test_with_a_code_too_where_there_is_an_app(page_either_way, portal, acme, people, fresh):
    page, email = page_either_way, fresh()
    app = people.arrive_with_app(page, acme, email)
    codes = people.get_codes(page, acme)
    passing.an_hour(portal, email, app)
    page.goto(f"{acme}/account/data/deletion")
    expect(page.get_by_role("heading", name=CONFIRM)).to_be_visible()
    page.locator("#password").fill(PASSWORD)
    give_code(page, app.wrong())
    expect_field_error(page, "code", "That code does not work.")
    page.locator("#password").fill(PASSWORD)
    give_code(page, app.code())
    expect(page).to_have_url(f"{acme}/account/data/deletion")

    passing.an_hour(portal, email, app)
    page.goto(f"{acme}/account/email")
    another_way(page, "backup_code")
    page.locator("#password").fill(PASSWORD)
    give_code(page, codes[0])
    expect(page).to_have_url(f"{acme}/account/email")


def test_cancelled_nothing_happens(page_either_way, portal, acme, people, fresh):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email)
    passing.an_hour(portal, email)
    page.goto(f"{acme}/account/second-factor")
    press(page, page.get_by_role("button", name="Set up an app"))
    expect(page.get_by_role("heading", name=CONFIRM)).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(f"{acme}/account/security")
    page.goto(f"{acme}/account/second-factor")
    expect(page.get_by_text("You have no second step yet.")).to_be_visible()


def test_with_a_passkey_alone(page, portal, acme, people, fresh):
    device, email = Device(page), fresh()
    people.arrive(page, acme, email)
    device.makes_one(acme)
    passing.an_hour(portal, email)
    page.goto(f"{acme}/account/email")
    expect(page.get_by_role("heading", name=CONFIRM)).to_be_visible()
    device.answers("Use your passkey")
    expect(page).to_have_url(f"{acme}/account/email")


def test_a_new_passkey_asks_first_and_leads_back(page, portal, acme, people, fresh):
    device, email = Device(page), fresh()
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/passkeys")
    passing.an_hour(portal, email)
    device.answers("Create a passkey")
    expect(page.get_by_role("heading", name=CONFIRM)).to_be_visible()
    page.locator("#password").fill(PASSWORD)
    submit(page)
    expect(page).to_have_url(f"{acme}/account/passkeys")
    device.answers("Create a passkey")
    expect(page.get_by_text("is saved")).to_be_visible()
