"""Another address, as pages: asked for by whoever has just shown that it is them, and confirmed by them."""

import pytest

from tests.auth.steps import links_to
from tests.blueprints.mails import is_in, open_link, went

NEW = "robert@acme.example"
ASK = {"email": NEW}
EMAIL, CONFIRM, UNDO = "/account/email", "/account/email/confirmation", "/undo-email-change"


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def token(bob, letters):
    bob.post(EMAIL, ASK)
    return links_to(letters, NEW, CONFIRM)[-1]


@pytest.fixture
def back(cast, bob, token, letters):
    """It is changed; the link that undoes it."""
    bob.post(CONFIRM, {"token": token})
    return links_to(letters, cast.bob.email, UNDO)[-1]


def test_the_whole_way(cast, bob, letters):
    assert cast.bob.email in bob.get(EMAIL).text
    assert NEW in bob.post(EMAIL, ASK, follow_redirects=True).text
    page = open_link(bob, links_to(letters, NEW, CONFIRM)[-1], CONFIRM)
    assert cast.bob.email in page.text
    assert NEW in page.text
    assert went(bob.post(CONFIRM)) == (303, "/account/profile")
    assert NEW in bob.get("/account/profile").text
    assert is_in(bob)
    assert not bob.cookie("portico_link")


def test_asking_answers_303_so_that_reloading_asks_nothing_again(bob):
    assert bob.post(EMAIL, ASK).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "x"}, "email"),
        ({"email": "bob@acme.example"}, "email"),
        ({"email": "a@x.example,b@x.example"}, "email"),
    ],
)
def test_what_is_refused_is_said_beside_its_field(bob, letters, typed, field):
    letters.deliver().clear()
    answer = bob.post(EMAIL, {**ASK, **typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert list(letters.deliver()) == []


def test_an_address_that_is_taken_reads_like_one_that_is_not(cast, browse):
    """Word for word, but for the address itself."""
    said = set()
    for email in (NEW, cast.ada.email):
        browser = browse(cast.acme)
        browser.sign_in(cast.bob)
        answer = browser.post(EMAIL, {**ASK, "email": email}, follow_redirects=True)
        main = answer.text.partition("<main")[2].replace(email, "EMAIL").partition("csrf_token")[0]
        said.add((answer.status_code, main))
    assert len(said) == 1


@pytest.mark.parametrize("who", ["a stranger", "ada", "mallory"])
def test_nobody_else_confirms_it(cast, browse, bob, token, who):
    person = getattr(cast, who, None)
    other = browse(person.tenant if person else cast.acme)
    if person:
        other.sign_in(person)
    other.get(f"{CONFIRM}?token={token}")
    page, sent = other.get(CONFIRM), other.post(CONFIRM, {"token": token})
    expected = 410 if person else 303
    assert (page.status_code, sent.status_code) == (expected, expected)
    assert person or page.location == "/login"
    assert went(bob.post(CONFIRM, {"token": token})) == (303, "/account/profile")


def test_whoever_opens_it_signed_out_comes_back_to_it_after_signing_in(cast, browse, token):
    browser = browse(cast.acme)
    assert went(browser.get(f"{CONFIRM}?token={token}")) == (303, "/login")
    assert browser.sign_in(cast.bob).location.startswith(CONFIRM)
    assert open_link(browser, token, CONFIRM).status_code == 200
    assert browser.post(CONFIRM).status_code == 303


def test_opening_it_changes_nothing_and_a_used_one_says_so(cast, bob, token):
    for _ in range(2):
        assert open_link(bob, token, CONFIRM).status_code == 200
    assert cast.bob.email in bob.get("/account/profile").text
    bob.post(CONFIRM)
    assert bob.post(CONFIRM, {"token": token}).status_code == 410


def test_five_an_hour_for_each_account(strict, cast, browse):
    browser = browse(cast.acme, on=strict)
    browser.sign_in(cast.bob)
    answers = [browser.post(EMAIL, {**ASK, "email": f"p{number}@acme.example"}) for number in range(6)]
    assert [answer.status_code < 400 for answer in answers] == [True] * 5 + [False]
    assert answers[-1].status_code == 429


def test_without_a_token_of_the_page_nothing_happens(bob, browse, cast, token, back):
    assert bob.post(EMAIL, ASK, csrf=False).status_code == 403
    assert bob.post(CONFIRM, {"token": token}, csrf=False).status_code == 403
    assert browse(cast.acme).post(UNDO, {"token": back}, csrf=False).status_code == 403


def test_nobody_needs_a_password_for_it(cast, browse, letters):
    person = cast.person(cast.acme, "social@acme.example", password=None)
    browser = browse(cast.acme)
    browser.post("/login/magic-link", {"email": person.email})
    open_link(browser, links_to(letters, person.email, "/magic-link")[-1])
    browser.post("/magic-link")
    assert is_in(browser)
    assert 'name="password"' not in browser.get(EMAIL).text
    assert went(browser.post(EMAIL, ASK)) == (303, EMAIL)
    assert links_to(letters, NEW, CONFIRM)
