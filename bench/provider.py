"""An OpenID provider that is measured, ours or the peer: where it is, and people who sign in there."""

import base64
import hashlib
import http.client
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.load import AGENT

REDIRECT_URI = "https://notes.bench.example/callback"
RESOURCE = "https://invoices.bench.example"
RESOURCE_SCOPE = "invoices:read"
_VERIFIER = secrets.token_urlsafe(32)
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_MOST_HOPS = 8
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An application: who it is, and what it proves that with (RFC 6749, section 2.3.1)."""

    client_id: str
    secret: str

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """``endpoints``: paths, by their names in its metadata. ``offline``: what a refresh token is asked for with."""

    port: int
    host: str
    endpoints: Mapping[str, str]
    web: App
    machine: App
    offline: Mapping[str, str] = field(default_factory=dict)

    def asking(self, *, scope: str, **more: str) -> str:
        """Where an application sends somebody."""
        said = {
            "client_id": self.web.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": "8tbYL1RkTT",
            "nonce": "qY7dfR0LxW",
            "code_challenge": _CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.endpoints['authorization_endpoint']}?{urlencode(said | more)}"

    def redeem(self, code: str, **more: str) -> dict[str, Any]:
        """The tokens for a code."""
        said = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, **more}
        answer = Visitor(self).post(
            self.endpoints["token_endpoint"],
            said | {"code_verifier": _VERIFIER},
            {"Authorization": self.web.basic},
        )
        tokens: dict[str, Any] = json.loads(answer.body)
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"no tokens for a code: {answer.status} {answer.body[:300]!r}")
        return tokens


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: bytes


class Visitor:
    """A browser of the simplest kind: it keeps cookies, and goes where it is sent."""

    def __init__(self, provider: Provider, *, cookies: Mapping[str, str] | None = None) -> None:
        self.cookies = dict(cookies or {})
        self._provider = provider

    def sign_in(self, address: str) -> str:
        """The code that the application is sent. Raises ``RuntimeError`` where it is sent none."""
        for _ in range(_MOST_HOPS):
            answer = self._ask("GET", address)
            if answer.location.startswith(REDIRECT_URI):
                codes = parse_qs(urlsplit(answer.location).query).get("code")
                if codes:
                    return codes[0]
            where = urlsplit(answer.location)
            if not where.path or answer.location.startswith(REDIRECT_URI):
                raise RuntimeError(f"no code: {answer.status} {answer.location} {answer.body[:300]!r}")
            address = f"{where.path}?{where.query}" if where.query else where.path
        raise RuntimeError(f"no code, but sent on and on, to {address}")

    def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(form), {"Content-Type": _FORM, **headers})

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._provider.port, timeout=30)
        sent = {"Host": self._provider.host, "User-Agent": AGENT, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = self.cookie
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            for line in response.headers.get_all("Set-Cookie") or []:
                self._keep(line)
            return Answer(response.status, response.headers.get("Location", ""), response.read())
        finally:
            connection.close()

    def _keep(self, line: str) -> None:
        name, _, value = line.split(";", 1)[0].partition("=")
        if value:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)


def endpoints(port: int, host: str) -> dict[str, str]:
    """What it says of itself (OpenID Connect Discovery, section 4): the paths of its endpoints, by name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/.well-known/openid-configuration", headers={"Host": host})
        response = connection.getresponse()
        said = json.loads(response.read())
    finally:
        connection.close()
    named = {name: value for name, value in said.items() if name.endswith(("_endpoint", "_uri"))}
    return {name: urlsplit(value).path for name, value in named.items() if isinstance(value, str)}
