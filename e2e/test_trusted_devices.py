"""Devices on which nobody is asked for a second step, until they are forgotten."""

from playwright.sync_api import expect

from e2e import passing
from e2e.journeys import expect_account, give_code, sign_in

TRUST = "Don't ask on this device for 30 days"


def test_a_trusted_device_is_not_asked_until_it_is_forgotten(page_either_way, visit, portal, acme, people, fresh):
    page, email = page_either_way, fresh()
    app = people.arrive_with_app(page, acme, email)
    people.leave(page, acme)
    people.owe(page, acme, email)
    page.get_by_label(TRUST).check()
    give_code(page, app.wrong())
    expect(page.get_by_label(TRUST)).to_be_checked()
    give_code(page, app.code())
    expect_account(page, acme)
    people.leave(page, acme)
    sign_in(page, acme, email)

    people.owe(visit(), acme, email)  # elsewhere something is owed
    passing.an_hour(portal, email, app)
    page.goto(f"{acme}/account/devices")
    expect(page.get_by_text("This device")).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("You trust no device")).to_be_visible()
    people.leave(page, acme)
    people.owe(page, acme, email)
    give_code(page, app.code())
    expect_account(page, acme)
