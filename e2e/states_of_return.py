"""The pages by which people come in by mail, and back in."""

from playwright.sync_api import Page, expect

from e2e.journeys import (
    ask_for_a_link,
    forget_password,
    give_address,
    give_code,
    give_password,
    submit,
)
from e2e.stage import Stage, state


def _account(stage: Stage) -> str:
    email = stage.fresh("a.rather.long.address.of.somebody")
    stage.people.join(stage.origin, email)
    return email


@state
def waiting_for_a_sign_in_link(stage: Stage) -> Page:
    page = stage.visit()
    ask_for_a_link(page, stage.origin, _account(stage))
    return page


@state
def waiting_with_a_wrong_code(stage: Stage) -> Page:
    page = waiting_for_a_sign_in_link(stage)
    give_code(page, "000000")
    expect(page.locator("#code-error")).to_be_visible()
    return page


def _link(stage: Stage) -> tuple[Page, str]:
    page, email = stage.visit(), _account(stage)
    ask_for_a_link(page, stage.origin, email)
    return page, stage.mailbox.about(email, "Sign in to")["links"][0]


@state
def sign_in_link_where_it_was_asked_for(stage: Stage) -> Page:
    page, link = _link(stage)
    page.goto(link)
    return page


@state
def sign_in_link_elsewhere_with_an_error(stage: Stage) -> Page:
    _, link = _link(stage)
    page = stage.visit()
    page.goto(link)
    page.locator("#number").fill("00")
    page.locator("#approve").click()
    expect(page.locator("#number-error")).to_be_visible()
    return page


@state
def approved_elsewhere(stage: Stage) -> Page:
    waiting, link = _link(stage)
    page = stage.visit()
    page.goto(link)
    page.locator("#number").fill(waiting.locator("#number").inner_text())
    page.locator("#approve").click()
    expect(page.get_by_role("heading", name="Go back to your other device")).to_be_visible()
    return page


@state
def code_for_an_unusual_sign_in(stage: Stage) -> Page:
    email = _account(stage)
    stage.people.enter(stage.visit(), stage.origin, email)
    page = stage.visit(user_agent="curl/8")
    stage.people.owe(page, stage.origin, email)
    expect(page.get_by_role("heading", name="Enter the code from your email")).to_be_visible()
    give_code(page, "000000")
    expect(page.locator("#code-error")).to_be_visible()
    return page


@state
def forgotten_password(stage: Stage) -> Page:
    page = stage.page_at("/forgot-password")
    submit(page)
    expect(page.locator("#email-error")).to_be_visible()
    return page


@state
def reset_mail_is_on_its_way(stage: Stage) -> Page:
    page = stage.visit()
    forget_password(page, stage.origin, stage.fresh())
    return page


@state
def choosing_a_new_password_with_an_error(stage: Stage) -> Page:
    page, email = stage.visit(), _account(stage)
    forget_password(page, stage.origin, email)
    page.goto(stage.mailbox.about(email, "Choose a new password")["links"][0])
    page.locator("#new_password").fill("short")
    expect(page.locator("#strength")).to_contain_text("Too easy")
    submit(page)
    expect(page.locator("#new_password-error")).to_be_visible()
    return page


@state
def not_me_with_an_error(stage: Stage) -> Page:
    email = _account(stage)
    for _ in range(2):
        stage.people.enter(stage.visit(), stage.origin, email)
    page = stage.visit()
    page.goto(stage.mailbox.about(email, "New sign-in to")["links"][0])
    submit(page)
    expect(page.locator("#confirm-error")).to_be_visible()
    return page


@state
def opening_a_locked_account(stage: Stage) -> Page:
    page, email = stage.visit(), _account(stage)
    give_address(page, stage.origin, email)
    for guess in range(5):
        give_password(page, f"wrong guess {guess}")
        expect(page.get_by_role("alert")).to_be_visible()
    page.goto(stage.mailbox.about(email, "is paused")["links"][0])
    return page
