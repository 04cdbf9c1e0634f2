"""The pages of the account, and those for developers."""

from playwright.sync_api import Page, expect

from e2e.journeys import submit
from e2e.stage import Stage, state

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-" * 3
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


@state
def account(stage: Stage) -> Page:
    return stage.signed_in("/account")


@state
def account_of_a_long_name(stage: Stage) -> Page:
    return stage.signed_in("/account", name=LONG_NAME)


@state
def profile_saved(stage: Stage) -> Page:
    page = stage.signed_in("/account/profile")
    submit(page)
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    return page


@state
def profile_with_an_error(stage: Stage) -> Page:
    page = stage.known("/account/profile")
    page.locator("#name").fill("x" * 201)
    submit(page)
    expect(page.locator("#name-error")).to_be_visible()
    return page


@state
def one_session(stage: Stage) -> Page:
    return stage.signed_in("/account/sessions")


@state
def several_sessions(stage: Stage) -> Page:
    page, email = stage.visit(), stage.fresh()
    stage.people.join(stage.origin, email)
    for browser in (stage.visit(user_agent="curl/8"), stage.visit(user_agent=IPAD), page):
        stage.people.enter(browser, stage.origin, email)
    page.goto(f"{stage.origin}/account/sessions")
    return page


@state
def sign_out_page(stage: Stage) -> Page:
    return stage.known("/logout")


@state
def development_mailbox(stage: Stage) -> Page:
    _, email = stage.registered()
    stage.mailbox.link(email)
    return stage.page_at(f"/dev/mailbox?to={email}")
