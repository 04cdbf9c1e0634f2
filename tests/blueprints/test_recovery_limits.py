"""How often a reset may be asked for, where it is switched off, and where password managers are sent."""

import pytest

from tests.blueprints.mails import went

FORGOT = "/forgot-password"


@pytest.mark.parametrize("email", ["bob@acme.example", "nobody@acme.example"])
def test_five_an_hour_for_each_address_known_or_not_by_page_and_api_together(strict, cast, browse, call, email):
    page, client = browse(cast.acme, on=strict), call(cast.acme, on=strict)
    for _ in range(3):
        assert page.post(FORGOT, {"email": email}).status_code == 303
    for _ in range(2):
        assert client.post("/auth/password-resets", {"email": email}).status_code == 202
    refused = page.post(FORGOT, {"email": email.upper()})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/auth/password-resets", {"email": email}).status_code == 429
    assert page.post(FORGOT, {"email": "somebody.else@acme.example"}).status_code == 303


def test_leaving_the_address_out_does_not_dodge_it(strict, cast, browse):
    page = browse(cast.acme, on=strict)
    statuses = [page.post(FORGOT, {"email": cast.bob.email} if number == 0 else {}).status_code for number in range(7)]
    assert statuses == [303] * 5 + [429] * 2


def test_a_stranger_does_not_use_up_the_owners_allowance(strict, cast, browse):
    """A known browser has one of its own."""
    owner, stranger = browse(cast.acme, on=strict), browse(cast.acme, on=strict)
    owner.sign_in(cast.bob)
    owner.post("/logout")
    for _ in range(6):
        stranger.post(FORGOT, {"email": cast.bob.email})
    assert owner.post(FORGOT, {"email": cast.bob.email}).status_code == 303


def test_fifty_an_hour_for_each_client(strict, cast, browse):
    page = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.61")
    for number in range(50):
        assert page.post(FORGOT, {"email": f"p{number}@acme.example"}).status_code == 303
    assert page.post(FORGOT, {"email": "p51@acme.example"}).status_code == 429
    other = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.62")
    assert other.post(FORGOT, {"email": "p51@acme.example"}).status_code == 303


def test_made_up_links_run_out_too(strict, cast, browse):
    page = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.63")
    fields = {"token": "made-up", "new_password": "seven quiet otters 52"}
    assert {page.post("/reset-password", fields).status_code for _ in range(100)} == {410}
    assert page.post("/reset-password", fields).status_code == 429


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [FORGOT, "/reset-password"])
def test_where_passwords_are_switched_off_there_is_nothing_to_reset(cast, browse, method, path):
    tenant = cast.found(f"{cast.acme.slug}-m", "Links only", methods=["magic_link"])
    browser = browse(tenant)
    fields = {"csrf_token": browser.csrf(), "email": "a@x.example", "token": "x", "new_password": "x"}
    answer = browser.open(method, path, **({"data": fields} if method == "POST" else {}))
    if (method, path) == ("GET", "/reset-password"):
        assert answer.status_code in {403, 410}
    else:
        assert answer.status_code == 403


def test_password_managers_are_sent_to_the_page_that_changes_it(cast, browse):
    browser = browse(cast.acme)
    answer = browser.get("/.well-known/change-password")
    assert went(answer) == (302, "/account/password")
    assert browser.get("/account/password").location == "/login"
    browser.sign_in(cast.bob)
    assert browser.get("/.well-known/change-password", follow_redirects=True).status_code == 200
    assert (
        browser.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").status_code
        == 404
    )
