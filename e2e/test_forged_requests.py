"""Other sites, and addresses made up to mislead."""

from playwright.sync_api import expect

from e2e.journeys import cookie, expect_account, sign_in

FORM = """<!doctype html><title>Evil</title><form id=f method=post action="{action}">
<input name=email value="mallory@evil.example"><input name=password value="correct horse battery staple">
<input name=name value="Pwned"><button id=go>Win a prize</button></form>"""


def lure(page, trap, action):
    """A page at ``trap`` whose button posts to ``action``. The answer to that."""
    html = FORM.format(action=action)
    page.context.route(trap, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(trap)
    with page.expect_response(action) as answered:
        page.locator("#go").click()
    page.context.unroute(trap)
    return answered.value


def test_a_form_on_another_site_changes_nothing(page, acme, people):
    people.enter(page, acme, "bob@acme.example")
    for path in ("/logout", "/login", "/register", "/account/profile", "/account/sessions/revocations"):
        assert lure(page, "http://evil.example/", f"{acme}{path}").status == 403

    page.goto(f"{acme}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Bob Marsh")


def test_a_sibling_tenant_is_another_site_too(page, acme, globex, people):
    people.enter(page, acme, "bob@acme.example")

    assert lure(page, f"{globex}/trap", f"{acme}/logout").status == 403
    page.goto(f"{acme}/account")
    expect_account(page, acme)


def test_our_own_form_without_its_token_is_refused_kindly(page, acme, people):
    people.enter(page, acme, "bob@acme.example")
    page.goto(f"{acme}/account")
    page.locator("input[name=csrf_token]").first.evaluate("input => input.remove()")
    page.locator("#sign-out").click()

    expect(page.get_by_role("alert")).to_contain_text("This page was open for too long.")
    page.goto(f"{acme}/account")
    expect_account(page, acme)


def test_no_address_leads_out_of_the_house(page, acme):
    for path in (
        "/login?next=https://evil.example/",
        "/login?return_to=//evil.example",
        "//evil.example/account",
        "/account//evil.example",
        "/%2F%2Fevil.example/account",
        "/\\evil.example/account",
        "/account;//evil.example",
    ):
        page.goto(f"{acme}{path}")
        assert page.url.startswith(f"{acme}/")

    sign_in(page, acme, "bob@acme.example")


def test_nobody_frames_or_keeps_a_page(page, acme):
    answer = page.goto(f"{acme}/login")

    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_cookie_that_nobody_gave_opens_nothing(page, acme):
    for value in ("", "x", "A" * 43, "x" * 4000):
        page.context.add_cookies([{"name": "portico_session", "value": value, "url": acme}])
        page.goto(f"{acme}/account")
        expect(page).to_have_url(f"{acme}/login")


def test_a_session_is_not_chosen_by_whoever_visits(page, acme):
    """Session fixation: the id after signing in is another one than before."""
    page.context.add_cookies([{"name": "portico_session", "value": "A" * 43, "url": acme}])
    sign_in(page, acme, "bob@acme.example")

    assert cookie(page, "portico_session")["value"] != "A" * 43
