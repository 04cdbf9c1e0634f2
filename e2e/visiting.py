"""Browsers that people sit at: contexts that end with their test, and watch what the console says meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from e2e.live import ROOT

_PATIENCE_MS = 15_000
_USUAL = ("Failed to load resource", "Failed to fetch")


@dataclass
class Visits:
    """Opens browsers; each call is another person's, or another device."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    saw_us_fail: bool = False
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, *, javascript: bool = True, **options) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        options.setdefault("reduced_motion", "reduce")
        context = self.browser.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(_PATIENCE_MS)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("console", self._hear)
        context.on("response", self._see)
        self._contexts.append(context)
        return context.new_page()

    @contextmanager
    def for_a_while(self) -> Iterator[Page]:
        yield self()
        self.close()

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium says the first of every 4xx, and _see knows which of those are wrong; htmx the second when offline.
        if message.type == "error" and not any(words in message.text for words in _USUAL):
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _see(self, response: Response) -> None:
        asset = "/static/" in response.url or "/_theme/" in response.url
        self.saw_us_fail |= response.status >= 500
        if response.status >= 500 or (asset and response.status >= 400):
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page where PORTICO_SCREENS asks for it: 1, or a folder."""
    if not (wanted := os.environ.get("PORTICO_SCREENS")):
        return
    folder = ROOT / "test-results" / "screens" if wanted == "1" else Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name.replace(' ', '-')}.png", full_page=True)
