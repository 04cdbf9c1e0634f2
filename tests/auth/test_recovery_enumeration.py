"""Whoever asks for a reset learns nothing: not by words, headers, cookies, price, or what is written down."""

import pytest

from app.auth.registration import NewAccount
from tests.advisories.test_enumeration import masked
from tests.auth.steps import NEW
from tests.blueprints.conftest import portal, strict
from tests.blueprints.visitors import Api, Browser
from tests.cast import an_origin

__all__ = ["portal", "strict"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def emails(cast, services, guess):
    """An address of each kind."""
    for local in ("gone", "locked", "leaver"):
        cast.person(cast.acme, f"{local}@acme.example")
    cast.person(cast.acme, "social@acme.example", password=None)
    services.users.disable(cast.acme, email="gone@acme.example")
    new = NewAccount(email="fresh@acme.example", password="petra velvet orbit 71")
    services.registration.register(cast.acme, new, origin=an_origin())
    cast.bob.email = "leaver@acme.example"
    scope = cast.bob.scope(cast.bob.sign_in())
    services.farewell.leave(cast.acme, scope, confirmation=cast.bob.email)
    for _ in range(5):
        guess(cast.acme, "locked@acme.example", "wrong")
    return [f"{local}@acme.example" for local in ("nobody", "ada", "gone", "social", "fresh", "leaver", "locked")]


def test_the_api_says_the_same_at_no_price(app, cast, emails, hasher):
    before, said = hasher.computed, set()
    for email in emails:
        said.add(masked(Api(app, cast.acme.origin).post("/auth/password-resets", {"email": email})))
    assert len(said) == 1
    assert "202" in said.pop()
    assert hasher.computed == before


def test_the_pages_say_the_same_at_no_price(app, cast, emails, hasher):
    before, said = hasher.computed, set()
    for email in emails:
        browser = Browser(app, cast.acme.origin)
        answers = [
            browser.post("/forgot-password", {"email": email}),
            browser.get("/forgot-password/sent"),
            browser.post("/forgot-password", {"email": email}, headers=HTMX),
            browser.post("/forgot-password", {"email": email}),
            browser.get("/forgot-password"),
        ]
        assert [answer.status_code for answer in answers] == [303, 200, 200, 303, 200]
        said.add("\n".join(masked(answer) for answer in answers))
    assert len(said) == 1
    assert hasher.computed == before


def test_the_page_with_the_answer_does_not_claim_that_there_is_an_account(app, cast):
    browser = Browser(app, cast.acme.origin)
    browser.post("/forgot-password", {"email": "nobody@acme.example"})
    text = browser.get("/forgot-password/sent").text
    assert "If " in text
    assert "can be used here" in text


def test_as_many_rows_are_written_for_everybody(app, cast, emails, owner):
    written = set()
    for email in emails:
        before = _rows(owner, cast.acme)
        Api(app, cast.acme.origin).post("/auth/password-resets", {"email": email})
        written.add(tuple(now - then for now, then in zip(_rows(owner, cast.acme), before, strict=True)))
    assert written == {(1, 1, 0, 0, 0)}


def test_limits_count_known_and_unknown_alike(strict, cast, emails):
    heard = set()
    for number, email in enumerate(emails):
        client = Api(strict, cast.acme.origin, REMOTE_ADDR=f"198.51.100.{number}")
        answers = [client.post("/auth/password-resets", {"email": email}) for _ in range(6)]
        heard.add(tuple((a.status_code, a.headers["X-RateLimit-Remaining"]) for a in answers))
    assert heard == {(*((202, str(left)) for left in (4, 3, 2, 1, 0)), (429, "0"))}


def test_a_link_of_nobodys_is_refused_before_anything_is_hashed(app, cast, hasher):
    before = hasher.computed
    answer = Api(app, cast.acme.origin).post("/auth/password-resets/redeem", {"token": "x" * 43, "new_password": NEW})
    assert (answer.status_code, answer.json["code"]) == (410, "link_expired")
    assert hasher.computed == before


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@x.example,b@x.example", "ada@acme.example\r\nBcc: e@x.example"])
def test_what_is_no_address_is_refused_alike_and_nothing_is_written(app, cast, owner, email):
    before = _rows(owner, cast.acme)
    api = Api(app, cast.acme.origin).post("/auth/password-resets", {"email": email})
    page = Browser(app, cast.acme.origin).post("/forgot-password", {"email": email})
    assert (api.status_code, api.json["errors"][0]["pointer"]) == (422, "/email")
    assert page.status_code == 422
    assert _rows(owner, cast.acme) == before


def test_the_owner_alone_hears_of_it(app, cast, letters, emails):
    letters.deliver().clear()
    for email in emails:
        Api(app, cast.acme.origin).post("/auth/password-resets", {"email": email})
    subjects = {mail.to.partition("@")[0]: mail.subject for mail in letters.deliver()}
    assert subjects == {
        "ada": "Choose a new password for Acme",
        "social": "Choose a new password for Acme",
        "locked": "Choose a new password for Acme",
        "fresh": "Confirm your email address for Acme",
    }


def _rows(owner, tenant):
    """How many rows a request leaves in each table that could tell."""
    tables = ("link_requests", "outbox", "one_time_tokens", "audit_events", "lockout_lanes")
    count = "SELECT count(*) FROM {} WHERE tenant_id = %s"
    return tuple(owner.execute(count.format(table), [tenant.id]).fetchone()[0] for table in tables)
