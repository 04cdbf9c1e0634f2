"""Signing in by mail: in the browser that asked, by code, and by letting it in from another device."""

import pytest
from playwright.sync_api import expect

from e2e.journeys import ask_for_a_link, expect_account, expect_field_error, give_code, submit

SUBJECT = "Sign in to"


@pytest.fixture
def email(visit, acme, fresh, people):
    email = fresh()
    people.join(acme, email)
    return email


def test_the_link_signs_in_where_it_was_asked_for(page_either_way, acme, email, mailbox):
    page = page_either_way
    ask_for_a_link(page, acme, email)
    link = mailbox.about(email, SUBJECT)["links"][0]
    page.goto(link)
    expect(page).to_have_url(f"{acme}/magic-link")
    submit(page)
    expect_account(page, acme)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_the_code_signs_in_and_a_wrong_one_does_not(page_either_way, acme, email, mailbox):
    page = page_either_way
    ask_for_a_link(page, acme, email)
    code = mailbox.about(email, SUBJECT)["code"]
    give_code(page, f"{(int(code) + 1) % 1_000_000:06d}")
    expect_field_error(page, "code", "That code does not work.")
    give_code(page, f"{code[:3]} {code[3:]}")
    expect_account(page, acme)


def test_opened_elsewhere_it_shows_the_code_and_signs_nobody_in(page, visit, acme, email, mailbox):
    ask_for_a_link(page, acme, email)
    mail, phone = mailbox.about(email, SUBJECT), visit()
    phone.goto(mail["links"][0])
    expect(phone.get_by_role("heading", name="Sign in on your other device")).to_be_visible()
    shown = phone.locator("#code").inner_text()
    assert shown.replace(" ", "") == mail["code"]
    phone.goto(f"{acme}/account")
    expect(phone).to_have_url(f"{acme}/login")
    give_code(page, shown)
    expect_account(page, acme)  # six digits send themselves


def test_approved_elsewhere_the_waiting_page_goes_on_by_itself(page, visit, acme, email, mailbox):
    ask_for_a_link(page, acme, email)
    number, phone = page.locator("#number").inner_text(), visit(javascript=False)
    phone.goto(mailbox.about(email, SUBJECT)["links"][0])
    phone.locator("#number").fill("00")
    phone.locator("#approve").click()
    expect_field_error(phone, "number", "That is not the number on the other screen.")
    phone.locator("#number").fill(number)
    phone.locator("#approve").click()
    expect(phone.get_by_role("heading", name="Go back to your other device")).to_be_visible()
    page.wait_for_url(f"{acme}/account", timeout=10_000)
    phone.goto(f"{acme}/account")
    expect(phone).to_have_url(f"{acme}/login")


def test_without_scripts_a_button_goes_on_once_it_is_approved(visit, acme, email, mailbox):
    page, phone = visit(javascript=False), visit()
    ask_for_a_link(page, acme, email)
    page.locator("#continue").click()
    expect(page.get_by_text("It has not been approved yet.")).to_be_visible()
    phone.goto(mailbox.about(email, SUBJECT)["links"][0])
    phone.locator("#number").fill(page.locator("#number").inner_text())
    phone.locator("#approve").click()
    expect(phone.get_by_role("heading", name="Go back to your other device")).to_be_visible()
    page.locator("#continue").click()
    expect_account(page, acme)


def test_asked_for_again_only_the_newest_works(page, acme, email, mailbox):
    page.clock.install()
    ask_for_a_link(page, acme, email)
    first = mailbox.about(email, SUBJECT)
    page.clock.fast_forward("00:31")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Only the newest link and code work.")).to_be_visible()
    second = mailbox.about(email, SUBJECT, at_least=2)
    page.goto(first["links"][0])
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    page.goto(second["links"][0])
    submit(page)
    expect_account(page, acme)


def test_kept_signed_in_by_mail_is_kept(page, acme, email, mailbox):
    page.goto(f"{acme}/login")
    page.get_by_label("Email address").fill(email)
    submit(page)
    page.get_by_label("Keep me signed in").check()
    page.locator("#magic-link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    page.goto(mailbox.about(email, SUBJECT)["links"][0])
    submit(page)
    expect_account(page, acme)
    kept = next(one for one in page.context.cookies() if one["name"] == "portico_session")
    assert kept["expires"] > 0


def test_an_unusual_sign_in_owes_a_code(visit, acme, email, mailbox, people):
    people.enter(visit(), acme, email)
    script = visit(user_agent="curl/8.5")
    script.goto(f"{acme}/login")
    script.get_by_label("Email address").fill(email)
    submit(script)
    script.locator("#password").fill("correct horse battery staple")
    script.locator("#submit").click()
    expect(script.get_by_role("heading", name="Enter the code from your email")).to_be_visible()
    assert email not in script.content(), "a stranger with the password does not learn the address"
    give_code(script, mailbox.about(email, "Your code for")["code"])
    expect_account(script, acme)
