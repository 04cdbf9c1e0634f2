"""The pages before and around a sign-in."""

from playwright.sync_api import Page, expect

from e2e.journeys import ask_for_the_mail_again, give_address, give_password, register, submit
from e2e.stage import Stage, state


@state
def sign_in_page(stage: Stage) -> Page:
    return stage.page_at("/login")


@state
def sign_in_page_with_an_error(stage: Stage) -> Page:
    page = stage.page_at("/login")
    page.get_by_label("Email address").fill("ada")
    submit(page)
    return page


@state
def password_page(stage: Stage) -> Page:
    page = stage.visit()
    give_address(page, stage.origin, stage.fresh("a.rather.long.address.of.somebody.with.many.names"))
    return page


@state
def password_page_with_an_error(stage: Stage) -> Page:
    page = stage.visit()
    give_address(page, stage.origin, stage.fresh())
    give_password(page, "wrong wrong wrong")
    return page


@state
def registration_page(stage: Stage) -> Page:
    return stage.page_at("/register")


@state
def registration_page_with_errors(stage: Stage) -> Page:
    page = stage.page_at("/register")
    submit(page)
    return page


@state
def registration_page_with_a_weak_password(stage: Stage) -> Page:
    page = stage.visit()
    register(page, stage.origin, stage.fresh(), password="password1234")
    return page


@state
def check_your_email(stage: Stage) -> Page:
    page, _ = stage.registered()
    page.goto(f"{stage.origin}/login/verify")
    expect(page.locator("#resend")).to_be_visible()
    return page


@state
def check_your_email_at_gmail(stage: Stage) -> Page:
    page = stage.visit()
    register(page, stage.origin, stage.fresh().replace("e2e.example", "gmail.com"))
    return page


@state
def check_your_email_again(stage: Stage) -> Page:
    page = stage.visit()
    page.clock.install()
    register(page, stage.origin, stage.fresh())
    ask_for_the_mail_again(page)
    return page


@state
def link_opened_where_it_was_asked_for(stage: Stage) -> Page:
    page, email = stage.registered()
    page.goto(stage.mailbox.link(email))
    return page


@state
def link_opened_elsewhere_with_an_error(stage: Stage) -> Page:
    _, email = stage.registered()
    page = stage.visit()
    page.goto(stage.mailbox.link(email))
    page.locator("#new_password").fill("short")
    submit(page)
    return page


@state
def sign_in_page_after_confirming(stage: Stage) -> Page:
    page, email = stage.registered()
    page.goto(stage.mailbox.link(email))
    submit(page)
    return page


@state
def link_that_is_used(stage: Stage) -> Page:
    return stage.page_at("/verify-email?token=used")


@state
def nothing_here(stage: Stage) -> Page:
    return stage.page_at("/no-such-page")
