"""Passkeys, on Chromium's own virtual device."""

import pytest
from playwright.sync_api import expect

from e2e import passing
from e2e.device import SIGN_IN, Device
from e2e.factors import another_way, sign_out
from e2e.journeys import expect_account, expect_signed_out, give_address, give_password, sign_in

AGAIN = "You can try again."
KNOWN = "This device has a passkey for you already."


@pytest.fixture
def device(page):
    return Device(page)


@pytest.fixture
def eve(page, acme, people, fresh, device):
    """Somebody who has just signed in by password."""
    email = fresh()
    people.arrive(page, acme, email)
    return email


def test_it_is_offered_where_the_address_is_typed(page, acme, eve, device, people):
    device.makes_one(acme)
    people.leave(page, acme)
    device.waits_for_the_next_page()
    page.goto(f"{acme}/login", wait_until="commit")  # it may be gone before it is there
    expect_account(page, acme)


def test_its_button_takes_the_place_of_what_is_offered(page, acme, eve, device, people):
    device.makes_one(acme)
    people.leave(page, acme)
    expect_signed_out(page, acme)
    device.signs_in(acme)
    page.goto(f"{acme}/account/passkeys")
    expect(page.get_by_text("Used just now")).to_be_visible()


def test_a_device_that_does_not_look_is_told_kindly(page, acme, eve, device, people):
    device.makes_one(acme)
    people.leave(page, acme)
    page.goto(f"{acme}/login")
    device.looks_away()
    device.touched()
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_role("status").filter(has_text=AGAIN)).to_be_visible()


def test_a_device_makes_one_for_each_person(page, acme, eve, device):
    device.makes_one(acme)
    page.goto(f"{acme}/account/passkeys")
    device.touched()
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("status").filter(has_text=KNOWN)).to_be_visible()


def test_it_is_the_second_step_after_the_password(page, acme, eve, device, people):
    device.makes_one(acme)
    people.leave(page, acme)
    give_address(page, acme, eve)
    give_password(page)
    expect(page.get_by_role("heading", name="Confirm with your passkey")).to_be_visible()
    device.answers("Use your passkey")
    expect_account(page, acme)


def test_whoever_has_both_can_take_the_app_instead(page, portal, acme, people, fresh, device):
    email = fresh()
    app = people.arrive_with_app(page, acme, email)
    device.makes_one(acme)
    people.leave(page, acme)
    passing.an_hour(portal, email, app)
    give_address(page, acme, email)
    give_password(page)
    another_way(page, "totp")
    page.locator("#code").fill(app.code())
    expect_account(page, acme)


def test_it_is_offered_once_after_a_sign_in_by_password(page_either_way, acme, people, fresh):
    page, email = page_either_way, fresh()
    people.join(acme, email)
    sign_in(page, acme, email)
    expect(page.get_by_role("heading", name="Sign in faster next time")).to_be_visible()
    page.locator("#dismiss-offer").click()
    expect(page.get_by_role("heading", name="Sign in faster next time")).to_be_hidden()
    sign_out(page, acme)
    sign_in(page, acme, email)
    expect(page.get_by_role("heading", name="Sign in faster next time")).to_be_hidden()


def test_the_last_one_is_removed_after_a_question(page, acme, eve, device):
    device.makes_one(acme)
    page.goto(f"{acme}/account/passkeys")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("It is your only second step")).to_be_visible()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Your passkey is removed here.")).to_be_visible()


def test_without_scripts_there_is_no_button(visit, acme):
    page = visit(javascript=False)
    page.goto(f"{acme}/login")
    expect(page.get_by_label("Email address")).to_be_visible()
    expect(page.get_by_role("button", name=SIGN_IN)).to_be_hidden()
