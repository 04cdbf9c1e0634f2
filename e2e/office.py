"""An owner of a tenant, who asks its API."""

import json
import urllib.request
from dataclasses import dataclass

from e2e.journeys import PASSWORD
from e2e.people import People


@dataclass
class Office:
    """Where the tenant is, and its owner's token."""

    portal: object
    people: People
    slug: str
    owner: str
    origin: str = ""
    token: str = ""

    def opened(self) -> "Office":
        self.origin = self.portal.base.replace("://", f"://{self.slug}.")
        self.people.join(self.origin, self.owner, role="owner")
        self.sign_in()
        return self

    def sign_in(self) -> None:
        self.token = self.ask("POST", "/auth/login", {"email": self.owner, "password": PASSWORD})["access_token"]

    def ask(self, method: str, path: str, body: object) -> dict:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.send(method, f"/api/v1{path}", json.dumps(body).encode(), headers)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict:
        """At 127.0.0.1: not every resolver knows *.localhost."""
        headers = {**headers, "Host": self.origin.partition("://")[2]}
        request = urllib.request.Request(f"http://127.0.0.1:{self.portal.port}{path}", body, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)
