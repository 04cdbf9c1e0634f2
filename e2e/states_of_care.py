"""The pages on which people look after their account."""

from playwright.sync_api import Page, expect

from e2e.journeys import submit
from e2e.stage import Stage, state


@state
def security(stage: Stage) -> Page:
    return stage.signed_in("/account/security")


@state
def changing_the_password_with_errors(stage: Stage) -> Page:
    page = stage.signed_in("/account/password")
    page.locator("#password").fill("wrong wrong wrong")
    page.locator("#new_password").fill("violet tractor under seven moons")
    expect(page.locator("#strength")).to_contain_text("Strong")
    submit(page)
    expect(page.locator("#password-error")).to_be_visible()
    return page


@state
def another_address_asked_for(stage: Stage) -> Page:
    page = stage.signed_in("/account/email")
    page.locator("#email").fill(stage.fresh("another.rather.long.address.of.somebody"))
    submit(page)
    expect(page.get_by_role("status").filter(has_text="We have sent a message")).to_be_visible()
    return page


@state
def confirming_another_address(stage: Stage) -> Page:
    page, new = stage.signed_in("/account/email"), stage.fresh("new")
    page.locator("#email").fill(new)
    submit(page)
    page.goto(stage.mailbox.about(new, "Confirm your email address")["links"][0])
    return page


@state
def activity(stage: Stage) -> Page:
    return stage.known("/account/activity")


@state
def locking_down(stage: Stage) -> Page:
    return stage.known("/account/lock-down")


@state
def own_data(stage: Stage) -> Page:
    page = stage.signed_in("/account/data")
    page.locator("#export").click()
    expect(page.get_by_role("status").filter(has_text="We are putting your data together")).to_be_visible()
    return page


@state
def leaving_with_errors(stage: Stage) -> Page:
    page = stage.signed_in("/account/data/deletion")
    submit(page)
    expect(page.locator("#confirmation-error")).to_be_visible()
    return page
