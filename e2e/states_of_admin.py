"""The admin console."""

from playwright.sync_api import Page, expect

from e2e import passing
from e2e.journeys import press, sign_in, submit
from e2e.stage import Stage, state

LIST = "/admin/applications"
# A square of one pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)


def _keeper(stage: Stage, path: str = LIST) -> Page:
    page = stage.visit(storage_state=stage.of_process("keeping"))
    passing.no_time(stage.portal, stage.of_process("office").owner)
    page.goto(f"{stage.origin}{path}")
    return page


def _registered(stage: Stage) -> Page:
    page = _keeper(stage, f"{LIST}/new")
    page.locator("#name").fill("Quarterly Reports of the Northern Branch")
    page.locator("#redirect_uris").fill("https://reports.example/callback")
    submit(page)
    expect(page.locator("#new-secret")).to_be_visible()
    return page


@state
def admin_applications_none_yet(stage: Stage) -> Page:
    page, origin = stage.visit(), stage.portal.globex
    sign_in(page, origin, "ada@globex.example")
    page.goto(f"{origin}{LIST}")
    expect(page.locator("#new")).to_be_visible()
    return page


@state
def admin_applications(stage: Stage) -> Page:
    assert stage.apps
    return _keeper(stage)


@state
def admin_applications_not_found(stage: Stage) -> Page:
    return _keeper(stage, f"{LIST}?search=nothing+is+called+this")


@state
def admin_new_application(stage: Stage) -> Page:
    return _keeper(stage, f"{LIST}/new")


@state
def admin_new_application_with_errors(stage: Stage) -> Page:
    page = _keeper(stage, f"{LIST}/new")
    page.locator("#redirect_uris").fill("http://reports.example/callback")
    submit(page)
    expect(page.locator("#name-error")).to_be_visible()
    return page


@state
def admin_application_that_is_new(stage: Stage) -> Page:
    return _registered(stage)


@state
def admin_application_with_a_second_secret_and_a_logo(stage: Stage) -> Page:
    page = _registered(stage)
    page.locator("#logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": PICTURE})
    press(page, page.locator("#put-logo"))
    page.locator("#add-secret").click()
    expect(page.locator("#new-secret")).to_be_visible()
    page.locator(".snippet summary").last.click()
    return page


@state
def admin_application_with_errors(stage: Stage) -> Page:
    page = _keeper(stage, f"{LIST}/{stage.apps.still.client_id}")
    page.locator("#redirect_uris").fill("https://reports.example/callback\nftp://reports.example/")
    page.locator("#access_minutes").fill("100000")
    submit(page)
    expect(page.locator("#redirect_uris-error")).to_be_visible()
    return page


@state
def admin_is_not_for_members(stage: Stage) -> Page:
    return stage.known("/admin")
