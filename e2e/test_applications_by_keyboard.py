"""Between people and applications, without a mouse."""

from e2e.applications import expect_arrived
from e2e.test_keyboard import walk


def tab_to(page, name):
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_allowing_takes_only_the_keyboard(visit, known, apps):
    page = visit(storage_state=known)
    page.goto(apps.notes.ask(prompt="consent"))
    stops = walk(page)
    assert stops.index("allow") < stops.index("deny")
    page.reload()
    tab_to(page, "allow")
    page.keyboard.press("Enter")
    expect_arrived(page, apps.notes)


def test_choosing_an_account_takes_only_the_keyboard(visit, known, apps):
    page = visit(storage_state=known)
    page.goto(apps.own.ask(prompt="select_account"))
    account = page.locator("[id^=account-]").get_attribute("id")
    assert [account, "another"] == [stop for stop in walk(page) if stop in {account, "another"}]
    page.reload()
    tab_to(page, account)
    page.keyboard.press("Enter")
    expect_arrived(page, apps.own)
