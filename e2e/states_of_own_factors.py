"""Second factors: set up and looked after in the account."""

from playwright.sync_api import Page, expect

from e2e import passing
from e2e.device import Device
from e2e.factors import another_way, begin_app
from e2e.journeys import give_code, press, submit
from e2e.stage import Stage, state
from e2e.states_of_factors import with_app, with_passkey

LONG_NAME = "The authentication app on the phone that I share with nobody at all"


@state
def setting_up_an_app_with_an_error(stage: Stage) -> Page:
    page = stage.signed_in()
    give_code(page, begin_app(page, stage.origin).wrong())
    expect(page.locator("#code-error")).to_be_visible()
    return page


@state
def second_factors_none_yet(stage: Stage) -> Page:
    return stage.signed_in("/account/second-factor")


@state
def second_factors_an_app_that_is_renamed(stage: Stage) -> Page:
    page = stage.visit()
    stage.people.arrive_with_app(page, stage.origin, stage.fresh(), called=LONG_NAME[:50])
    page.goto(f"{stage.origin}/account/second-factor")
    page.locator(".rename summary").click()
    page.get_by_label("New name").fill("")
    press(page, page.get_by_role("button", name="Save"))
    expect(page.locator(".field__error")).to_be_visible()
    return page


def _lost(stage: Stage, email: str) -> None:
    """They are said to have lost it all."""
    stage.people.lose_factors(stage.origin, email, "Lost the phone in Rome, says her sister.")


@state
def second_factors_about_to_be_taken_away(stage: Stage) -> Page:
    page, email, _, _ = with_app(stage)
    _lost(stage, email)
    page.goto(f"{stage.origin}/account/second-factor")
    expect(page.locator("#keep")).to_be_visible()
    return page


@state
def keeping_second_factors_with_an_error(stage: Stage) -> Page:
    _, email, _, _ = with_app(stage)
    _lost(stage, email)
    page = stage.visit()
    page.goto(stage.mailbox.about(email, "about to be taken away")["links"][0])
    submit(page)
    expect(page.locator("#confirm-error")).to_be_visible()
    return page


@state
def backup_codes_to_be_saved_with_an_error(stage: Stage) -> Page:
    page = stage.signed_in()
    give_code(page, begin_app(page, stage.origin).code())
    expect(page.locator("#codes li")).to_have_count(10)
    submit(page)
    expect(page.locator("#saved-error")).to_be_visible()
    return page


@state
def backup_codes_few_left(stage: Stage) -> Page:
    page, email, _, _ = with_app(stage)
    passing.codes_are_used(stage.portal, email, but=2)
    page.goto(f"{stage.origin}/account/backup-codes")
    expect(page.get_by_text("That is not much.")).to_be_visible()
    return page


@state
def removing_an_app(stage: Stage) -> Page:
    page, _, _, _ = with_app(stage)
    page.goto(f"{stage.origin}/account/second-factor")
    press(page, page.get_by_role("link", name="Remove"))
    return page


@state
def security_with_an_app(stage: Stage) -> Page:
    page, _, _, _ = with_app(stage)
    page.goto(f"{stage.origin}/account/security")
    return page


@state
def trusted_devices(stage: Stage) -> Page:
    page, email, app, codes = with_app(stage)
    for visit, code in ((stage.visit(), app.code()), (page, codes[0])):
        stage.people.leave(page, stage.origin) if visit is page else None
        stage.people.owe(visit, stage.origin, email)
        another_way(visit, "backup_code") if visit is page else None
        visit.get_by_label("Don't ask on this device").check()
        give_code(visit, code)
        expect(visit).to_have_url(f"{stage.origin}/account")
    page.goto(f"{stage.origin}/account/devices")
    expect(page.locator("#forget-all")).to_be_visible()
    return page


@state
def passkeys_none_yet(stage: Stage) -> Page:
    page = stage.signed_in()
    Device(page)
    page.goto(f"{stage.origin}/account/passkeys")
    expect(page.get_by_role("button", name="Create a passkey")).to_be_visible()
    return page


@state
def passkeys_one_that_is_copied(stage: Stage) -> Page:
    page, email, device = with_passkey(stage)
    passing.a_passkey_is_copied(stage.portal, email)
    page.goto(f"{stage.origin}/account/passkeys")
    device.touched()
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("status").filter(has_text="This device has a passkey")).to_be_visible()
    return page
