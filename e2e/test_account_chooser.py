"""Several accounts in one browser, for applications."""

from playwright.sync_api import expect

from e2e.applications import arrived, expect_arrived, sign_in_to, type_address
from e2e.journeys import expect_signed_out, give_password, press

ADA, BOB = "ada@acme.example", "bob@acme.example"


def row(page, email):
    return page.locator(".account-row").filter(has_text=email)


def test_adding_an_account_switching_and_signing_all_of_them_out(page_either_way, acme, apps):
    page, own = page_either_way, apps.own
    sign_in_to(page, own, BOB)
    expect_arrived(page, own)
    page.goto(own.ask(prompt="select_account"))
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    press(page, page.locator("#another"))
    type_address(page, ADA)
    give_password(page)
    expect_arrived(page, own)

    page.goto(own.ask())  # it could be either of them
    expect(row(page, ADA)).to_contain_text("in use")
    row(page, BOB).locator(".way-row__go").click()
    expect_arrived(page, own)
    page.goto(own.ask(login_hint=BOB))
    expect_arrived(page, own)

    page.goto(f"{acme}/account")
    expect(page.get_by_role("heading", name="Hello, Bob Marsh")).to_be_visible()
    press(page, page.locator("#sign-out"))
    expect_signed_out(page, acme)
    page.goto(own.ask(prompt="none"))
    assert arrived(page, own)["error"] == "login_required"


def test_an_account_is_removed(page, apps):
    own = apps.own
    sign_in_to(page, own, ADA)
    expect_arrived(page, own)
    page.goto(own.ask(prompt="select_account"))
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name=f"Sign in to {own.name}")).to_be_visible()
