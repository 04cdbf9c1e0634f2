"""Passkeys, on Chromium's own virtual device."""

import pytest
from playwright.sync_api import expect

from e2e.journeys import expect_account, expect_signed_out, make_account, press, sign_in, submit

AGAIN = "You can try again."


class Device:
    """What holds passkeys: a page's own, as long as the page is open."""

    def __init__(self, page):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable", {"enableUI": False})
        made = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
            "defaultBackupEligibility": True,
            "defaultBackupState": True,
        }
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": made})["authenticatorId"]

    def touched(self, yes=True):
        """Its owner is there, or not."""
        self.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": yes})

    def looks_away(self):
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})


@pytest.fixture
def device(page):
    return Device(page)


@pytest.fixture
def eve(page, acme, mailbox, fresh, device):
    """Somebody who has just signed in by password."""
    email = fresh()
    make_account(page, acme, email, mailbox)
    sign_in(page, acme, email)
    return email


def create(page, acme, device):
    page.goto(f"{acme}/account/passkeys")
    device.touched()
    press(page, page.get_by_role("button", name="Create a passkey"))
    device.touched(False)
    expect(page.get_by_text("is saved")).to_be_visible()


def sign_out(page):
    press(page, page.locator("#sign-out"))
    submit(page) if page.locator("#submit").is_visible() else None


def test_one_is_created_and_signs_in_by_its_button(page, acme, eve, device):
    create(page, acme, device)
    page.goto(f"{acme}/account")
    sign_out(page)
    expect_signed_out(page, acme)
    device.touched()
    press(page, page.get_by_role("button", name="Sign in with a passkey"))
    expect_account(page, acme)
    page.goto(f"{acme}/account/passkeys")
    expect(page.get_by_text("Used just now")).to_be_visible()


def test_it_is_offered_where_the_address_is_typed(page, acme, eve, device):
    create(page, acme, device)
    page.goto(f"{acme}/account")
    sign_out(page)
    device.touched()
    page.goto(f"{acme}/login")
    expect_account(page, acme)


def test_the_button_takes_the_place_of_what_is_offered(page, acme, eve, device):
    create(page, acme, device)
    page.goto(f"{acme}/account")
    sign_out(page)
    page.goto(f"{acme}/login")
    page.wait_for_load_state("networkidle")
    device.touched(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    device.touched()
    expect_account(page, acme)


def test_a_device_that_does_not_look_is_told_kindly(page, acme, eve, device):
    create(page, acme, device)
    page.goto(f"{acme}/account")
    sign_out(page)
    page.goto(f"{acme}/login")
    device.looks_away()
    device.touched()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("status").filter(has_text=AGAIN)).to_be_visible()


def test_a_device_makes_one_for_each_person(page, acme, eve, device):
    create(page, acme, device)
    page.goto(f"{acme}/account/passkeys")
    device.touched()
    page.get_by_role("button", name="Create a passkey").click()
    # Whoever has one shows it first.
    expect(page).to_have_url(f"{acme}/reauthenticate")


def test_without_scripts_there_is_no_button(visit, acme):
    page = visit(javascript=False)
    page.goto(f"{acme}/login")
    expect(page.get_by_label("Email address")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
