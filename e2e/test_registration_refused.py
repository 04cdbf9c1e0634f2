"""What the registration form says no to, and how it says it."""

from playwright.sync_api import expect

from e2e.journeys import PASSWORD, expect_field_error, make_account, open_registration, register, sign_in, submit


def test_an_empty_form_names_every_missing_field(page_either_way, acme):
    page = page_either_way
    open_registration(page, acme)
    submit(page)

    expect(page).to_have_title("Error: Create an account - Acme")
    expect_field_error(page, "email", "address")
    expect_field_error(page, "password", "characters")
    expect(page.locator("#error-summary")).to_be_focused()


def test_a_bad_address_is_refused_at_its_field_and_kept(page_either_way, acme):
    page = page_either_way
    open_registration(page, acme)
    page.get_by_label("Name").fill("Eve Adams")
    for typed in ("eve", "eve@", "@acme.example", "eve adams@acme.example", "eve@acme", "<b>@x.example"):
        page.locator("#email").fill(typed)
        page.locator("#password").fill(PASSWORD)
        submit(page)

        expect_field_error(page, "email", "address")
        expect(page.locator("#email")).to_be_focused()
        expect(page.locator("#email")).to_have_value(typed)
        expect(page.get_by_label("Name")).to_have_value("Eve Adams")
        expect(page.locator("#password")).to_have_value("")


def test_a_weak_password_is_refused_with_advice_and_the_rest_is_kept(page_either_way, acme, fresh):
    page, email = page_either_way, fresh()
    open_registration(page, acme)
    page.get_by_label("Name").fill("Eve Adams")
    page.locator("#email").fill(email)
    for weak in ("short", "password1234", "aaaaaaaaaaaa", "acmeacmeacme", "x" * 129):
        page.locator("#password").fill(weak)
        submit(page)

        expect(page.locator("#password")).to_have_value("")
        expect_field_error(page, "password", "")
        assert len(page.locator("#password-error").inner_text()) > len("Error: no")
        expect(page.locator("#email")).to_have_value(email)
        expect(page.get_by_label("Name")).to_have_value("Eve Adams")

    page.locator("#password").fill(PASSWORD)
    submit(page)
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def test_a_password_made_of_ones_own_name_is_refused(page, acme, fresh):
    register(page, acme, fresh("bartholomew"), password="bartholomew.quill", name="Bartholomew Quill")

    expect_field_error(page, "password", "")


def test_a_name_full_of_markup_is_shown_as_it_was_typed(page, acme, fresh, mailbox):
    email, name = fresh(), '<script>alert(1)</script> "&amp;{{ 7 * 7 }}'
    register(page, acme, email, name=name, password="short")
    expect(page.get_by_label("Name")).to_have_value(name)

    make_account(page, acme, email, mailbox, name=name)
    assert "<script>" not in mailbox.newest(email)["html"]
    sign_in(page, acme, email)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Hello, {name}")


def test_a_password_of_128_signs_in_any_script_is_fine(page, acme, fresh):
    register(page, acme, fresh(), password="пароль🙂 ñ " + "x7k " * 29 + "q")

    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def test_a_password_can_be_shown_while_it_is_typed(page, acme):
    open_registration(page, acme)
    password = page.locator("#password")
    password.fill("what I typed")
    page.get_by_role("button", name="Show password").click()

    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value("what I typed")
    expect(page.get_by_text("Your password is visible.")).to_be_attached()
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "password")


def test_without_javascript_no_button_promises_what_it_cannot_do(visit, acme):
    page = visit(javascript=False)
    open_registration(page, acme)

    expect(page.get_by_role("button")).to_have_count(1)
