"""Where somebody is signed in, and ending it."""

import pytest
from playwright.sync_api import expect

from e2e.journeys import expect_account, sign_in

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def devices(page_either_way, visit, acme, fresh, people):
    """A laptop, which the test looks at, and a phone that signed in before it. Both of the same person."""
    laptop, phone, email = page_either_way, visit(user_agent=PHONE), fresh()
    people.arrive(phone, acme, email)
    people.enter(laptop, acme, email)
    laptop.goto(f"{acme}/account")
    laptop.get_by_role("link", name="Where you're signed in").last.click()
    expect(laptop.get_by_role("heading", level=1)).to_have_text("Where you're signed in")
    return laptop, phone


def rows(page):
    return page.locator("#sessions .row")


def expect_out(page, acme):
    page.goto(f"{acme}/account")
    expect(page).to_have_url(f"{acme}/login")


def test_this_device_comes_first_and_has_no_button(devices):
    laptop, _ = devices

    expect(rows(laptop)).to_have_count(2)
    expect(rows(laptop).nth(0)).to_contain_text("This device")
    expect(rows(laptop).nth(0).get_by_role("button")).to_have_count(0)
    expect(rows(laptop).nth(1)).to_contain_text("Safari on iOS")
    expect(rows(laptop).nth(1).get_by_role("button", name="Sign out")).to_be_visible()


def test_signing_out_another_device_ends_it_at_once(devices, acme):
    laptop, phone = devices
    rows(laptop).nth(1).get_by_role("button", name="Sign out").click()

    expect(laptop.get_by_role("status").filter(has_text="That device is signed out.")).to_be_visible()
    expect(rows(laptop)).to_have_count(1)
    expect(laptop.get_by_text("You are signed in nowhere else.")).to_be_visible()
    expect_out(phone, acme)
    laptop.reload()
    expect(laptop).to_have_url(f"{acme}/account/sessions")


def test_signing_out_everywhere_else_leaves_only_this_device(devices, acme):
    laptop, phone = devices
    laptop.get_by_role("button", name="Sign out everywhere else").click()

    expect(laptop.get_by_role("status").filter(has_text="You are signed out everywhere else.")).to_be_visible()
    expect(rows(laptop)).to_have_count(1)
    expect_out(phone, acme)
    laptop.goto(f"{acme}/account")
    expect_account(laptop, acme)


def test_signing_out_everywhere_ends_this_device_too(devices, acme):
    laptop, phone = devices
    laptop.get_by_role("button", name="Sign out everywhere", exact=True).click()

    expect(laptop).to_have_url(f"{acme}/login")
    expect(laptop.get_by_text("You are signed out everywhere.")).to_be_visible()
    expect_out(laptop, acme)
    expect_out(phone, acme)


def test_a_row_that_is_gone_already_says_so_and_the_page_goes_on(devices, acme, people):
    laptop, phone = devices
    people.leave(phone, acme)
    rows(laptop).nth(1).get_by_role("button", name="Sign out").click()

    expect(laptop.get_by_role("alert")).to_be_visible()
    expect(laptop.locator("h1")).to_have_count(1)


def test_the_phone_that_was_signed_out_is_led_to_the_door_by_its_next_press(devices, acme):
    laptop, phone = devices
    phone.goto(f"{acme}/account/profile")
    laptop.get_by_role("button", name="Sign out everywhere else").click()
    expect(rows(laptop)).to_have_count(1)
    phone.get_by_role("button", name="Save").click()

    expect(phone).to_have_url(f"{acme}/login")
    sign_in(phone, acme, phone.get_by_label("Email address").input_value() or "bob@acme.example")


def test_somebody_elses_session_is_not_there_to_end(visit, acme, fresh, people):
    ada, eve, email = visit(), visit(), fresh()
    people.enter(ada, acme, "ada@acme.example")
    ada.goto(f"{acme}/account/sessions")
    theirs = rows(ada).nth(0).get_attribute("id").removeprefix("session-")
    people.arrive(eve, acme, email)
    people.enter(visit(), acme, email)
    eve.goto(f"{acme}/account/sessions")
    form = eve.locator("form.row__action")
    form.evaluate("(form, id) => { form.action = `/account/sessions/${id}/revocation`; form.submit(); }", theirs)

    expect(eve.get_by_role("heading", name="We can't find that page")).to_be_visible()
    ada.reload()
    expect(rows(ada).nth(0)).to_contain_text("This device")
