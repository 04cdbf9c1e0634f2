"""A second step: set up, asked for, and taken in another way."""

import pytest
from playwright.sync_api import expect

from e2e.factors import (
    another_way,
    begin_app,
    downloaded,
    expect_second_step,
    owe_second_step,
    save_codes,
    sign_out,
)
from e2e.journeys import (
    ANOTHER,
    ask_for_a_link,
    expect_account,
    expect_field_error,
    expect_signed_out,
    forget_password,
    give_address,
    give_code,
    give_password,
    sign_in,
    submit,
)


@pytest.fixture
def eve(visit, acme, people, fresh):
    """Somebody with an app: address, app, and where they are signed in."""
    email, page = fresh(), visit()
    return email, people.arrive_with_app(page, acme, email), page


def test_an_app_is_set_up_and_asked_for_from_then_on(page_either_way, acme, mailbox, fresh, people):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email)
    app = begin_app(page, acme, name="My phone")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    give_code(page, app.wrong())
    expect_field_error(page, "code", "That code does not work.")
    give_code(page, app.code())
    expect(page.get_by_text("Your app is set up.")).to_be_visible()

    text = downloaded(page)
    submit(page)
    expect_field_error(page, "saved", "Tick this once you have saved them.")
    codes = save_codes(page)
    assert len(codes) == 10
    assert all(code in text for code in codes)
    assert email in text
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()
    expect(page.get_by_text("10 left")).to_be_visible()
    assert mailbox.about(email, "An authentication app was added")

    sign_out(page, acme)
    owe_second_step(page, acme, email)
    for code in (app.used(), app.wrong()):
        give_code(page, code)
        expect_field_error(page, "code", "That code does not work.")
    expect_signed_out(page, acme)
    page.goto(f"{acme}/login/second-factor")
    give_code(page, app.code())
    expect_account(page, acme)


def test_a_backup_code_is_another_way_and_works_once(page_either_way, acme, eve, people):
    page, (email, _, home) = page_either_way, eve
    codes = people.get_codes(home, acme)
    for code in (codes[0].lower().replace("-", " "), codes[0], codes[1]):
        people.owe(page, acme, email)
        another_way(page, "backup_code")
        give_code(page, code)
        if code == codes[0]:
            expect_field_error(page, "code", "That code does not work.")
        else:
            expect_account(page, acme)
            people.leave(page, acme)


def test_a_mailed_link_owes_it_too(page_either_way, acme, eve, mailbox):
    page, (email, app, _) = page_either_way, eve
    ask_for_a_link(page, acme, email)
    page.goto(mailbox.about(email, "Sign in to")["links"][0])
    submit(page)
    expect_second_step(page, acme)
    expect_signed_out(page, acme)
    page.goto(f"{acme}/login/second-factor")
    give_code(page, app.code())
    expect_account(page, acme)


def test_a_new_password_does_not_skip_it(page_either_way, acme, eve, mailbox):
    page, (email, app, _) = page_either_way, eve
    forget_password(page, acme, email)
    page.goto(mailbox.about(email, "Choose a new password")["links"][0])
    page.locator("#new_password").fill(ANOTHER)
    submit(page)
    expect(page.get_by_text("Your new password is saved")).to_be_visible()
    expect_signed_out(page, acme)
    give_address(page, acme, email)
    give_password(page, ANOTHER)
    expect_second_step(page, acme)
    give_code(page, app.code())
    expect_account(page, acme)


def test_removed_after_a_question_it_is_asked_for_no_more(page_either_way, acme, eve, mailbox, people):
    page, (email, app, _) = page_either_way, eve
    people.owe(page, acme, email)
    give_code(page, app.code())
    expect_account(page, acme)
    page.goto(f"{acme}/account/second-factor")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("It is your only second step")).to_be_visible()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The app is removed.")).to_be_visible()
    assert mailbox.about(email, "An authentication app was removed")
    sign_out(page, acme)
    sign_in(page, acme, email)
