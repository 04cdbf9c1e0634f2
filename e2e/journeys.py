"""What people do, in their words, for tests to tell stories with."""

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct horse battery staple"
ANOTHER = "violet tractor under seven moons"


def press(page: Page, button: Locator) -> None:
    """Press a button that leads to another page, and wait until that page is there."""
    with page.expect_navigation():
        button.click()


def submit(page: Page) -> None:
    press(page, page.locator("#submit"))


def open_registration(page: Page, origin: str) -> None:
    page.goto(f"{origin}/register")


def register(page: Page, origin: str, email: str, *, password: str = PASSWORD, name: str = "Eve Adams") -> None:
    """Fill in the form and send it; whether it was liked is the caller's question."""
    open_registration(page, origin)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email address").fill(email)
    page.locator("#password").fill(password)
    submit(page)


def confirm(page: Page, link: str) -> None:
    """Follow the mailed link in the browser that registered, and press the button."""
    page.goto(link)
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()


def give_address(page: Page, origin: str, email: str) -> None:
    page.goto(f"{origin}/login")
    page.get_by_label("Email address").fill(email)
    press(page, page.get_by_role("button", name="Continue"))
    expect(page.get_by_role("heading", name="Enter your password")).to_be_visible()


def give_password(page: Page, password: str = PASSWORD) -> None:
    page.locator("#password").fill(password)
    press(page, page.get_by_role("button", name="Sign in"))


def give_code(page: Page, code: str) -> None:
    """Six digits send themselves where the page says so and its scripts run; else the Enter key sends what is typed."""
    page.wait_for_load_state()
    field = page.locator("#code")
    itself = field.evaluate("field => 'otp' in field.dataset && matchMedia('(scripting: enabled)').matches")
    with page.expect_navigation():
        field.fill(code)
        if not itself:
            field.press("Enter")


def sign_in(page: Page, origin: str, email: str, *, password: str = PASSWORD) -> None:
    """Identifier first, then the password, then the account."""
    give_address(page, origin, email)
    give_password(page, password)
    expect_account(page, origin)


def expect_account(page: Page, origin: str) -> None:
    expect(page).to_have_url(f"{origin}/account")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def ask_for_the_mail_again(page: Page) -> None:
    """Once the countdown is over: ``page.clock.install()`` comes before the page. Without scripts it never runs."""
    expect(page.get_by_text("You can ask for another one in")).to_be_visible()
    page.clock.fast_forward("00:31")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("status").filter(has_text="We have sent the message again.")).to_be_visible()


def make_account(page: Page, origin: str, email: str, mailbox, *, name: str = "Eve Adams") -> None:
    """Register and confirm; signed out at the end."""
    register(page, origin, email, name=name)
    expect(page).to_have_url(f"{origin}/login/verify")
    confirm(page, mailbox.link(email))


def cookie(page: Page, name: str) -> dict | None:
    return next((found for found in page.context.cookies() if found["name"] == name), None)


def expect_field_error(page: Page, name: str, sentence: str) -> None:
    """The error stands at its field, in words that a screen reader finds from there."""
    field = page.locator(f"#{name}")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert f"{name}-error" in field.get_attribute("aria-describedby").split()
    expect(page.locator(f"#{name}-error")).to_contain_text(sentence)


def ask_for_a_link(page: Page, origin: str, email: str) -> None:
    """Sign in by mail instead of by password: up to the page that waits."""
    give_address(page, origin, email)
    page.locator("#magic-link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def forget_password(page: Page, origin: str, email: str) -> None:
    give_address(page, origin, email)
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_label("Email address")).to_have_value(email)
    submit(page)
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def expect_signed_out(page: Page, origin: str) -> None:
    page.goto(f"{origin}/account")
    expect(page).to_have_url(f"{origin}/login")
