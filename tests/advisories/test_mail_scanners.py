"""Class E: mail programs and scanners open links, and press buttons; no secret of the asking browser, no way in."""

import pytest

from tests.advisories.scanner import Scanner
from tests.auth.linking import another
from tests.blueprints.mails import is_in, number_on, open_link

SAFE = ("GET", "HEAD", "OPTIONS")


@pytest.fixture
def asked(cast, browse, letters):
    """(the browser that waits, the mail)."""
    browser = browse(cast.acme)
    browser.post("/login/magic-link", {"email": cast.ada.email})
    return browser, letters.to(cast.ada.email)


@pytest.fixture
def sessions(database_urls, cast):
    """How many sessions Acme has."""
    import psycopg

    def sessions():
        with psycopg.connect(database_urls[0]) as connection:
            query = "SELECT count(*) FROM sessions WHERE tenant_id = %s"
            return connection.execute(query, [cast.acme.id]).fetchone()[0]

    return sessions


def test_prefetching_uses_nothing_up_and_signs_nobody_in(asked, cast, browse, letters, sessions):
    browser, _ = asked
    token = letters.token_to(cast.ada.email)
    for visitor in (browse(cast.acme), browser):
        for method in SAFE * 5:
            for path in (f"/magic-link?token={token}", "/magic-link", "/login/magic-link", "/magic-link/approval"):
                answer = visitor.open(method, path, headers={"Sec-Purpose": "prefetch", "Purpose": "prefetch"})
                assert answer.status_code < 500
                assert "portico_session" not in str(answer.headers.getlist("Set-Cookie"))
    assert sessions() == 0
    assert browser.post("/magic-link", {"token": token}).location == "/account"


@pytest.mark.parametrize("typed", ["nothing", "a wrong number", "a number for every field"])
def test_a_scanner_that_presses_every_button_lets_nobody_in(asked, cast, browse, letters, sessions, typed):
    browser, mail = asked
    number = number_on(browser.get("/login/magic-link"))
    guesses = {"nothing": {}, "a wrong number": {"number": another(number)}}
    everything = dict.fromkeys(("number", "code", "password", "new_password", "name"), another(number))
    scanner = Scanner(browse(cast.acme), **guesses.get(typed, everything))
    scanner.scan(mail)
    scanner.open("/login")
    actions = {action for action, _ in scanner.pressed}
    assert {"/magic-link/approval", "/login", "/register"} <= actions, "it has found the buttons"
    assert sessions() == 0
    assert not is_in(scanner.browser)
    assert browser.post("/login/magic-link/approval").location == "/login/magic-link"
    assert not is_in(browser)
    token = letters.token_to(cast.ada.email)
    open_link(browser, token)
    assert browser.post("/magic-link").location == "/account", "and the owner's link is as good as before"


def test_a_scanner_at_the_api_link_lets_nobody_in(cast, call, browse, letters, sessions):
    client = call(cast.acme)
    challenge = client.post("/auth/magic-links", {"email": cast.ada.email}).json["challenge"]
    mail = letters.to(cast.ada.email)
    Scanner(browse(cast.acme), number="47").scan(mail)
    assert sessions() == 0
    body = {"challenge": challenge, "token": letters.token_to(cast.ada.email)}
    assert client.post("/auth/magic-links/redeem", body).status_code == 200


def test_a_scanner_on_every_other_mail_lets_nobody_in_either(cast, call, browse, letters, sessions):
    """Reset, verification, account exists, a new device, a locked account: whatever it presses, no session."""
    client = call(cast.acme)
    client.post("/auth/register", {"email": "zoe@acme.example", "password": "three uncommon gherkins"})
    client.post("/auth/register", {"email": cast.ada.email, "password": "three uncommon gherkins"})
    client.post("/auth/password-resets", {"email": cast.ada.email})
    for _ in range(2):
        assert client.login(cast.bob).status_code == 200
    for _ in range(5):
        client.post("/auth/login", {"email": cast.bob.email, "password": "wrong"})
    mails = list(letters.deliver())
    assert len({mail.subject for mail in mails}) >= 4
    for mail in mails:
        scanner = Scanner(browse(cast.acme))
        scanner.scan(mail)
        assert not is_in(scanner.browser)
    assert sessions() == 2
    assert client.login(cast.ada).status_code == 200, "nor is anybody's password another one"


def test_a_scanner_does_not_report_the_owner_as_a_stranger(cast, call, browse, letters):
    client = call(cast.acme)
    tokens = [client.tokens(cast.bob) for _ in range(2)]
    alert = next(mail for mail in letters.deliver() if "/secure-account?" in mail.text)
    scanner = Scanner(browse(cast.acme))
    scanner.scan(alert)
    assert "/secure-account" in {action for action, _ in scanner.pressed}
    for token in tokens:
        assert client.get("/me", token=token["access_token"]).status_code == 200


def test_a_scanner_does_not_open_what_strangers_closed(cast, call, browse, letters):
    """Else whoever guesses gets fifty more tries for every warning that a scanner has read."""
    client = call(cast.acme)
    for _ in range(5):
        client.post("/auth/login", {"email": cast.bob.email, "password": "wrong"})
    scanner = Scanner(browse(cast.acme))
    scanner.scan(letters.to(cast.bob.email))
    assert "/unlock-account" in {action for action, _ in scanner.pressed}
    assert client.login(cast.bob).status_code == 401
