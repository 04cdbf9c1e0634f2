"""The pages between people and applications."""

import uuid

from playwright.sync_api import Page, expect

from e2e import passing
from e2e.applications import expect_arrived
from e2e.journeys import press, submit
from e2e.stage import Stage, state

ALL = "openid profile email phone address roles offline_access notes:write"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-" * 3


@state
def signing_in_to_an_application(stage: Stage) -> Page:
    return stage.page_at(stage.apps.notes.ask())


@state
def confirming_for_an_application(stage: Stage) -> Page:
    return stage.known(stage.apps.own.ask(prompt="login"))


@state
def consent_to_everything(stage: Stage) -> Page:
    page = stage.known(stage.apps.notes.ask(scope=ALL, prompt="consent"))
    expect(page.locator("#allow")).to_be_visible()
    return page


@state
def consent_to_more_than_before(stage: Stage) -> Page:
    page, app = stage.known(), stage.apps.board
    page.goto(app.ask(scope="openid email", prompt="consent"))
    press(page, page.locator("#allow"))
    expect_arrived(page, app)
    page.goto(app.ask(scope=ALL))
    expect(page.get_by_text("It asks for more now")).to_be_visible()
    return page


@state
def choosing_an_account(stage: Stage) -> Page:
    page, app = stage.signed_in(name=LONG_NAME), stage.apps.own
    page.goto(app.ask(prompt="select_account"))
    press(page, page.locator("#another"))
    page.get_by_label("Email address").fill("bob@acme.example")
    submit(page)
    page.locator("#password").fill("correct horse battery staple")
    submit(page)
    expect_arrived(page, app)
    page.goto(app.ask(prompt="select_account"))
    expect(page.locator("[id^=account-]")).to_have_count(2)
    return page


@state
def on_the_way_to_an_application(stage: Stage) -> Page:
    page = stage.known(stage.apps.still.ask(prompt="consent"))
    press(page, page.locator("#allow"))
    expect(page.locator("#continue")).to_be_visible()
    return page


@state
def on_the_way_to_an_application_by_form(stage: Stage) -> Page:
    page = stage.known(stage.apps.still.ask(prompt="consent", response_mode="form_post"))
    page.locator("#allow").click()
    expect(page.locator("#continue")).to_be_visible()
    return page


@state
def back_after_the_answer(stage: Stage) -> Page:
    page = on_the_way_to_an_application(stage)
    page.reload()
    expect(page.get_by_role("heading", name="You have been here already")).to_be_visible()
    return page


@state
def back_after_half_an_hour(stage: Stage) -> Page:
    page = stage.visit()
    page.goto(stage.apps.notes.ask())
    flow = page.url.partition("flow=")[2]
    passing.half_an_hour(stage.portal, flow)
    page.goto(f"{stage.origin}/oauth2/authorize/{flow}")
    expect(page.get_by_role("heading", name="That took a while")).to_be_visible()
    return page


@state
def a_sign_in_of_another_browser(stage: Stage) -> Page:
    return stage.page_at(f"/oauth2/authorize/{uuid.uuid4()}")


@state
def a_request_that_does_not_work(stage: Stage) -> Page:
    return stage.page_at(stage.apps.notes.ask(redirect_uri="https://mallory.example/"))


@state
def connecting_a_device_with_an_error(stage: Stage) -> Page:
    page = stage.known("/device")
    page.locator("#code").fill("bcdf ghjk")
    submit(page)
    expect(page.locator("#code-error")).to_be_visible()
    return page


@state
def connecting_a_device_by_picture(stage: Stage) -> Page:
    return stage.known(stage.apps.device_code()["verification_uri_complete"])


@state
def allowing_a_device(stage: Stage) -> Page:
    page = connecting_a_device_by_picture(stage)
    submit(page)
    expect(page.locator("#allow")).to_be_visible()
    return page


@state
def a_device_that_is_connected(stage: Stage) -> Page:
    page = allowing_a_device(stage)
    press(page, page.locator("#allow"))
    return page


@state
def a_code_that_is_over(stage: Stage) -> Page:
    return stage.known(f"/device/{uuid.uuid4()}")


@state
def applications_none_yet(stage: Stage) -> Page:
    return stage.signed_in("/account/applications")


@state
def applications_of_somebody(stage: Stage) -> Page:
    page = stage.known()
    for app in (stage.apps.own, stage.apps.board):
        page.goto(app.ask(prompt="consent", scope="openid email"))
        press(page, page.locator("#allow"))
        expect_arrived(page, app)
    page.goto(f"{stage.origin}/account/applications")
    page.locator("details.more summary").first.click()
    return page


@state
def asked_to_sign_out_by_an_application(stage: Stage) -> Page:
    page = stage.known(stage.apps.notes.sign_out())
    expect(page.locator("#submit")).to_be_visible()
    return page


@state
def signed_out_by_an_application(stage: Stage) -> Page:
    page = stage.page_at(stage.apps.notes.sign_out())
    expect(page.locator("#continue")).to_be_visible()
    return page


@state
def profile_with_more_about_you_and_errors(stage: Stage) -> Page:
    page = stage.known("/account/profile")
    page.locator("#more summary").click()
    page.locator("#birthdate").fill("yesterday")
    page.locator("#phone_number").fill("no")
    submit(page)
    expect(page.locator("#birthdate-error")).to_be_visible()
    return page
