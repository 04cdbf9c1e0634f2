"""The page on which people connect a device: the code, what is asked, yes and no, and for whom alone."""

import pytest

from app.errors import NotFound
from app.ids import uuid7
from tests.oidc.clients import an_application
from tests.oidc.device_flow import Device, allow, typed
from tests.oidc.flowing import as_shown


@pytest.fixture
def tv(services, cast, app):
    application = an_application(services, cast.acme, type="native", name="TV", redirect_uris=("com.example.tv:/cb",))
    tv = Device(app, cast.acme, application)
    tv.begin(scope="openid email")
    return tv


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def ada(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


def test_the_code_in_the_address_is_only_filled_in(tv, bob):
    code = tv.codes["user_code"]
    page = bob.get(f"/device?user_code={code.lower()}")
    assert f'value="{code}"' in page.text
    assert "Does your device show this code?" in page.text
    assert "evil" not in bob.get("/device?user_code=<script>evil()</script>").text
    assert tv.poll().json["error"] == "authorization_pending"


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(cast, browse, tv):
    browser, path = browse(cast.acme), f"/device?user_code={tv.codes['user_code']}"
    assert browser.get(path).location == "/login"
    assert browser.sign_in(cast.bob).location == path


def test_it_says_who_asks_for_what_and_from_where(cast, tv, bob):
    page = bob.get(typed(bob, tv.codes["user_code"]))
    said = ("<bdi>TV</bdi>", "See your email address", "127.0.0.1", "TV/3.1", "trick", as_shown(cast.bob.email))
    for fact in (*said, "does not belong to <bdi>Acme</bdi>"):
        assert fact in page.text, fact


@pytest.mark.parametrize("spell", [str.lower, lambda c: c.replace("-", ""), lambda c: c.replace("-", " \u2013 ")])
def test_however_it_is_typed(tv, bob, spell):
    assert typed(bob, spell(tv.codes["user_code"]))


def test_wide_letters_are_letters(tv, bob):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in tv.codes["user_code"].replace("-", ""))
    assert typed(bob, wide)


@pytest.mark.parametrize("code", ["", "BCDF", "BCDF-GHJK", "AEIO-UYAE", "BCDFGHJKL", "x" * 1000, "\x00" * 8, "ß" * 4])
def test_a_wrong_code_leads_nowhere(tv, bob, code):
    answer = bob.post("/device", {"code": code})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_a_code_is_its_who_has_typed_it_first(tv, bob, ada):
    """CVE-2026-45337 (better-auth): a device was approved by whoever knew the code."""
    path = typed(bob, tv.codes["user_code"])
    assert typed(ada, tv.codes["user_code"]) is None
    assert ada.get(path).status_code == 404
    for decision in ("allow", "deny"):
        assert ada.post(path, {"decision": decision}).status_code == 404
    assert tv.poll().json["error"] == "authorization_pending"
    assert bob.post(path, {"decision": "allow"}).location == "/device/allowed"


def test_the_same_words_for_every_code_that_does_not_work(tv, bob, ada):
    used = tv.codes["user_code"]
    allow(bob, used)
    tv.begin()
    typed(bob, tv.codes["user_code"])
    pages = [ada.post("/device", {"code": code}).text for code in (used, tv.codes["user_code"], "BCDF-GHJK")]
    assert all("That code does not work." in page for page in pages)


def test_mallory_decides_nothing_at_acme(cast, browse, tv, bob):
    mallory = browse(cast.globex)
    mallory.sign_in(cast.mallory)
    assert typed(mallory, tv.codes["user_code"]) is None
    path = typed(bob, tv.codes["user_code"])
    assert mallory.get(path).status_code == 404
    assert mallory.post(path, {"decision": "allow"}).status_code == 404


def test_it_is_decided_once(tv, bob):
    path = typed(bob, tv.codes["user_code"])
    assert bob.post(path, {"decision": "deny"}).location == "/device/denied"
    assert bob.post(path, {"decision": "allow"}).status_code == 404
    assert bob.get(path).status_code == 404
    assert tv.poll().json["error"] == "access_denied"


@pytest.mark.parametrize("decision", ["", "yes"])
def test_neither_yes_nor_no_is_no_decision(tv, bob, decision):
    assert bob.post(typed(bob, tv.codes["user_code"]), {"decision": decision}).status_code == 422
    assert tv.poll().json["error"] == "authorization_pending"


def test_nothing_is_decided_without_having_typed_the_code(tv, bob):
    """security.md, step_skip."""
    assert bob.post(f"/device/{uuid7()}", {"decision": "allow"}).status_code == 404


def test_without_the_token_of_the_page_nothing_happens(tv, bob):
    path = typed(bob, tv.codes["user_code"])
    assert bob.post(path, {"decision": "allow"}, csrf=False).status_code == 403
    assert bob.post(path, {"decision": "allow"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert bob.post("/device", {"code": tv.codes["user_code"]}, csrf=False).status_code == 403
    assert tv.poll().json["error"] == "authorization_pending"


def test_guesses_are_few(cast, browse, strict, tv):
    """RFC 8628, section 5.1: for the account, and for the client whoever they say they are."""
    browser = browse(cast.acme, on=strict)
    browser.sign_in(cast.bob)
    answers = [browser.post("/device", {"code": "BCDF-GHJK"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert browser.post("/device", {"code": tv.codes["user_code"]}).status_code == 429


def test_an_application_that_was_switched_off_meanwhile_gets_nothing(services, cast, tv, owner):
    devices, scope = services.openid.devices, cast.bob.scope(cast.bob.sign_in(tokens=False))
    grant_id = devices.claim(cast.acme, scope, tv.codes["user_code"])
    owner.execute("UPDATE applications SET disabled_at = now() WHERE id = %s", [tv.application.id])
    services.openid.clients.changed(cast.acme.id, tv.application.id)
    for attempt in (
        lambda: devices.look(cast.acme, scope, grant_id),
        lambda: devices.decide(cast.acme, scope, grant_id, allow=True),
    ):
        with pytest.raises(NotFound):
            attempt()
