"""What protects an account, and how it is kept when an administrator takes it away."""

from playwright.sync_api import expect

from e2e import passing
from e2e.factors import expect_second_step, set_up_app
from e2e.journeys import expect_field_error, submit

LOST = "Lost the phone in Rome."


def test_a_reset_is_told_by_mail_and_its_link_keeps_the_factors(page_either_way, visit, acme, mailbox, fresh, people):
    page, owner, email = page_either_way, visit(), fresh()
    people.arrive_with_app(owner, acme, email)
    people.lose_factors(acme, email, LOST)
    owner.goto(f"{acme}/account/second-factor")
    expect(owner.get_by_role("button", name="Keep my second step")).to_be_visible()

    link = mailbox.about(email, "about to be taken away")["links"][0]
    page.goto(link)
    expect(page).to_have_url(f"{acme}/keep-factors")
    expect(page.get_by_text(LOST)).to_be_visible()
    submit(page)
    expect_field_error(page, "confirm", "Tick this box to keep your second step.")
    page.locator("#confirm").check()
    submit(page)
    expect(page.get_by_text("Your second step stays as it is.")).to_be_visible()
    people.owe(page, acme, email)
    expect_second_step(page, acme)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    owner.reload()
    expect(owner.get_by_role("button", name="Keep my second step")).to_be_hidden()


def test_the_checklist_grows_with_what_is_set_up(page_either_way, portal, acme, people, fresh):
    page, email = page_either_way, fresh()
    people.arrive(page, acme, email)
    page.goto(f"{acme}/account/security")
    expect(page.get_by_role("heading", name="1 of 4 done")).to_be_visible()
    page.locator("#apps").click()
    expect(page).to_have_url(f"{acme}/account/second-factor")
    set_up_app(page, acme)
    page.goto(f"{acme}/account/security")
    expect(page.get_by_role("heading", name="3 of 4 done")).to_be_visible()

    passing.codes_are_used(portal, email, but=2)
    page.reload()
    expect(page.get_by_role("heading", name="2 of 4 done")).to_be_visible()
    page.locator("#backup-codes").click()
    expect(page.get_by_text("That is not much.")).to_be_visible()
    submit(page)
    expect(page.locator("#codes li")).to_have_count(10)
