"""A tenant of one's own, to be strict in without disturbing those that other tests are at."""

from e2e.office import Office

OWNER = "owner@strict.example"


class Strict(Office):
    """Where it is, and its owner's token."""

    def __init__(self, portal: object, slug: str) -> None:
        super().__init__(portal, slug, OWNER)

    def found(self) -> "Strict":
        self.portal.cli("tenant", "create", self.slug, "--name", "Strict")
        self.opened()
        self.wants(step_up_minutes=60, access_token_minutes=60)  # for runs on slow machines
        self.sign_in()
        return self

    def wants(self, **settings: object) -> None:
        self.ask("PATCH", "/tenant", {"settings": settings})
