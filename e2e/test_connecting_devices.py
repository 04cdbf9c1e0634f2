"""Devices without a keyboard: their code is typed in a browser, and they hear what was said."""

import json
import urllib.error
import urllib.parse

import pytest
from playwright.sync_api import expect

from e2e.applications import DEVICE_CODE, type_address
from e2e.journeys import expect_field_error, give_password, press, submit


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(visit, request):
    return visit(javascript=request.param)


def asks(apps, begun):
    """What the device hears when it asks."""
    form = {"grant_type": DEVICE_CODE, "device_code": begun["device_code"], "client_id": apps.box.client_id}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        return apps.office.send("POST", "/oauth2/token", urllib.parse.urlencode(form).encode(), kind)
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)


def test_a_code_is_typed_and_the_device_is_let_in(page, acme, apps):
    begun = apps.device_code()
    page.goto(begun["verification_uri"])
    expect(page).to_have_url(f"{acme}/login")
    type_address(page, "bob@acme.example")
    give_password(page)
    page.locator("#code").fill("BBBB-BBBB")
    submit(page)
    expect_field_error(page, "code", "That code does not work.")
    page.locator("#code").fill(begun["user_code"].lower().replace("-", " "))
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(apps.box.name)
    expect(page.get_by_text("LivingRoomBox/2.1")).to_be_visible()
    press(page, page.locator("#allow"))
    expect(page.get_by_role("heading", name="Your device is connected")).to_be_visible()
    assert asks(apps, begun)["scope"] == "openid profile"


def test_a_code_by_picture_is_compared_and_refused(visit, known, apps):
    begun, page = apps.device_code(), visit(storage_state=known)
    page.goto(begun["verification_uri_complete"])
    expect(page.locator("#code")).to_have_value(begun["user_code"])
    submit(page)
    press(page, page.locator("#deny"))
    expect(page.get_by_role("heading", name="The device was not connected")).to_be_visible()
    assert asks(apps, begun)["error"] == "access_denied"
