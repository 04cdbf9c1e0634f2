"""Looking after an account: another address, what happened, locking it down, taking the data along, leaving."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.journeys import (
    ANOTHER,
    expect_account,
    expect_field_error,
    expect_signed_out,
    give_address,
    give_password,
    sign_in,
    submit,
)


@pytest.fixture
def email(visit, acme, fresh, people):
    email = fresh()
    people.join(acme, email)
    return email


def test_another_address_is_proven_told_and_undone(page_either_way, visit, acme, email, fresh, mailbox, people):
    page, new = page_either_way, fresh("new")
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/email")
    page.locator("#email").fill(new)
    submit(page)
    expect(page.get_by_role("status").filter(has_text=new)).to_be_visible()
    page.goto(mailbox.about(new, "Confirm your email address")["links"][0])
    submit(page)
    expect(page.get_by_text(f"Your address is now {new}.")).to_be_visible()

    owner = visit()
    owner.goto(mailbox.about(email, "address of your")["links"][0])
    submit(owner)
    expect(owner.get_by_role("heading", name="Your old address is back")).to_be_visible()
    expect_signed_out(page, acme)
    owner.goto(mailbox.about(email, "Choose a new password")["links"][0])
    owner.locator("#new_password").fill(ANOTHER)
    submit(owner)
    sign_in(owner, acme, email, password=ANOTHER)


def test_what_happened_can_be_read_page_by_page(page_either_way, acme, email, people):
    page = page_either_way
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/activity")
    expect(page.get_by_role("heading", name="Signed in").first).to_be_visible()
    expect(page.get_by_role("heading", name="Account created")).to_be_visible()
    page.get_by_role("link", name="This wasn't me").first.click()
    expect(page.get_by_role("heading", name="Lock your account down")).to_be_visible()


def test_locked_down_from_inside_the_others_are_out(page_either_way, visit, acme, email, people):
    page, other = page_either_way, visit()
    people.enter(other, acme, email)
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/lock-down")
    submit(page)
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    expect_signed_out(other, acme)


def test_locked_down_by_the_mail_nobody_gets_in_with_the_old_password(
    page_either_way, visit, acme, email, mailbox, people
):
    page, thief = page_either_way, visit()
    people.enter(visit(), acme, email)
    people.enter(thief, acme, email)
    page.goto(mailbox.about(email, "New sign-in to")["links"][0])
    submit(page)
    expect_field_error(page, "confirm", "Tick this box if it was not you.")
    page.get_by_label("This was not me").check()
    submit(page)
    expect(page.get_by_role("heading", name="Your account is locked down")).to_be_visible()
    expect_signed_out(thief, acme)
    give_address(thief, acme, email)
    give_password(thief)
    expect(thief.get_by_role("alert")).to_be_visible()
    assert mailbox.about(email, "Choose a new password")


def test_a_locked_account_is_opened_by_its_mail(page_either_way, visit, acme, email, mailbox):
    page, thief = page_either_way, visit()
    give_address(thief, acme, email)
    for guess in range(5):
        give_password(thief, f"wrong guess {guess}")
        expect(thief.get_by_role("alert")).to_be_visible()
    page.goto(mailbox.about(email, "is paused")["links"][0])
    page.get_by_label("This is my account").check()
    submit(page)
    expect(page.get_by_text("Your account is open again.")).to_be_visible()
    sign_in(page, acme, email)


def test_a_copy_of_the_data_is_mailed_and_needs_the_sign_in(page, visit, acme, email, mailbox, people):
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/data")
    page.locator("#export").click()
    link = mailbox.about(email, "copy of your")["links"][0]
    with page.expect_download() as download:
        page.goto(f"{acme}/account/data")
        page.locator("a[href*='/account/data/exports/']").first.click()
    told = json.loads(Path(download.value.path()).read_text())
    assert told["data"]["profile"][0]["email"] == email
    stranger = visit()
    stranger.goto(link)
    expect(stranger).to_have_url(f"{acme}/login")


def test_leaving_takes_the_address_typed_and_can_be_taken_back(page_either_way, acme, email, mailbox, people):
    page = page_either_way
    people.enter(page, acme, email)
    page.goto(f"{acme}/account/data/deletion")
    page.locator("#confirmation").fill("somebody@else.example")
    submit(page)
    expect(page.locator("#confirmation-error")).to_be_visible()
    page.locator("#confirmation").fill(email)
    submit(page)
    expect(page.get_by_text("Your account is closed.")).to_be_visible()
    give_address(page, acme, email)
    give_password(page)
    expect(page.get_by_text("This account is about to be deleted.")).to_be_visible()

    page.goto(mailbox.about(email, "will be deleted")["links"][0])
    submit(page)
    expect(page.get_by_text("Your account stays.")).to_be_visible()
    give_address(page, acme, email)
    give_password(page)
    expect_account(page, acme)


def test_the_sixth_device_ends_the_oldest_which_is_told(visit, acme, email, mailbox, people):
    pages = [visit() for _ in range(6)]
    for page in pages:
        people.enter(page, acme, email)
    expect_signed_out(pages[0], acme)
    pages[5].goto(f"{acme}/account/sessions")
    expect(pages[5].get_by_role("listitem").filter(has=pages[5].get_by_role("heading", level=2))).to_have_count(5)
    assert mailbox.about(email, "You were signed out")
