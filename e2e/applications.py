"""Applications that tests sign in to: registered in acme, and reached at a listener that only says where one is."""

import os
import threading
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Page, expect

from e2e.journeys import give_password, press
from e2e.office import Office

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
_CALM = "openid profile email"


@dataclass(frozen=True)
class App:
    """One that is registered, and the address that people come back to."""

    name: str
    client_id: str
    callback: str
    origin: str

    def ask(self, **more: str) -> str:
        """The address that a sign-in begins at."""
        sent = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": _CALM,
            "state": "xyz",
            "nonce": "n",
            "code_challenge": _CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.origin}/oauth2/authorize?{urllib.parse.urlencode({**sent, **more})}"

    def sign_out(self, **more: str) -> str:
        sent = {"client_id": self.client_id, "post_logout_redirect_uri": self.callback, "state": "bye"}
        return f"{self.origin}/oauth2/logout?{urllib.parse.urlencode({**sent, **more})}"


@dataclass(frozen=True)
class Apps:
    """``notes`` and ``board`` belong to strangers, ``own`` to the house, ``box`` has no keyboard, and who goes back to
    ``still`` never gets there."""

    office: Office
    notes: App
    board: App
    own: App
    still: App
    box: App

    def device_code(self, scope: str = "openid profile") -> dict:
        form = urllib.parse.urlencode({"client_id": self.box.client_id, "scope": scope}).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "LivingRoomBox/2.1",
        }
        return self.office.send("POST", "/oauth2/device_authorization", form, headers)


@contextmanager
def registered(office: Office):
    """All of them, for as long as it takes."""
    with _listener() as there:

        def app(path: str, name: str, *, kind: str = "web", **more: object) -> App:
            callback = f"{there}/{path}"
            name = f"{name} {nth}".strip()
            body = {"name": name, "type": kind, "redirect_uris": [callback], **more}
            if kind == "web":
                body["post_logout_redirect_uris"] = [callback]
            made = office.ask("POST", "/applications", body)
            return App(name, made["client_id"], callback, office.origin)

        # Each process that tests has its own, with names of their own: "Northwind Notes", "Northwind Notes 1".
        nth = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw").lstrip("0")
        scopes = ["openid", "profile", "email", "phone", "address", "roles", "offline_access", "notes:write"]
        links = {"policy_uri": "https://notes.example/privacy", "terms_uri": "https://notes.example/terms"}
        yield Apps(
            office=office,
            notes=app("notes", "Northwind Notes", scopes=scopes, **links),
            board=app("board", "Harbour Board", scopes=scopes),
            own=app("own", "Staff Rota", first_party=True),
            still=app("still", "Stillwater", scopes=scopes),
            box=app("box", "Living Room", kind="native", grant_types=["authorization_code", DEVICE_CODE]),
        )


class _Says(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path).path
        self.send_response(204 if path in {"/still", "/favicon.ico"} else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if path not in {"/still", "/favicon.ico"}:
            self.wfile.write(f"<!doctype html><title>App</title><h1>This is {path}</h1>".encode())

    do_POST = do_GET  # noqa: N815 - its base asks for this name

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _listener():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Says) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def sign_in_to(page: Page, app: App, email: str, **more: str) -> None:
    """From the application through address and password, to whatever comes then."""
    page.goto(app.ask(**more))
    type_address(page, email)
    give_password(page)


def type_address(page: Page, email: str) -> None:
    page.get_by_label("Email address").fill(email)
    press(page, page.locator("#submit"))


def expect_arrived(page: Page, app: App) -> dict[str, str]:
    """Back at the application, with a code. What came along."""
    sent = arrived(page, app)
    assert "code" in sent, sent
    return sent


def arrived(page: Page, app: App) -> dict[str, str]:
    expect(page.get_by_role("heading", name=f"This is {urllib.parse.urlsplit(app.callback).path}")).to_be_visible()
    assert page.url.partition("?")[0] == app.callback
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))
