"""Registering, from the form to the account."""

import re

from playwright.sync_api import expect

from e2e.journeys import (
    PASSWORD,
    ask_for_the_mail_again,
    confirm,
    expect_account,
    give_address,
    give_password,
    register,
    sign_in,
)

NEUTRAL = re.compile("If .+ can be used here, we have sent it a message with a link.")


def test_somebody_registers_confirms_and_signs_in(page_either_way, acme, fresh, mailbox):
    page, email = page_either_way, fresh()

    register(page, acme, email, name="Eve Adams")

    expect(page).to_have_url(f"{acme}/login/verify")
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    expect(page.get_by_text(NEUTRAL)).to_be_visible()

    page.goto(mailbox.link(email))
    expect(page).to_have_url(f"{acme}/verify-email")  # the secret has left the address bar
    expect(page.get_by_text(email)).to_be_visible()
    expect(page.locator("#new_password")).to_have_count(0)
    page.get_by_role("button", name="Confirm this address").click()

    # The address is known already; one step is left.
    expect(page.get_by_role("status").filter(has_text="Your address is confirmed.")).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value(email)
    page.get_by_role("button", name="Continue").click()
    give_password(page)
    expect_account(page, acme)
    expect(page.get_by_role("heading", name="Hello, Eve Adams")).to_be_visible()


def test_looking_at_the_link_confirms_nothing(visit, acme, fresh, mailbox):
    page, scanner, email = visit(), visit(), fresh()
    register(page, acme, email)
    link = mailbox.link(email)

    for _ in range(2):
        scanner.goto(link)
        page.goto(link)
    give_address(page, acme, email)
    give_password(page)

    expect(page).to_have_url(f"{acme}/login/verify")
    expect(page.get_by_text("Please confirm your email address first.")).to_be_visible()
    confirm(page, link)


def test_an_address_that_exists_sees_the_same_page_and_its_owner_hears_of_it(page_either_way, acme, fresh, mailbox):
    page, email, unknown = page_either_way, fresh("owner"), fresh("nobody")
    register(page, acme, email)
    confirm(page, mailbox.link(email))

    register(page, acme, unknown)
    seen_by_unknown = page.locator("main").inner_html().replace(unknown, "ADDRESS")
    register(page, acme, email, password="another long passphrase 1")
    seen_by_known = page.locator("main").inner_html().replace(email, "ADDRESS")

    expect(page).to_have_url(f"{acme}/login/verify")
    assert without_secrets(seen_by_known) == without_secrets(seen_by_unknown)
    told = mailbox.about(email, "You already have an account")
    assert told["links"] == [f"{acme}/login"]
    sign_in(page, acme, email)  # with the first password: nothing has changed


def test_registering_again_before_confirming_makes_the_first_link_useless(page, acme, fresh, mailbox):
    email = fresh()
    register(page, acme, email, password="the first of two passphrases")
    first = mailbox.link(email)
    register(page, acme, email, password=PASSWORD)
    second = mailbox.link(email, at_least=2)

    page.goto(first)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    confirm(page, second)
    sign_in(page, acme, email)


def test_the_mail_can_be_asked_for_again_and_the_first_link_dies(page_either_way, acme, fresh, mailbox):
    page, email = page_either_way, fresh()
    page.clock.install()
    register(page, acme, email)
    first = mailbox.link(email)
    ask_for_the_mail_again(page)

    second = mailbox.link(email, at_least=2)
    page.goto(first)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    confirm(page, second)


def test_the_countdown_holds_the_button_back_until_it_is_over(page, acme, fresh, mailbox):
    page.clock.install()
    email = fresh()
    register(page, acme, email)
    mailbox.link(email)
    again = page.get_by_role("button", name="Send it again")
    expect(again).to_have_attribute("aria-disabled", "true")
    again.press("Enter")
    again.dispatch_event("click")
    page.clock.fast_forward("00:31")

    expect(page.get_by_text("You can send the message again now.")).to_be_attached()
    expect(again).not_to_have_attribute("aria-disabled", "true")
    assert len(mailbox.all(email)) == 1


def test_asking_again_without_javascript_leaves_a_page_that_can_be_reloaded(visit, acme, fresh, mailbox):
    """Every form answers 303 when it has worked: a reload must not send another mail."""
    page, email = visit(javascript=False), fresh()
    register(page, acme, email)
    mailbox.link(email)
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        page.get_by_role("button", name="Send it again").click()

    assert answered.value.status == 303


def without_secrets(html: str) -> str:
    """The CSRF token and the seconds of a countdown differ from page to page."""
    html = re.sub(r'name="csrf_token" value="[^"]+"', "", html)
    return re.sub(r"\d+ seconds?", "", html)
