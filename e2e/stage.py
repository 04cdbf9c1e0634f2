"""The pages that are looked at: every one in every state that people meet has a name, and a way to get there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from e2e.applications import Apps
from e2e.people import People

STATES: dict[str, Callable[["Stage"], Page]] = {}


@dataclass(frozen=True)
class Stage:
    """What a state is reached with."""

    visit: Callable[..., Page]
    origin: str
    fresh: Callable[..., str]
    mailbox: object
    people: People
    portal: object
    strict: Callable[[], object]
    of_process: Callable[[str], object]

    @property
    def apps(self) -> Apps:
        return self.of_process("apps")

    def known(self, path: str = "") -> Page:
        """By whom the process knows: signed in already, for pages that do not depend on what they did before."""
        page = self.visit(storage_state=self.of_process("known"))
        if path:
            page.goto(path if "://" in path else f"{self.origin}{path}")
        return page

    def page_at(self, path: str) -> Page:
        page = self.visit()
        page.goto(path if "://" in path else f"{self.origin}{path}")
        return page

    def signed_in(self, path: str = "", *, name: str = "Eve Adams") -> Page:
        page = self.visit()
        self.people.arrive(page, self.origin, self.fresh(), name=name)
        if path:
            page.goto(f"{self.origin}{path}")
        return page

    def registered(self) -> tuple[Page, str]:
        """On a page that is nowhere yet."""
        page, email = self.visit(), self.fresh("a.rather.long.address.of.somebody.with.many.names")
        self.people.register(page, self.origin, email)
        return page, email


def state(function: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
    STATES[function.__name__.replace("_", " ")] = function
    return function
