"""Signing in to applications, whatever comes in the middle. What the answer is worth is for test_examples."""

import pytest
from playwright.sync_api import expect

from e2e import passing
from e2e.applications import arrived, expect_arrived, sign_in_to, type_address
from e2e.device import Device
from e2e.journeys import PASSWORD, confirm, give_code, give_password, press, submit

BOB = "bob@acme.example"


@pytest.fixture
def eve(visit, acme, people, fresh):
    page, email = visit(), fresh()
    people.join(acme, email)
    page.context.close()
    return email


@pytest.fixture
def at_home(visit, known):
    """Somebody who is signed in at the portal."""
    return visit(storage_state=known)


def test_a_second_step_in_the_middle(page, visit, portal, acme, apps, people, fresh):
    email = fresh()
    app = people.arrive_with_app(visit(), acme, email)
    passing.an_hour(portal, email, app)
    sign_in_to(page, apps.own, email)
    expect(page.locator("#code")).to_be_visible()
    give_code(page, app.wrong())
    expect(page.locator("#code-error")).to_be_visible()
    give_code(page, app.code())
    expect_arrived(page, apps.own)


def test_a_link_by_mail_in_the_middle(page, apps, mailbox, eve):
    page.goto(apps.own.ask())
    type_address(page, eve)
    press(page, page.locator("#magic-link"))
    page.goto(mailbox.about(eve, "Sign in to")["links"][0])
    page.locator("#submit").click()
    expect_arrived(page, apps.own)


def test_a_new_account_in_the_middle(page, apps, mailbox, fresh):
    email = fresh()
    page.goto(apps.own.ask())
    press(page, page.get_by_role("link", name="Create an account"))
    page.get_by_label("Email address").fill(email)
    page.locator("#password").fill(PASSWORD)
    submit(page)
    confirm(page, mailbox.link(email))
    expect(page.get_by_role("heading", name=f"Sign in to {apps.own.name}")).to_be_visible()
    submit(page)
    give_password(page)
    expect_arrived(page, apps.own)


def test_a_passkey_in_the_middle(page, acme, apps, eve, people):
    device = Device(page)
    people.enter(page, acme, eve)
    device.makes_one(acme)
    people.leave(page, acme)
    device.waits_for_the_next_page()
    # The page that comes first is gone at once: nobody waits for it.
    page.evaluate("address => { location.href = address }", apps.own.ask())
    expect_arrived(page, apps.own)


def test_two_tabs_lead_to_two_applications(page, apps):
    first, second = page, page.context.new_page()
    first.goto(apps.own.ask())
    second.goto(apps.board.ask(prompt="consent"))
    type_address(first, BOB)
    type_address(second, BOB)
    give_password(first)
    expect_arrived(first, apps.own)
    give_password(second)  # of the time before; nobody is asked for it twice
    expect(second.get_by_role("heading", level=1)).to_contain_text(apps.board.name)
    second.locator("#allow").click()
    expect_arrived(second, apps.board)


def test_whoever_is_signed_in_sees_no_page(at_home, apps):
    for asked in ({}, {"prompt": "none"}):
        at_home.goto(apps.own.ask(**asked))
        assert expect_arrived(at_home, apps.own)["state"] == "xyz"


def test_an_application_may_ask_for_the_password_again(page, apps):
    sign_in_to(page, apps.own, BOB)
    expect_arrived(page, apps.own)
    page.goto(apps.own.ask(prompt="login"))
    expect(page.get_by_text(f"{apps.own.name} asks you to sign in once more.")).to_be_visible()
    expect(page.get_by_text(BOB)).to_be_visible()
    page.locator("#password").fill(PASSWORD)
    page.locator("#submit").click()
    expect_arrived(page, apps.own)


def test_what_is_allowed_is_taken_back_and_asked_for_again(visit, known, acme, apps):
    for javascript in (True, False):
        page = visit(storage_state=known, javascript=javascript)
        page.goto(apps.notes.ask())
        page.locator("#allow").click()
        expect_arrived(page, apps.notes)
        page.goto(f"{acme}/account/applications")
        page.locator(f"#remove-{apps.notes.client_id}").click()
        expect(page.get_by_role("status").filter(has_text="can't use your account any more")).to_be_visible()
        expect(page.locator(f"#application-{apps.notes.client_id}")).to_have_count(0)

    page.goto(apps.notes.ask())
    page.locator("#deny").click()
    assert arrived(page, apps.notes)["error"] == "access_denied"
