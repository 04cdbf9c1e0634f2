"""Signing in: what is said, what is kept, and where it leads."""

from playwright.sync_api import expect

from e2e.journeys import (
    PASSWORD,
    expect_account,
    expect_field_error,
    give_address,
    give_password,
    sign_in,
    submit,
)


def test_identifier_first_then_the_password_then_the_account(page_either_way, acme):
    page = page_either_way
    page.goto(f"{acme}/")
    expect(page).to_have_url(f"{acme}/login")
    expect(page.get_by_label("Email address")).to_be_focused()

    give_address(page, acme, "ada@acme.example")
    expect(page).to_have_url(f"{acme}/login/password")
    expect(page.get_by_text("ada@acme.example")).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    give_password(page)

    expect_account(page, acme)
    expect(page.get_by_role("heading", name="Hello, Ada Lovelace")).to_be_visible()


def test_a_wrong_password_and_an_unknown_address_read_the_same(page_either_way, acme, fresh, people, visit):
    page, known, unknown, seen = page_either_way, fresh(), fresh("nobody"), []
    people.join(acme, known)
    for email in (known, unknown):
        give_address(page, acme, email)
        give_password(page, "wrong wrong wrong")
        expect(page.get_by_role("alert")).to_be_focused()
        page.locator("input[name=csrf_token]").evaluate("input => input.removeAttribute('value')")
        local, _, domain = email.partition("@")
        html = page.locator("main").inner_html().replace(local, "WHO").replace(domain, "WHERE")
        seen.append(html.replace(local[:1].upper(), ""))

    expect(page).to_have_title("Error: Sign in - Acme")
    expect(page.get_by_role("alert")).to_contain_text("don't match")
    assert seen[0].replace("E", "").replace("N", "") == seen[1].replace("E", "").replace("N", "")


def test_keep_me_signed_in_survives_a_wrong_password(page_either_way, acme):
    page = page_either_way
    give_address(page, acme, "bob@acme.example")
    page.get_by_label("Keep me signed in").check()
    give_password(page, "wrong wrong wrong")

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Keep me signed in")).to_be_checked()
    expect(page.locator("#password")).to_have_value("")


def test_what_cannot_be_an_address_is_refused_at_its_field(page_either_way, acme):
    page = page_either_way
    for typed in ("", "ada", "ada@", "a b@acme.example"):
        page.goto(f"{acme}/login")
        page.get_by_label("Email address").fill(typed)
        submit(page)
        expect_field_error(page, "email", "address")
        expect(page.get_by_label("Email address")).to_have_value(typed)


def test_an_address_is_known_however_it_is_cased(page, acme):
    sign_in(page, acme, "ADA@Acme.Example")


def test_address_and_password_together_sign_in(page, acme):
    """As a password manager may send them: through the same form, with the token of the page."""
    page.goto(f"{acme}/login")
    page.get_by_label("Email address").fill("bob@acme.example")
    page.evaluate(
        """password => {
            const field = Object.assign(document.createElement("input"), {name: "password", value: password});
            document.querySelector("form").append(field);
        }""",
        PASSWORD,
    )
    submit(page)

    expect_account(page, acme)


def test_signing_in_leads_to_the_page_that_was_asked_for(page_either_way, acme):
    page = page_either_way
    page.goto(f"{acme}/account/sessions")
    expect(page).to_have_url(f"{acme}/login")
    page.get_by_label("Email address").fill("ada@acme.example")
    submit(page)
    give_password(page, "wrong wrong wrong")
    give_password(page)

    expect(page).to_have_url(f"{acme}/account/sessions")


def test_whoever_is_signed_in_is_sent_from_the_door_to_the_account(page, acme, people):
    people.enter(page, acme, "ada@acme.example")
    for path in ("/", "/login", "/login/password", "/login/verify", "/register"):
        page.goto(f"{acme}{path}")
        expect_account(page, acme)


def test_a_step_that_is_not_owed_leads_to_the_one_that_is(page, acme):
    for path in ("/login/password", "/login/verify"):
        page.goto(f"{acme}{path}")
        expect(page).to_have_url(f"{acme}/login")


def test_every_account_page_asks_for_a_sign_in(page, acme):
    for path in ("/account", "/account/profile", "/account/sessions"):
        page.goto(f"{acme}{path}")
        expect(page).to_have_url(f"{acme}/login")


def test_keep_me_signed_in_outlives_the_browser_and_nothing_else_does(visit, acme):
    for wanted in (True, False):
        page = visit()
        give_address(page, acme, "bob@acme.example")
        page.get_by_label("Keep me signed in").set_checked(wanted)
        give_password(page)
        expect_account(page, acme)
        session = next(c for c in page.context.cookies() if c["name"] == "portico_session")
        assert (session["expires"] > 0) is wanted
        assert session["httpOnly"]
        assert session["sameSite"] == "Lax"
