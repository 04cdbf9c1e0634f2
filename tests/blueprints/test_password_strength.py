"""What is said of a password while it is typed: a fragment that helps, keeps nothing, and tells nobody."""

import logging
import time

import pytest
import structlog

from tests.cast import PASSWORD

PATH = "/password-strength"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def rated(browser):
    """What the fragment says of what is typed."""
    csrf = browser.csrf()

    def rated(typed, field="new_password", /, **fields):
        answer = browser.open("POST", PATH, data={"csrf_token": csrf, field: typed, **fields}, headers=HTMX)
        assert answer.status_code == 200, answer.text
        return answer

    return rated


def test_it_is_a_fragment_with_words_for_everything(rated):
    answer = rated(PASSWORD)
    assert answer.mimetype == "text/html"
    assert "<html" not in answer.text
    assert 'id="strength"' in answer.text
    assert "Strong password." in answer.text
    assert 'aria-hidden="true"' in answer.text, "the bars are for eyes alone; the words are for everybody"


@pytest.mark.parametrize("name", ["password", "new_password"])
def test_it_reads_the_field_of_either_form(rated, name):
    assert "Too easy to guess." in rated("aaaaaaaaaaaa", name).text
    assert "Use at least 10 characters." in rated("xK9#", name).text


def test_the_current_password_beside_the_new_one_is_not_the_one_that_is_rated(rated):
    assert "Too easy" in rated("aaaaaaaaaaaa", password=PASSWORD).text


def test_nothing_is_said_of_nothing(rated):
    text = rated("").text
    assert "<p>" not in text
    assert 'id="strength"' in text


@pytest.mark.parametrize(
    ("password", "fields"),
    [
        ("zoe.quartermain99", {"email": "zoe.quartermain@x.example"}),
        ("quartermain zoe!", {"name": "Zoe Quartermain"}),
        ("portico portico 1", {}),
    ],
)
def test_ones_own_words_count_for_nothing(rated, password, fields):
    assert "Leave out your name, your address and ours." in rated(password, **fields).text


def test_whoever_is_signed_in_needs_to_type_no_name_for_it(cast, browser):
    browser.sign_in(cast.bob)
    answer = browser.post(PATH, {"new_password": "bob@acme.example1"})
    assert "Leave out your name" in answer.text


def test_it_agrees_with_the_form_that_saves(cast, browser, rated, letters):
    """What it calls good is taken, and what it does not is refused."""
    for password in ("short", "password123456", "trombone garlic 41 umbrella", "x" * 129, "correcthorse"):
        good = "strength--good" in rated(password, "password", email="zoe@x.example").text
        status = browser.post("/register", {"email": "zoe@x.example", "password": password}).status_code
        assert good == (status == 303), password


@pytest.mark.parametrize(
    "password",
    ["x" * 300, "p@$$w0rd!" * 3000, "\u202e" * 50, "\x00" * 20, "é" * 150_000, "<script>alert(1)</script>", "{{7*7}}"],
    ids=range(7),
)
def test_whatever_is_typed_is_answered_soon_and_never_given_back(rated, password):
    began = time.monotonic()
    text = rated(password).text
    assert time.monotonic() - began < 2
    assert password not in text
    assert "<script" not in text


def test_more_than_a_form_may_hold_is_refused(browser):
    assert browser.post(PATH, {"new_password": "x" * 1_100_000}).status_code == 413


def test_nothing_of_it_is_kept(rated, owner_rows):
    before = owner_rows()
    answer = rated("a very secret sentence 77")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "secret sentence" not in str(answer.headers)
    assert owner_rows() == before


@pytest.fixture
def owner_rows(database_urls, cast):
    """How many rows Acme has in the tables that a form could write."""
    import psycopg

    def owner_rows():
        with psycopg.connect(database_urls[0]) as connection:
            tables = ("audit_events", "outbox", "link_requests", "lockout_lanes", "pending_logins")
            count = "SELECT count(*) FROM {} WHERE tenant_id = %s"
            return [connection.execute(count.format(table), [cast.acme.id]).fetchone() for table in tables]

    return owner_rows


def test_nothing_of_it_is_logged(rated, caplog, capfd):
    """Neither the lines of this portal nor those of a library, at any level."""
    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.DEBUG):
        rated("zanzibar marmalade 93", email="zoe@x.example")
    said = str(lines) + caplog.text + "".join(capfd.readouterr())
    assert "zanzibar" not in said
    assert "zoe@" not in said


def test_a_password_in_the_address_is_not_read(browser):
    assert browser.get(f"{PATH}?new_password=zanzibar").status_code == 405
    answer = browser.post(f"{PATH}?new_password=zanzibar+marmalade+93", {})
    assert "<p>" not in answer.text


def test_a_page_asks_with_its_token_and_no_other_site_may(browser):
    assert browser.post(PATH, {"new_password": "x"}, csrf=False).status_code == 403
    assert browser.post(PATH, {"new_password": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_hundred_and_twenty_a_minute_for_each_client(strict, cast, browse):
    browser = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.88")
    fields = {"csrf_token": browser.csrf(), "new_password": "x"}
    statuses = [browser.open("POST", PATH, data=fields, headers=HTMX).status_code for _ in range(121)]
    assert statuses == [200] * 120 + [429]
