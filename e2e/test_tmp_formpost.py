import pytest
from e2e.examples import await_listener, sign_in_from
from e2e.journeys import make_account


def test_form_post(page_either_way, visit, portal, acme, mailbox, fresh):
    page = page_either_way
    await_listener(portal.demo)
    email = fresh()
    other = visit()
    make_account(other, acme, email, mailbox)
    other.context.close()
    seen = []
    page.on("request", lambda r: seen.append((r.method, r.url)))
    page.on("console", lambda m: seen.append(("console", m.text)))
    sent = {}

    def catch(route):
        sent["url"] = route.request.url
        route.continue_(url=route.request.url + "&response_mode=form_post")

    page.goto(portal.demo)
    href = page.locator("#sign-in").evaluate("e => e.href || e.form?.action || e.closest('form')?.action")
    answer = page.request.get(href, max_redirects=0)
    page.goto(answer.headers["location"] + "&response_mode=form_post")
    page.locator("#email").fill(email)
    page.locator("#submit").click()
    from e2e.journeys import PASSWORD
    page.locator("#password").fill(PASSWORD)
    page.locator("#submit").click()
    page.locator("#allow").click()
    page.wait_for_timeout(1500)
    if page.locator("#continue").count():
        page.locator("#continue").click()
        page.wait_for_timeout(1500)
    print([s for s in seen if s[0] != "GET" or portal.demo in s[1]])
    assert any(m == "POST" and u.startswith(portal.demo) for m, u in seen), seen[-12:]
