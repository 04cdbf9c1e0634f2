"""Where a second step is required and there is none, it is set up on the way in."""

import pytest
from playwright.sync_api import expect

from e2e import passing
from e2e.device import Device
from e2e.factors import App, expect_second_step, save_codes
from e2e.journeys import (
    expect_account,
    expect_field_error,
    expect_signed_out,
    give_address,
    give_code,
    give_password,
    press,
)
from e2e.strict import OWNER

PROTECT = "Protect your account"


@pytest.fixture
def house(strict):
    strict.wants(second_factor="required", second_factor_grace_days=0)
    return strict


@pytest.fixture
def eve(visit, house, people, fresh):
    email = fresh()
    people.join(house.origin, email)
    return email


def owe_enrolment(page, house, email):
    give_address(page, house.origin, email)
    give_password(page)
    expect(page).to_have_url(f"{house.origin}/login/enrolment")
    expect(page.get_by_role("heading", name=PROTECT)).to_be_visible()


def test_an_app_is_set_up_before_anything_else(page_either_way, house, eve, people):
    page, home = page_either_way, house.origin
    owe_enrolment(page, house, eve)
    expect(page.locator("#skip")).to_be_hidden()
    expect_signed_out(page, home)
    page.goto(f"{home}/login/enrolment")
    press(page, page.get_by_role("button", name="Set up an app"))
    app = App.shown_on(page)
    give_code(page, app.wrong())
    expect_field_error(page, "code", "That code does not work.")
    give_code(page, app.code())
    expect(page).to_have_url(f"{home}/account/backup-codes")
    save_codes(page)
    expect_account(page, home)

    people.leave(page, home)
    give_address(page, home, eve)
    give_password(page)
    expect_second_step(page, home)
    give_code(page, app.code())
    expect_account(page, home)
    page.goto(f"{home}/account/second-factor")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("Set up another one first")).to_be_visible()
    expect(page.get_by_role("button", name="Remove it")).to_be_hidden()


def test_a_passkey_will_do(page, house, eve, people):
    device = Device(page)
    owe_enrolment(page, house, eve)
    device.answers("Create a passkey")
    save_codes(page)
    expect_account(page, house.origin)
    people.leave(page, house.origin)
    device.signs_in(house.origin)


def test_it_can_be_put_off_while_days_are_left(page_either_way, house, eve, people):
    page = page_either_way
    house.wants(second_factor_grace_days=3)
    people.owe(page, house.origin, eve)
    press(page, page.get_by_role("button", name="Skip for now (3 days left)"))
    expect_account(page, house.origin)
    passing.days(house.portal, eve, 2)
    people.leave(page, house.origin)
    people.owe(page, house.origin, eve)
    press(page, page.get_by_role("button", name="Skip for now (last day)"))
    expect_account(page, house.origin)
    passing.days(house.portal, eve, 2)
    people.leave(page, house.origin)
    people.owe(page, house.origin, eve)
    expect(page.get_by_role("button", name="Skip for now")).to_be_hidden()


def test_a_role_may_owe_it_alone(page_either_way, house, eve, people):
    page = page_either_way
    house.wants(second_factor="optional", second_factor_roles=["owner"])
    people.enter(page, house.origin, eve)
    people.leave(page, house.origin)
    people.owe(page, house.origin, OWNER)
    expect(page.get_by_role("heading", name=PROTECT)).to_be_visible()
