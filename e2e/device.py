"""What holds passkeys: Chromium's own virtual device."""

from playwright.sync_api import Page, Route, expect

from e2e.journeys import expect_account, press

SIGN_IN = "Sign in with a passkey"
_OPTIONS = "**/login/passkey-options"


class Device:
    """A page's own, as long as the page is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
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

    def touched(self, yes: bool = True) -> None:
        """Its owner is there, or not."""
        self.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": yes})

    def waits_for_the_next_page(self) -> None:
        """Its owner is there for what comes, and the page of now, which may be asking too, is gone."""
        self.page.goto("about:blank")
        self.touched()

    def forgets_all(self) -> None:
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def looks_away(self) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})

    def answers(self, button: str) -> None:
        """Press the button that asks it, and its owner says yes."""
        self.touched()
        press(self.page, self.page.get_by_role("button", name=button))
        self.touched(False)

    def makes_one(self, origin: str) -> None:
        """A passkey for whoever is signed in."""
        self.page.goto(f"{origin}/account/passkeys")
        self.answers("Create a passkey")
        expect(self.page.get_by_text("is saved")).to_be_visible()

    def signs_in(self, origin: str) -> None:
        """By the button, in the place of the question that the page asks by itself.

        Its owner comes between the two questions: a virtual device answers only what it hears after that.
        """
        with self.page.expect_response(_OPTIONS):
            self.page.goto(f"{origin}/login")

        def touch(route: Route) -> None:
            self.touched()
            route.continue_()

        self.page.route(_OPTIONS, touch)
        self.page.get_by_role("button", name=SIGN_IN).click()
        expect_account(self.page, origin)
        self.page.unroute(_OPTIONS)
        self.touched(False)
