"""A tenant of one's own, to be strict in without disturbing those that other tests are at."""

from e2e.office import Office
from e2e.people import People

OWNER = "owner@strict.example"


class Strict(Office):
    """Where it is, and its owner's token."""

    def __init__(self, portal: object, people: People, slug: str) -> None:
        super().__init__(portal, people, slug, OWNER)

    def found(self) -> "Strict":
        self.people.found(self.slug, "Strict")
        self.opened()
        self.wants(step_up_minutes=60, access_token_minutes=60)  # for runs on slow machines
        self.sign_in()
        return self

    def wants(self, **settings: object) -> None:
        self.ask("PATCH", "/tenant", {"settings": settings})
