"""Open redirects (security.md, 4 A): nobody is sent to an address that is not registered, character by character."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of

WEB, LOOPBACK, NATIVE = "https://rp.ok.example/cb", "http://127.0.0.1/cb", "com.example.notes:/cb"

# What was sent for the address that stands beside it, and where that led somebody astray.
REDIRECTS = [
    ("CVE-2026-7504", WEB, "https://rp.ok.example@@evil.example/cb"),
    ("CVE-2026-7504", WEB, "https://a@b@evil.example/cb"),
    ("CVE-2026-7504", WEB, "https://rp.ok.example@evil.example/cb"),
    ("CVE-2026-7504", WEB, "https://user:pass@rp.ok.example/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1.evil.example/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1@evil.example/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:80@evil.example/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.2/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://localhost/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://[::1]/cb"),
    ("CVE-2024-8883", LOOPBACK, "https://127.0.0.1/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:8080/other"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:99999/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:0/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.0.0.1:8o80/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://127.1/cb"),
    ("CVE-2024-8883", LOOPBACK, "http://2130706433/cb"),
    ("CVE-2024-1132", WEB, f"{WEB}/../x"),
    ("CVE-2024-1132", WEB, f"{WEB}/%2e%2e/x"),
    ("CVE-2024-1132", WEB, f"{WEB}/%252e%252e/x"),
    ("CVE-2023-6927", WEB, f"{WEB}%0d%0aLocation:https://evil.example"),
    ("CVE-2023-6927", WEB, f"{WEB}\r\nLocation: https://evil.example"),
    ("CVE-2023-6134", WEB, f"{WEB}#fragment"),
    ("CVE-2023-6134", WEB, f"{WEB};x"),
    ("CVE-2023-6291", WEB, "https://*.ok.example/cb"),
    ("CVE-2023-6291", WEB, "https://x.rp.ok.example/cb"),
    ("CVE-2020-15234", WEB, "https://rp.ok.example/CB"),
    ("CVE-2020-15234", WEB, "HTTPS://RP.OK.EXAMPLE/cb"),
    ("CVE-2020-15233", LOOPBACK, "http://127.0.0.1/cb?x=1"),
    ("CVE-2020-15233", LOOPBACK, "http://127.0.0.1:8080/cb?x=1"),
    ("CVE-2020-15233", WEB, f"{WEB}?x=1"),
    ("CVE-2024-52289", WEB, "https://rpXok.example/cb"),
    ("CVE-2024-52289", WEB, "https://rp.okXexample/cb"),
    ("CVE-2026-41569", WEB, "https://rp.ok.example.evil.example/cb"),
    ("CVE-2026-41569", WEB, f"{WEB}evil"),
    ("CVE-2026-41569", WEB, f"{WEB}/"),
    ("CVE-2026-9086", NATIVE, "JavaScript:alert(1)"),
    ("CVE-2026-9086", NATIVE, " javascript:alert(1)"),
    ("CVE-2026-9086", WEB, "DATA:text/html,x"),
    ("CVE-2026-9086", NATIVE, "COM.example.notes:/cb"),
    ("CVE-2026-9086", NATIVE, "com.example.notes://evil/cb"),
    ("CVE-2024-56734", WEB, "//rp.ok.example/cb"),
    ("CVE-2024-56734", WEB, "/cb"),
    ("CVE-2024-56734", WEB, "rp.ok.example/cb"),
    ("CVE-2021-32618", WEB, "https:/\\rp.ok.example/cb"),
    ("CVE-2021-32618", WEB, "https://rp.ok.example\\@evil.example/cb"),
    ("CVE-2021-32618", WEB, "/\\evil.example"),
    ("CVE-2021-32618", WEB, "https:evil.example"),
    ("CVE-2021-32618", WEB, "\thttps://rp.ok.example/cb"),
    ("CVE-2021-32618", WEB, "https://rp.ok.example/cb "),
    ("CVE-2021-32618", WEB, "https://rp.ok.example/cb\x00"),
    ("CVE-2021-32618", WEB, "https://rp.ok.example:443/cb"),
    ("CVE-2021-32618", WEB, "http://rp.ok.example/cb"),
    ("GHSA-86j7-9j95-vpqj", WEB, "https://evil.example/cb"),
    ("CVE-2026-5467", WEB, "https://evil.example"),
    ("CVE-2026-5467", WEB, ""),
]
TYPES = {WEB: "web", LOOPBACK: "native", NATIVE: "native"}


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def register(services, cast):
    def register(uri):
        made = an_application(services, cast.acme, type=TYPES[uri], redirect_uris=(uri,), first_party=True)
        return RelyingApp(made)

    return register


def refused_in_place(page):
    """An error page for the person, that leads nobody anywhere."""
    assert page.status_code == 400
    assert page.location is None
    assert back_of(page) is None
    assert "http-equiv" not in page.text
    assert "evil.example" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    return page


@pytest.mark.parametrize("mode", [None, "form_post"])
@pytest.mark.parametrize(("advisory", "registered", "sent"), REDIRECTS)
def test_nobody_is_sent_to_what_is_not_registered(register, bobs, advisory, registered, sent, mode):
    app = register(registered)
    refused_in_place(app.ask(bobs, redirect_uri=sent, response_mode=mode))


@pytest.mark.parametrize(
    "fault", [{"scope": "nonsense"}, {"prompt": "none"}, {"request": "x"}, {"response_type": "token"}]
)
def test_no_other_fault_makes_an_address_good(register, bobs, fault):
    """CVE-2026-5467: errors are redirects too."""
    refused_in_place(register(WEB).ask(bobs, redirect_uri="https://evil.example/cb", **fault))


def test_an_address_of_another_client_is_none_of_this_one(register, services, cast, bobs):
    an_application(services, cast.acme, name="Other", redirect_uris=("https://other.example/cb",))
    refused_in_place(register(WEB).ask(bobs, redirect_uri="https://other.example/cb"))


def test_an_unknown_client_leads_nowhere_whatever_it_names(register, bobs, services, cast):
    app = register(WEB)
    globex = an_application(services, cast.globex, name="Theirs")
    for client_id in (
        "",
        "x",
        "0190a5c8-0000-7000-8000-000000000000",
        app.application.client_id.upper(),
        globex.client_id,
    ):
        refused_in_place(app.ask(bobs, client_id=client_id))


def test_nothing_may_be_left_out(register, bobs):
    app = register(WEB)
    refused_in_place(app.ask(bobs, redirect_uri=None))
    refused_in_place(app.ask(bobs, client_id=None))


@pytest.mark.parametrize("port", ["", ":1", ":8080", ":65535"])
def test_only_the_port_of_a_native_apps_own_device_is_open(register, bobs, port):
    """RFC 8252, section 7.3."""
    app = register(LOOPBACK)
    uri = f"http://127.0.0.1{port}/cb"
    assert back_of(app.ask(bobs, redirect_uri=uri)).address == uri


def test_a_web_applications_loopback_address_has_its_port(services, cast, bobs):
    uri = "http://127.0.0.1:8080/cb"
    app = RelyingApp(an_application(services, cast.acme, redirect_uris=(uri,), first_party=True))
    assert back_of(app.ask(bobs)).address == uri
    refused_in_place(app.ask(bobs, redirect_uri="http://127.0.0.1:8081/cb"))


def test_by_post_it_is_the_same(register, bobs):
    app = register(WEB)
    sent = app.parameters(redirect_uri="https://evil.example/cb")
    refused_in_place(bobs.post("/oauth2/authorize", sent, csrf=False))
