"""Class D: fixation, logout that ends, and cookies that are no session."""

import pytest


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


def is_in(browser):
    return browser.get("/account").status_code == 200


@pytest.mark.parametrize("planted", ["fixed", "x" * 43, "a valid one of Mallory's"])
def test_cve_2026_7507_a_planted_session_is_worth_nothing_after_the_sign_in(cast, browse, browser, planted):
    """The id is new at every sign-in; whoever planted the old one holds nothing."""
    if planted == "a valid one of Mallory's":
        attacker = browse(cast.acme)
        attacker.sign_in(cast.bob)
        planted = attacker.cookie("portico_session")
    browser.plant("portico_session", planted)
    browser.sign_in(cast.ada)
    assert browser.cookie("portico_session") != planted
    thief = browse(cast.acme)
    thief.plant("portico_session", planted)
    assert not is_in(thief)
    assert is_in(browser)


def test_asvs_7_2_4_signing_in_again_ends_the_session_before(cast, browse, browser, services):
    browser.sign_in(cast.ada)
    first = browser.cookie("portico_session")
    csrf = browser.csrf()
    browser.open("POST", "/login", data={"csrf_token": csrf, "email": cast.bob.email, "password": cast.bob.password})
    assert browser.cookie("portico_session") != first
    old = browse(cast.acme)
    old.plant("portico_session", first)
    assert not is_in(old)


def test_a_pending_sign_in_of_an_attacker_gains_them_nothing(cast, browse, browser):
    attacker = browse(cast.acme)
    attacker.post("/login", {"email": cast.ada.email})
    pending = attacker.cookie("portico_pending")
    browser.plant("portico_pending", pending)
    browser.post("/login/password", {"password": cast.ada.password})
    assert is_in(browser)
    assert not is_in(attacker)
    attacker.plant("portico_session", pending)
    assert not is_in(attacker)


@pytest.mark.parametrize(
    "name", ["portico_pending", "portico_device", "portico_challenge", "portico_link", "portico_csrf"]
)
def test_cve_2023_48309_no_other_cookie_is_a_session(cast, browse, browser, letters, name):
    browser.post("/register", {"email": "zoe@acme.example", "password": "three uncommon gherkins"})
    browser.get(f"/verify-email?token={letters.token_to('zoe@acme.example')}")
    held = {n: browser.cookie(n) for n in ("portico_pending", "portico_challenge", "portico_link", "portico_csrf")}
    browser.sign_in(cast.ada)
    held["portico_device"] = browser.cookie("portico_device")
    other = browse(cast.acme)
    other.plant("portico_session", held[name])
    assert not is_in(other)


def test_asvs_7_4_1_after_logout_cookie_and_copy_are_dead(cast, browse, browser):
    browser.sign_in(cast.ada)
    copied = browser.cookie("portico_session")
    browser.post("/logout")
    assert not is_in(browser)
    thief = browse(cast.acme)
    thief.plant("portico_session", copied)
    assert not is_in(thief)
    assert browser.post("/logout").location == "/login"


def test_cve_2025_12390_after_logout_the_next_person_gets_nothing_of_the_first(cast, browser):
    browser.sign_in(cast.ada)
    browser.post("/logout")
    browser.sign_in(cast.bob)
    assert cast.ada.email not in browser.get("/account").text
    assert cast.bob.email in browser.get("/account").text


def test_asvs_7_4_2_disabling_ends_every_way_at_once(cast, call, browser, services):
    client = call(cast.acme)
    tokens = client.tokens(cast.bob)
    browser.sign_in(cast.bob)
    services.users.disable(cast.acme, email=cast.bob.email)
    assert not is_in(browser)
    assert client.get("/me", token=tokens["access_token"]).status_code == 401
    assert client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 401
    said = client.post("/auth/introspect", {"token": tokens["access_token"]}, token=tokens["access_token"])
    assert said.json == {"active": False}
    services.users.enable(cast.acme, email=cast.bob.email)
    assert not is_in(browser)
    assert client.get("/me", token=tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "value",
    ["", "x", "null", "0", "../../etc/passwd", "' OR 1=1 --", "x" * 257, "x" * 60_000, "\x00" * 43, "é" * 43,
     "%00" * 20, "{}", "a" * 43, "=" * 43, "eyJhbGciOiJub25lIn0.e30."],
    ids=lambda value: repr(value[:12]),
)  # fmt: skip
@pytest.mark.parametrize("name", ["session", "pending", "device", "challenge", "link", "csrf"])
def test_cve_2026_25748_garbage_in_a_cookie_is_a_stranger(cast, browse, name, value):
    header = {"Cookie": f"portico_{name}={value}".encode().decode("latin-1")}
    for path in ("/account", "/login", "/login/password", "/verify-email", "/logout"):
        answer = browse(cast.acme).get(path, headers=header)
        assert answer.status_code in {200, 303, 410}, path
        assert path != "/account" or answer.location == "/login"


def test_cve_2026_25748_duplicate_cookies_open_nothing_that_one_does_not(cast, browse, browser):
    browser.sign_in(cast.ada)
    good, other = browser.cookie("portico_session"), browse(cast.acme)
    for pair in (("x", "y"), ("", "x"), ("x" * 300, "y")):
        header = "; ".join(f"portico_session={value}" for value in pair)
        assert other.get("/account", headers={"Cookie": header}).status_code == 303
    answer = other.get("/account", headers={"Cookie": f"portico_session={good}; portico_session=x"})
    assert answer.status_code in {200, 303}


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda v: v + "=", lambda v: v[:-1], lambda v: f'"{v} "', lambda v: v[::-1]]
)
def test_asvs_7_2_1_a_changed_cookie_is_refused(cast, browse, browser, change):
    browser.sign_in(cast.ada)
    other = browse(cast.acme)
    changed = change(browser.cookie("portico_session"))
    assert other.get("/account", headers={"Cookie": f"portico_session={changed}"}).status_code == 303


def test_cve_2021_21241_no_reading_of_the_door_gives_a_token_out(cast, browser):
    browser.sign_in(cast.ada)
    for path in ("/login", "/account", "/logout", "/account/sessions", "/"):
        answer = browser.get(path)
        assert not [word for word in ("prt_", "eyJhbGci", "access_token") if word in answer.text]
