"""Acme and Globex live in one house and never meet."""

from playwright.sync_api import expect

from e2e.journeys import (
    ANOTHER,
    confirm,
    cookie,
    expect_account,
    give_address,
    give_password,
    register,
    sign_in,
)

BRAND = "getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()"


def test_each_has_its_own_name_and_colour(page, portal):
    seen = set()
    for origin, name in ((portal.acme, "Acme"), (portal.globex, "Globex"), (portal.base, "Portico")):
        page.goto(f"{origin}/login")
        expect(page).to_have_title(f"Sign in - {name}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Sign in to {name}")
        colour = page.locator("#submit").evaluate("button => getComputedStyle(button).backgroundColor")
        seen.add((origin, page.evaluate(BRAND), colour))

    by_origin = {origin: (brand, colour) for origin, brand, colour in seen}
    assert by_origin[portal.acme] == ("#3b5bdb", "rgb(59, 91, 219)")
    assert by_origin[portal.globex] == ("#0b7a5c", "rgb(11, 122, 92)")


def test_nobody_of_acme_signs_in_at_globex(page_either_way, globex):
    page = page_either_way
    give_address(page, globex, "ada@acme.example")
    give_password(page)

    expect(page.get_by_role("alert")).to_contain_text("don't match")


def test_a_cookie_of_acme_is_nothing_at_globex(visit, portal):
    page, thief = visit(), visit()
    sign_in(page, portal.acme, "ada@acme.example")
    for name in ("portico_session", "portico_device", "portico_csrf"):
        stolen = cookie(page, name)
        thief.context.add_cookies([{**stolen, "domain": "globex.localhost"}, {**stolen, "domain": "localhost"}])

    for origin in (portal.globex, portal.base):
        thief.goto(f"{origin}/account")
        expect(thief).to_have_url(f"{origin}/login")


def test_cookies_are_not_shared_between_tenants(page, portal):
    sign_in(page, portal.acme, "ada@acme.example")

    page.goto(f"{portal.globex}/account")
    expect(page).to_have_url(f"{portal.globex}/login")
    assert {found["domain"] for found in page.context.cookies(portal.acme)} == {"acme.localhost"}


def test_an_address_begun_at_acme_is_not_known_at_globex(visit, acme, globex):
    page, thief = visit(), visit()
    give_address(page, acme, "ada@acme.example")
    pending = cookie(page, "portico_pending")
    thief.context.add_cookies([{**pending, "domain": "globex.localhost"}])
    thief.goto(f"{globex}/login/password")

    expect(thief).to_have_url(f"{globex}/login")
    expect(thief.get_by_label("Email address")).to_have_value("")


def test_one_address_at_both_is_two_people(visit, acme, globex, fresh, mailbox):
    page, email = visit(), fresh()
    register(page, acme, email, name="Eve of Acme")
    confirm(page, mailbox.link(email))
    register(page, globex, email, password=ANOTHER, name="Eve of Globex")
    link = mailbox.link(email, house="Globex")
    assert link.startswith(f"{globex}/")
    confirm(page, link)

    for origin, password, name in ((acme, None, "Eve of Acme"), (globex, ANOTHER, "Eve of Globex")):
        browser = visit()
        sign_in(browser, origin, email, **({"password": password} if password else {}))
        expect(browser.get_by_role("heading", level=1)).to_have_text(f"Hello, {name}")
    stranger = visit()
    give_address(stranger, acme, email)
    give_password(stranger, ANOTHER)
    expect(stranger.get_by_role("alert")).to_contain_text("don't match")


def test_the_operator_has_a_house_of_their_own(page, portal):
    sign_in(page, portal.base, "ops@platform.example")
    expect_account(page, portal.base)


def test_where_nobody_lives_a_page_says_so(page, portal):
    answer = page.goto(portal.acme.replace("acme", "nobody"))

    assert answer.status == 404
    expect(page.get_by_role("alert")).to_contain_text("Nobody lives at this address.")
    expect(page.get_by_role("link")).to_have_count(0)  # every way on would lead back here
