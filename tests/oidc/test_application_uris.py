"""Which addresses an application may register (ASVS 1.2.2, 10.4.1; security.md, class A)."""

import ipaddress

import pytest

from app.oidc import uris

EVERYWHERE = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "  javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>",
    "DATA:text/html;base64,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "about:blank",
    "",
    "/callback",
    "//app.example/cb",
    "app.example/cb",
    "https:app.example/cb",
    "https:///cb",
    "https://",
    "https://app.example/cb#",
    "https://app.example/cb#token",
    "https://*.app.example/cb",
    "https://app.example/*",
    "https://app.example.*/cb",
    "https://user@app.example/cb",
    "https://user:word@app.example/cb",
    "https://app.example@evil.example/cb",
    "https://a@b@evil.example",
    "https://rp.ok@@evil.example/",
    "https://app.example\\@evil.example/cb",
    "https://app.example/\\evil",
    "https://app.example/cb\r\nSet-Cookie: x",
    "https://app.example/cb\x00",
    "https://app.example/c b",
    "https://app.example/<b>",
    'https://app.example/"',
    "https://app.example/cb%0d%0aX",
    "https://app.example/cb%00",
    "https://app.example/cb?x=%0a",
    "https://app.example/a/../cb",
    "https://app.example/a/%2e%2e/cb",
    "https://app.example/a/%252e%252e/cb",
    "https://app.example/./cb",
    "https://app.example//cb",
    "https://app.example/a%2fcb",
    "https://app.example/a%5ccb",
    "https://app.example/%zz",
    "https://app.example:0/cb",
    "https://app.example:99999/cb",
    "https://app.example:/cb",
    "https://app.example:8x/cb",
    "https://[::1/cb",
    "https://[v1.x]/cb",
    "https://app..example/cb",
    "https://-app.example/cb",
    "https://app.ex%61mple/cb",
    "https://äpp.example/cb",
    "https://2130706433/cb",
    "https://0x7f.1/cb",
    "https://127.1/cb",
    "https://0177.0.0.1/cb",
    "http://app.example/cb",
    "HTTP://app.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://localhost.evil.example/cb",
    "http://evillocalhost/cb",
    "http://10.0.0.1/cb",
    "http://0.0.0.0/cb",
    "http://[::]/cb",
    "ftp://app.example/cb",
    "https://app.example/" + "x" * 2000,
]
GOOD = [
    "https://app.example/cb",
    "https://app.example",
    "https://app.example/",
    "HTTPS://app.example/CB",
    "https://app.example:8443/cb?tenant=acme&x=%20y",
    "https://app.example/cb;v=1",
    "https://xn--pp-wia.example/cb",
    "https://192.0.2.7/cb",
    "https://[2001:db8::7]/cb",
    "http://localhost/cb",
    "http://localhost:3000/cb",
    "http://app.localhost:3000/cb",
    "http://127.0.0.1:8080/cb",
    "http://[::1]:8080/cb",
]
OWN_SCHEMES = ["com.example.app:/cb", "com.example.app://cb", "COM.example.app:/cb?x=1"]


@pytest.mark.parametrize("native", [False, True], ids=["web", "native"])
@pytest.mark.parametrize("uri", EVERYWHERE, ids=repr)
def test_nobody_is_sent_back_there(uri, native):
    with pytest.raises(uris.Unfit):
        uris.redirect(uri, native=native)


@pytest.mark.parametrize("native", [False, True], ids=["web", "native"])
@pytest.mark.parametrize("uri", GOOD)
def test_people_may_be_sent_back_there(uri, native):
    uris.redirect(uri, native=native)


@pytest.mark.parametrize("uri", OWN_SCHEMES)
def test_a_scheme_of_its_own_is_for_native_applications(uri):
    uris.redirect(uri, native=True)
    with pytest.raises(uris.Unfit):
        uris.redirect(uri, native=False)


@pytest.mark.parametrize("uri", ["myapp:/cb", "myapp://cb", "com.example.app:", "com.example.app:/", "ms-appx.x:#x"])
def test_a_scheme_without_a_dot_or_with_nothing_behind_it_is_nobodys(uri):
    """RFC 8252, section 7.1."""
    with pytest.raises(uris.Unfit):
        uris.redirect(uri, native=True)


@pytest.mark.parametrize("uri", [*EVERYWHERE[:10], "http://localhost/", "http://app.example", "com.example.app:/x"])
def test_pages_are_https_alone(uri):
    """CVE-2026-9086, in any letter case."""
    with pytest.raises(uris.Unfit):
        uris.page(uri)


def test_a_page_may_be_any_of_https():
    for uri in ("https://app.example/terms#three", "HTTPS://app.example/Terms"):
        uris.page(uri)


@pytest.mark.parametrize(
    ("networks", "device", "good", "bad"),
    [
        ([], False, [], ["http://localhost/x", "http://10.1.2.3/x", "http://app/x"]),
        ([], True, ["http://localhost:8080/x", "http://127.0.0.1/x"], ["http://10.1.2.3/x", "http://app/x"]),
        (["10.1.0.0/16"], False, ["http://10.1.2.3/x", "http://app:80/x"], ["http://10.2.2.3/x", "http://localhost/x"]),
    ],
)
def test_http_callbacks_go_where_the_installation_lets_them(networks, device, good, bad):
    plain = uris.plain_to([ipaddress.ip_network(one) for one in networks], this_device=device)
    for uri in (*good, "https://app.example/x"):
        uris.callback(uri, plain=plain)
    for uri in (*bad, "https://app.example/x#y", "javascript:x", "com.example.app:/x"):
        with pytest.raises(uris.Unfit):
            uris.callback(uri, plain=plain)


@pytest.mark.parametrize("uri", ["https://api.example/", "https://api.example/v1?x=y", "urn:acme:invoices"])
def test_a_resource_is_absolute(uri):
    uris.resource(uri)


@pytest.mark.parametrize(
    "uri", ["api", "/api", "https://api.example/#x", "urn:", "javascript:x", "https:///x", "a b:c"]
)
def test_what_is_no_resource(uri):
    """RFC 8707, section 2."""
    with pytest.raises(uris.Unfit):
        uris.resource(uri)
