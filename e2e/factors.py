"""What people do with their second factors, in their words."""

import time
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from e2e.journeys import give_address, give_code, give_password, press, submit

STEP_S = 30
FROM_YOUR_APP = "Enter the code from your authentication app"


class App:
    """An authentication app. It has two codes that are good at a time; the next ones come with ``passing.an_hour``."""

    def __init__(self, key: str) -> None:
        self._totp, self._used = pyotp.TOTP(key), 0

    @classmethod
    def shown_on(cls, page: Page) -> "App":
        return cls(page.locator("#key").inner_text().replace("\n", "").replace(" ", ""))

    def code(self) -> str:
        """One that was not used yet, and works for half a minute more: of now, or the next one."""
        self._used = max(self._now(), self._used + 1)
        assert self._used <= self._now() + 1, "Let an hour pass: both codes of now are used."
        return self._at(self._used)

    def used(self) -> str:
        """The last one again."""
        return self._at(self._used)

    def wrong(self) -> str:
        """A code that it shows neither now nor soon."""
        shown = {self._at(self._now() + step) for step in range(-5, 10)}
        return next(code for code in ("000000", *(f"{n}23456" for n in range(10))) if code not in shown)

    def forget(self) -> None:
        """What it has shown is long ago."""
        self._used = 0

    def _at(self, step: int) -> str:
        return self._totp.generate_otp(step)

    @staticmethod
    def _now() -> int:
        return int(time.time()) // STEP_S


def begin_app(page: Page, origin: str, *, name: str = "") -> App:
    page.goto(f"{origin}/account/second-factor")
    page.locator("#name").fill(name)
    press(page, page.get_by_role("button", name="Set up an app"))
    return App.shown_on(page)


def save_codes(page: Page) -> list[str]:
    """The backup codes that are shown now."""
    codes = page.locator("#codes li").all_inner_texts()
    page.get_by_label("I have saved these codes").check()
    submit(page)
    expect(page.get_by_text("Keep your backup codes")).to_be_visible()
    return codes


def set_up_app(page: Page, origin: str, *, name: str = "") -> tuple[App, list[str]]:
    """By whoever is signed in and has none: the app, and the backup codes that came with it."""
    app = begin_app(page, origin, name=name)
    give_code(page, app.code())
    expect(page.get_by_role("heading", name="Save your backup codes")).to_be_visible()
    return app, save_codes(page)


def owe_second_step(page: Page, origin: str, email: str) -> None:
    """The first step is done, by password."""
    give_address(page, origin, email)
    give_password(page)
    expect_second_step(page, origin)


def expect_second_step(page: Page, origin: str) -> None:
    expect(page).to_have_url(f"{origin}/login/second-factor")
    expect(page.get_by_role("heading", name=FROM_YOUR_APP)).to_be_visible()


def another_way(page: Page, method: str) -> None:
    way = page.locator(f"#way-{method}")
    if way.is_hidden():
        page.locator("details.ways summary").click()
    press(page, way)


def sign_out(page: Page, origin: str) -> None:
    page.goto(f"{origin}/account")
    press(page, page.locator("#sign-out"))
    if page.locator("#submit").is_visible() and page.url.endswith("/logout"):
        submit(page)


def downloaded(page: Page) -> str:
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename.endswith("_backup_codes.txt")
    return Path(download.value.path()).read_text()
