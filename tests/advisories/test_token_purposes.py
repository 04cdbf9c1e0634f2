"""Class E: a token is for one purpose, of one account, at one tenant (CVE-2023-26481), and what is off is not there."""

import re

import pytest

from tests.blueprints.mails import is_in
from tests.cast import PASSWORD

NEW = "another set of radishes"
# What takes a token, on the pages; the purpose whose own door it is.
DOORS = {
    "/magic-link": "magic-link",
    "/magic-link/approval": "magic-link",
    "/verify-email": "verify-email",
    "/reset-password": "reset-password",
    "/secure-account": "secure-account",
    "/unlock-account": "unlock-account",
    "/allow-sign-in": "allow-sign-in",
    "/undo-email-change": "undo-email-change",
    "/keep-account": "keep-account",
    "/account/email/confirmation": "confirmation",
}
PURPOSES = sorted(set(DOORS.values()))
FIELDS = {"number": "47", "confirm": "1", "new_password": NEW, "password": PASSWORD}


@pytest.fixture
def tokens(cast, call, browse, letters):
    """One good token of each purpose, from real mails, each of somebody else: one may kill another's."""
    tenant = cast.found(f"{cast.acme.slug}-p", "Purposes", risk_weights={"script_agent": 80})
    client = call(tenant, HTTP_USER_AGENT="Mozilla/5.0 Chrome/156.0")
    people = [cast.person(tenant, f"p{number}@p.example") for number in range(7)]
    session = [client.tokens(person)["access_token"] for person in people]
    client.post("/auth/magic-links", {"email": people[0].email})
    client.post("/auth/password-resets", {"email": people[1].email})
    client.tokens(people[2])
    for _ in range(5):
        client.post("/auth/login", {"email": people[3].email, "password": "wrong"})
    browse(tenant, HTTP_USER_AGENT="curl/8").sign_in(people[4])
    client.post("/me/email-changes", {"email": "new5@p.example"}, token=session[5])
    link = _tokens(letters)["confirmation"]
    assert client.post("/me/email-changes/confirm", {"token": link}, token=session[5]).status_code == 204
    client.call("DELETE", "/me", json={"confirmation": people[6].email}, token=session[6])
    client.post("/auth/register", {"email": "new@p.example", "password": "three uncommon gherkins"})
    client.post("/me/email-changes", {"email": "new0@p.example"}, token=session[0])
    return tenant, _tokens(letters)


def _tokens(letters):
    """The newest token of each purpose."""
    texts = "\n".join(mail.text for mail in letters.deliver())
    return dict(re.findall(r"/([\w-]+)\?token=([\w-]+)", texts))


def test_a_token_of_each_purpose_is_refused_at_every_other_door(tokens, browse):
    tenant, known = tokens
    assert sorted(known) == PURPOSES, "every purpose has been mailed"
    for purpose, token in known.items():
        for door, own in DOORS.items():
            if own == purpose:
                continue
            browser = browse(tenant)
            answer = browser.post(door, {**FIELDS, "token": token})
            assert answer.status_code == 410 or answer.location == "/login", (purpose, door)
            browser.get(f"{door}?token={token}")
            assert browser.get(door).status_code in {410, 303, 405}, (purpose, door)
            assert not is_in(browser), (purpose, door)
    for purpose, token in known.items():
        if purpose != "confirmation":
            browser = browse(tenant)
            browser.get(f"/{purpose}?token={token}")
            assert browser.get(f"/{purpose}").status_code == 200, f"{purpose} was good all the time"


def test_nor_does_the_api_take_one_for_another(tokens, call):
    tenant, known = tokens
    client = call(tenant)
    for purpose, token in known.items():
        for path, own, body in (
            ("/auth/magic-links/redeem", "magic-link", {"challenge": "x" * 43}),
            ("/auth/verify-email", "verify-email", {"new_password": NEW}),
            ("/auth/password-resets/redeem", "reset-password", {"new_password": NEW}),
        ):
            if own != purpose:
                answer = client.post(path, {**body, "token": token})
                assert (answer.status_code, answer.json["code"]) == (410, "link_expired"), (purpose, path)


def test_at_another_tenant_none_of_them_is_anything(tokens, cast, browse):
    _, known = tokens
    for token in known.values():
        browser = browse(cast.globex)
        for door in DOORS:
            answer = browser.post(door, {**FIELDS, "token": token})
            assert answer.status_code == 410 or answer.location == "/login", door


@pytest.mark.parametrize("as_cookie", ["portico_session", "portico_device", "portico_pending"])
def test_a_mailed_token_is_no_cookie(tokens, browse, as_cookie):
    tenant, known = tokens
    for token in known.values():
        browser = browse(tenant)
        browser.plant(as_cookie, token)
        assert not is_in(browser)
        assert browser.post("/login/magic-link/approval").location == "/login"


@pytest.fixture
def without(cast):
    """A tenant where links are switched off, and somebody there."""
    tenant = cast.found(f"{cast.acme.slug}-off", "Without", methods=["password"])
    return cast.person(tenant, "zoe@without.example")


def test_asvs_6_3_6_switched_off_there_is_no_such_way_on_any_page_or_at_the_api(without, browse, call, letters):
    browser, client = browse(without.tenant), call(without.tenant)
    pages = [browser.get("/login"), browser.post("/login", {"email": without.email}), browser.get("/login/password")]
    assert not [page for page in pages if "magic-link" in page.text]
    assert browser.post("/login/magic-link", {"email": without.email}).status_code == 404
    for path in ("/magic-link", "/magic-link/approval"):
        assert browser.post(path, {"token": "x" * 43, "number": "47"}).status_code == 404
    browser.get("/magic-link?token=" + "x" * 43)
    assert browser.get("/magic-link").status_code == 404
    for path, body in (
        ("/auth/magic-links", {"email": without.email}),
        ("/auth/magic-links/redeem", {"challenge": "x", "token": "x"}),
        ("/auth/magic-links/redeem", {"challenge": "x", "code": "123456"}),
    ):
        answer = client.post(path, body)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert list(letters.deliver()) == []
