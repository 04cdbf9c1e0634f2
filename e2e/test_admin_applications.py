"""Applications in the admin console, from the first to the last click."""

import pytest
from playwright.sync_api import expect

from e2e import passing
from e2e.journeys import expect_field_error, press, submit

LIST = "/admin/applications"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def keeper(visit, request, portal, office, keeping):
    """Somebody who looks after acme, and has just signed in."""
    passing.no_time(portal, office.owner)
    return visit(javascript=request.param, storage_state=keeping)


def test_an_application_is_registered_and_gets_a_second_secret(keeper, acme, fresh):
    page, name = keeper, f"Reports {fresh()}"
    page.goto(f"{acme}{LIST}")
    press(page, page.get_by_role("link", name="New application"))
    page.locator("#name").fill(name)
    page.locator("#redirect_uris").fill("http://reports.example/callback")
    submit(page)
    expect_field_error(page, "redirect_uris", "Line 1: Use https")
    page.locator("#redirect_uris").fill("https://reports.example/callback")
    submit(page)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    first, client_id = page.locator("#new-secret").inner_text(), page.locator("#client-id").inner_text()
    assert first.startswith("pcs_")

    page.goto(f"{acme}{LIST}/{client_id}")
    assert first not in page.content()
    page.locator("#add-secret").click()
    expect(page.locator("#new-secret")).to_be_visible()
    assert page.locator("#new-secret").inner_text() != first
    expect(page.get_by_role("button", name="Remove")).to_have_count(2)


def test_an_application_is_changed_and_deleted(keeper, acme, office, fresh):
    page, name = keeper, f"Reports {fresh()}"
    made = office.ask("POST", "/applications", {"name": name, "type": "machine"})
    page.goto(f"{acme}{LIST}/{made['client_id']}")
    page.locator("#name").fill("")
    submit(page)
    expect_field_error(page, "name", "Give it a name.")
    page.locator("#name").fill(f"{name} 2")
    submit(page)
    expect(page.get_by_text("Your changes are saved.")).to_be_visible()

    page.locator("#confirmation").fill(name)
    press(page, page.locator("#delete"))
    expect_field_error(page, "confirmation", "Type the name exactly")
    page.locator("#confirmation").fill(f"{name} 2")
    press(page, page.locator("#delete"))
    expect(page).to_have_url(f"{acme}{LIST}")
    expect(page.get_by_text(f"“{name} 2” is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_the_client_id_is_copied(visit, keeping, acme, apps):
    page = visit(storage_state=keeping, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{acme}{LIST}/{apps.own.client_id}")
    page.get_by_role("button", name="Copy Client ID").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == apps.own.client_id


def test_an_application_is_found_by_its_name(visit, keeping, acme, apps):
    page = visit(storage_state=keeping)
    page.goto(f"{acme}{LIST}")
    page.locator("#search").press_sequentially("stillw")
    expect(page.get_by_role("link", name=apps.still.name).first).to_be_visible()
    expect(page.get_by_role("link", name=apps.notes.name)).to_have_count(0)
