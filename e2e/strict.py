"""A tenant of one's own, to be strict in without disturbing those that other tests are at."""

import json
import urllib.request
from dataclasses import dataclass

from e2e.journeys import PASSWORD

OWNER = "owner@strict.example"


@dataclass
class Strict:
    """Where it is, and its owner's token."""

    portal: object
    slug: str
    origin: str = ""
    token: str = ""

    def found(self) -> "Strict":
        self.portal.cli("tenant", "create", self.slug, "--name", "Strict")
        self.origin = self.portal.base.replace("://", f"://{self.slug}.")
        self.makes(OWNER, "--role", "owner")
        self._sign_in()
        self.wants(step_up_minutes=60, access_token_minutes=60)  # for runs on slow machines
        self._sign_in()
        return self

    def makes(self, email: str, *words: str) -> None:
        self.portal.cli(
            "user", "create", "--tenant", self.slug, "--email", email, *words, "--password-stdin", say=PASSWORD
        )

    def wants(self, **settings: object) -> None:
        self._ask("PATCH", "/tenant", {"settings": settings})

    def _sign_in(self) -> None:
        said = self._ask("POST", "/auth/login", {"email": OWNER, "password": PASSWORD})
        self.token = said["access_token"]

    def _ask(self, method: str, path: str, body: object) -> dict:
        headers = {"Content-Type": "application/json", "Host": self.origin.partition("://")[2]}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        address = f"http://127.0.0.1:{self.portal.port}/api/v1{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)
