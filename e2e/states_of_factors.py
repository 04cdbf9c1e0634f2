"""Second factors: asked for at sign-in and later, and set up on the way in."""

from playwright.sync_api import Page, expect

from e2e import passing
from e2e.device import Device
from e2e.factors import App, another_way
from e2e.journeys import give_code, press
from e2e.stage import Stage, state


def with_app(stage: Stage) -> tuple[Page, str, App, list[str]]:
    page, email = stage.visit(), stage.fresh("a.rather.long.address.of.somebody")
    app = stage.people.arrive_with_app(page, stage.origin, email)
    return page, email, app, stage.people.get_codes(page, stage.origin)


def with_passkey(stage: Stage) -> tuple[Page, str, Device]:
    page, email = stage.visit(), stage.fresh()
    device = Device(page)
    stage.people.arrive(page, stage.origin, email)
    device.makes_one(stage.origin)
    return page, email, device


def _owing(stage: Stage) -> Page:
    page, email, _, _ = with_app(stage)
    page = stage.visit()
    stage.people.owe(page, stage.origin, email)
    return page


@state
def second_step_by_app_and_other_ways(stage: Stage) -> Page:
    page = _owing(stage)
    page.locator("details.ways summary").click()
    return page


@state
def second_step_by_app_with_an_error(stage: Stage) -> Page:
    page = _owing(stage)
    page.get_by_label("Don't ask on this device").check()
    give_code(page, "000000")
    expect(page.locator("#code-error")).to_be_visible()
    return page


@state
def second_step_by_backup_code_with_an_error(stage: Stage) -> Page:
    page = _owing(stage)
    another_way(page, "backup_code")
    give_code(page, "AAAAA-BBBBB")
    expect(page.locator("#code-error")).to_be_visible()
    return page


@state
def second_step_by_passkey_cancelled(stage: Stage) -> Page:
    page, email, device = with_passkey(stage)
    stage.people.leave(page, stage.origin)
    stage.people.owe(page, stage.origin, email)
    device.forgets_all()
    device.touched()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("status").filter(has_text="You can try again.")).to_be_visible()
    return page


@state
def confirming_with_password_and_code_with_an_error(stage: Stage) -> Page:
    page, email, app, _ = with_app(stage)
    passing.an_hour(stage.portal, email, app)
    page.goto(f"{stage.origin}/account/email")
    give_code(page, app.wrong())
    expect(page.locator(".field__error").first).to_be_visible()
    page.locator("details.ways summary").click()
    return page


@state
def confirming_with_a_passkey(stage: Stage) -> Page:
    page, email, _ = with_passkey(stage)
    passing.an_hour(stage.portal, email)
    page.goto(f"{stage.origin}/account/email")
    expect(page.get_by_role("button", name="Use your passkey")).to_be_visible()
    return page


def _enrolling(stage: Stage) -> Page:
    strict, page, email = stage.strict(), stage.visit(), stage.fresh()
    strict.wants(second_factor="required", second_factor_grace_days=3)
    stage.people.join(strict.origin, email)
    stage.people.owe(page, strict.origin, email)
    expect(page.locator("#skip")).to_be_visible()
    return page


@state
def protect_your_account(stage: Stage) -> Page:
    return _enrolling(stage)


@state
def protect_your_account_with_an_app(stage: Stage) -> Page:
    page = _enrolling(stage)
    press(page, page.get_by_role("button", name="Set up an app"))
    return page
