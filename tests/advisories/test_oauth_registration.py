"""Addresses that applications register: no scheme that browsers run, in any letters (ASVS 1.2.2, 1.3.6, 10.4.1)."""

import pytest

NEW = {"name": "Notes", "type": "web", "redirect_uris": ["https://notes.example/cb"]}
EVIL = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "\tjavascript:alert(1)",
    " data:text/html,x",
    "DATA:text/html,x",
    "vbscript:x",
    "https://a@b@evil.example/",
    "https://rp.ok@@evil.example/",
    "https://notes.example/*",
    "https://*.example/cb",
    "https://notes.example/cb/../x",
    "https://notes.example/cb%0d%0aX",
    "//evil.example",
    "https://[::1]evil.example/cb",
    "https://evil[v1.example]/cb",
    "https://[fe80::1%25eth0]/cb",
    "https://[v1.evil]/cb",
)
LISTS = ("redirect_uris", "post_logout_redirect_uris", "resources", "serves")
SINGLE = ("home_uri", "policy_uri", "terms_uri", "backchannel_logout_uri")


@pytest.fixture
def register(call, cast):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    return lambda **more: client.post("/applications", {**NEW, **more}, token=token)


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_keycloak_no_address_of_an_application_runs_or_misleads(register, evil):
    """CVE-2026-9086, CVE-2026-7504, CVE-2024-1132, CVE-2024-21637."""
    for field in ("redirect_uris", "post_logout_redirect_uris", *SINGLE):
        refused = register(**{field: [evil] if field in LISTS else evil})
        assert refused.status_code == 422, field
        assert evil.strip() not in refused.text
    if not evil.strip().lower().startswith("https:"):
        for field in ("resources", "serves"):
            assert register(**{field: [evil]}).status_code == 422, field


@pytest.mark.parametrize(
    "inside",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://0177.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "gopher://notes.example/",
    ],
)
def test_authentik_what_we_call_does_not_lead_inside(register, inside):
    """By its spelling; the guard of outbound calls looks at what it stands for, each time."""
    assert register(backchannel_logout_uri=inside).status_code == 422


def test_fosite_addresses_are_kept_to_the_letter(register):
    """CVE-2020-15234: nothing is folded, so nothing can be compared otherwise than it was typed."""
    typed = ["https://Notes.example/CB", "https://notes.example/cb?b=2&a=1", "https://notes.example:443/cb"]
    assert register(redirect_uris=typed).json["redirect_uris"] == typed
