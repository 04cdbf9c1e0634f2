"""The pages for developers: the API's description and the mailbox."""

from playwright.sync_api import expect

from e2e.journeys import register
from e2e.visiting import shoot


def test_the_api_page_runs_under_the_policy(page, acme):
    answer = page.goto(f"{acme}/api/docs")

    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    expect(page.locator(".swagger-ui .info .title")).to_contain_text("Portico")
    call = page.locator(".opblock").filter(has_text="/api/v1/auth/login").first
    call.locator(".opblock-summary-control, .opblock-summary").first.click()
    expect(call.locator(".opblock-body")).to_be_visible()
    shoot(page, "api docs")


def test_the_api_page_can_try_a_call(page, acme):
    page.goto(f"{acme}/api/docs")
    call = page.locator(".opblock-post").filter(has_text="/api/v1/auth/login").first
    call.locator(".opblock-summary").first.click()
    call.get_by_role("button", name="Try it out").click()
    body = '{"email": "ada@acme.example", "password": "correct horse battery staple"}'
    call.locator("textarea.body-param__text").fill(body)
    call.get_by_role("button", name="Execute").click()

    expect(call.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
    expect(call.locator(".live-responses-table")).to_contain_text("access_token")


def test_without_javascript_the_api_page_names_the_description(visit, acme):
    page = visit(javascript=False)
    page.goto(f"{acme}/api/docs")

    page.get_by_role("link", name="/api/openapi.json").click()
    expect(page).to_have_url(f"{acme}/api/openapi.json")


def test_the_mailbox_shows_a_message_and_its_link_works(page_either_way, acme, fresh, mailbox):
    page, email, other = page_either_way, fresh(), fresh()
    register(page, acme, other)
    register(page, acme, email)
    link, _ = mailbox.link(email), mailbox.link(other)

    page.goto(f"{acme}/dev/mailbox")
    page.get_by_label("Sent to").fill(email)
    page.get_by_role("button", name="Show").click()
    message = page.locator("[data-message]")
    expect(message).to_have_count(1)
    expect(message).to_have_attribute("data-to", email)
    message.get_by_role("link", name=link).click()

    expect(page.get_by_role("heading", name="Confirm your email address")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()


def test_a_mail_says_who_it_is_from_and_what_it_is_for(page, acme, fresh, mailbox):
    email = fresh()
    register(page, acme, email, name="Eve Adams")
    mail = mailbox.newest(email)

    assert set(mail) == {"id", "to", "subject", "text", "html", "links", "code", "sent_at"}
    assert "Acme" in mail["subject"]
    for body in (mail["text"], mail["html"]):
        assert "24 hours" in body
        assert mail["links"][0] in body.replace("&amp;", "&")
