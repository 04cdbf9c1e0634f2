"""An application that sends a browser to us, and takes it back with an answer."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.cast import PASSWORD
from tests.oidc.clients import Registered

_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_ACTION = re.compile(r'<form [^>]*action="([^"]+)" data-post-now>')
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')


@dataclass
class Back:
    """What came back to the application: where to, by which way, and with what."""

    address: str
    mode: str
    parameters: dict

    @property
    def code(self):
        return self.parameters.get("code")

    @property
    def error(self):
        return self.parameters.get("error")


@dataclass
class RelyingApp:
    """One request after the other: ``state``, ``nonce`` and ``verifier`` are those of the last."""

    application: Registered
    redirect_uri: str = ""
    state: str = ""
    nonce: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __post_init__(self):
        self.redirect_uri = self.redirect_uri or self.application.client.redirect_uris[0]

    @property
    def challenge(self):
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    def parameters(self, **more):
        """A request; ``None`` leaves a parameter out."""
        self.state, self.nonce = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
        usual = {
            "client_id": self.application.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid profile email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **more}.items() if value is not None}

    def address(self, **more):
        return f"/oauth2/authorize?{urlencode(self.parameters(**more), doseq=True)}"

    def ask(self, browser, **more):
        """Send the browser; the first thing it meets."""
        return browser.get(self.address(**more))

    def sign_in(self, browser, person, *, password=PASSWORD, allow=True, **more):
        """All the way, with consent where it is asked for. Returns what comes back."""
        met = settle(browser, self.ask(browser, **more))
        if back := back_of(met):
            return back
        if "/login" in met.request.path:
            sent = {"email": person.email, "password": password, "flow": flow_in(met)}
            met = settle(browser, browser.post("/login", sent))
        if "/oauth2/consent/" in met.request.path:
            decision = {"decision": "allow" if allow else "deny", "flow": flow_in(met)}
            met = settle(browser, browser.post(met.request.path, decision))
        return back_of(met)


def flow_in(met):
    """The flow that a page or a redirect carries."""
    found = re.search(r'name="flow" value="([^"]+)"', met.text) or re.search(
        r"(?:flow=|/oauth2/(?:consent|authorize)/)([0-9a-f-]{36})", met.location or met.request.path
    )
    return found[1] if found else None


def settle(browser, met):
    """Follow redirects within the portal, until a page, or the way out."""
    for _ in range(10):
        if met.status_code not in {302, 303} or not met.location.startswith(("/", browser.origin)):
            return met
        met = browser.get(met.location.removeprefix(browser.origin))
    raise AssertionError("it goes round in circles")


def back_of(met):
    """What the browser carries back, by whichever way; ``None`` where it stays here."""
    if met.status_code == 303 and not met.location.startswith("/"):
        return _from_address(met.location)
    if found := _REFRESH.search(met.text):
        return _from_address(html.unescape(found[1]))
    if found := _ACTION.search(met.text):
        said = {html.unescape(name): html.unescape(value) for name, value in _INPUT.findall(met.text)}
        return Back(address=html.unescape(found[1]), mode="form_post", parameters=said)
    return None


def _from_address(address):
    parts = urlsplit(address)
    return Back(address=address.partition("?")[0], mode="query", parameters=dict(parse_qsl(parts.query)))
