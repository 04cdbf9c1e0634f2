"""Signing in by mail on the pages, without JavaScript, and with htmx."""

import pytest

from tests.blueprints.mails import code_in, is_in, number_on, open_link, went
from tests.blueprints.test_cookies import cookies_of

PART = {"HX-Request": "true"}


@pytest.fixture
def visitor(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def token(visitor, cast, letters):
    """Ada has asked for a link in this browser, the usual way."""
    assert went(visitor.post("/login", {"email": cast.ada.email})) == (303, "/login/password")
    assert 'id="magic-link"' in visitor.get("/login/password").text
    assert went(visitor.post("/login/magic-link", {"email": cast.ada.email})) == (303, "/login/magic-link")
    return letters.token_to(cast.ada.email)


def test_from_the_password_page_by_mail_into_the_account(visitor, token, cast):
    waiting = visitor.get("/login/magic-link")
    assert waiting.status_code == 200
    assert cast.ada.email in waiting.text
    page = open_link(visitor, token)
    assert 'id="submit"' in page.text
    assert 'id="code"' not in page.text
    assert went(visitor.post("/magic-link", {"token": token})) == (303, "/account")
    assert is_in(visitor)
    assert visitor.cookie("portico_pending") is None
    assert visitor.cookie("portico_link") is None


def test_the_link_alone_is_enough_for_the_form_because_the_browser_holds_it(visitor, token):
    open_link(visitor, token)
    assert went(visitor.post("/magic-link")) == (303, "/account")


def test_it_leads_back_to_where_one_came_from(visitor, cast, letters):
    assert went(visitor.get("/account/sessions")) == (303, "/login")
    visitor.post("/login/magic-link", {"email": cast.ada.email})
    open_link(visitor, letters.token_to(cast.ada.email))
    assert went(visitor.post("/magic-link")) == (303, "/account/sessions")


def test_the_code_is_typed_on_the_page_that_waits(visitor, token, letters):
    code = code_in(letters[-1])
    wrong = visitor.post("/login/magic-link/code", {"code": "abc"})
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    empty = visitor.post("/login/magic-link/code", {"code": " "})
    assert "Enter the code from the message." in empty.text
    assert went(visitor.post("/login/magic-link/code", {"code": f"{code[:3]} {code[3:]}"})) == (303, "/account")


def test_opened_elsewhere_it_shows_who_asked_a_code_and_a_form_that_lets_the_other_one_in(
    visitor, browse, cast, token, letters
):
    phone = browse(cast.acme)
    number = number_on(visitor.get("/login/magic-link"))
    page = open_link(phone, token)
    code = code_in(letters[-1])
    assert f"{code[:3]} {code[3:]}" in page.text
    assert 'id="approve"' in page.text
    assert went(phone.post("/magic-link/approval", {"token": token, "number": ""}))[0] == 422
    wrong = phone.post("/magic-link/approval", {"token": token, "number": "9" if number != "9" else "8"})
    assert wrong.status_code == 422
    assert "That is not the number" in wrong.text
    assert went(visitor.post("/login/magic-link/approval")) == (303, "/login/magic-link")
    assert "It has not been approved yet." in visitor.get("/login/magic-link").text
    approved = phone.post("/magic-link/approval", {"token": token, "number": number})
    assert approved.status_code == 200
    assert "Go back to your other device" in approved.text
    assert not is_in(phone)
    assert went(visitor.post("/login/magic-link/approval")) == (303, "/account")
    assert is_in(visitor)
    assert not is_in(phone)


def test_with_htmx_the_waiting_page_asks_quietly_and_goes_on_by_itself(visitor, browse, cast, token):
    waiting = visitor.post("/login/magic-link/approval", headers=PART)
    assert (waiting.status_code, waiting.data) == (204, b"")
    assert "HX-Redirect" not in waiting.headers
    number = number_on(visitor.get("/login/magic-link"))
    browse(cast.acme).post("/magic-link/approval", {"token": token, "number": number})
    approved = visitor.post("/login/magic-link/approval", headers=PART)
    assert (approved.status_code, approved.headers["HX-Redirect"]) == (204, "/account")
    assert is_in(visitor)


def test_asking_again_with_htmx_gives_the_part_with_the_new_number(visitor, token, cast, letters):
    part = visitor.post("/login/magic-link", {"email": cast.ada.email}, headers=PART)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div class="stack" id="magic-link-wait">')
    assert number_on(part) == number_on(visitor.get("/login/magic-link"))
    assert "HX-Request" in part.headers["Vary"]
    newer = letters.token_to(cast.ada.email)
    assert visitor.post("/magic-link", {"token": token}).status_code == 410
    assert went(visitor.post("/magic-link", {"token": newer})) == (303, "/account")


def test_asking_again_without_it_says_so_once(visitor, token, cast):
    assert went(visitor.post("/login/magic-link", {"email": cast.ada.email})) == (303, "/login/magic-link")
    assert "Only the newest link and code work." in visitor.get("/login/magic-link").text
    assert "Only the newest link and code work." not in visitor.get("/login/magic-link").text.partition("<form")[0]


def test_a_step_that_is_not_owed_leads_to_the_one_that_is(visitor):
    assert went(visitor.get("/login/magic-link")) == (303, "/login")
    for path in ("/login/magic-link", "/login/magic-link/code", "/login/magic-link/approval"):
        assert went(visitor.post(path)) == (303, "/login")
    assert visitor.get("/magic-link").status_code == 410
    assert visitor.post("/magic-link").status_code == 410
    assert visitor.post("/magic-link/approval", {"number": "47"}).status_code == 410


def test_remembering_is_wished_for_when_one_asks_and_is_kept_when_one_asks_again(visitor, cast, letters):
    visitor.post("/login/magic-link", {"email": cast.ada.email, "remember": "1"})
    visitor.post("/login/magic-link", {"email": cast.ada.email})
    answer = visitor.post("/magic-link", {"token": letters.token_to(cast.ada.email)})
    assert cookies_of(answer)["portico_session"][1]["max-age"] == str(30 * 86400)


def test_where_passwords_are_off_the_first_page_asks_for_a_link(cast, browse):
    tenant = cast.found(f"{cast.acme.slug}-x", "Linked", methods=["magic_link"])
    zoe = cast.person(tenant, "zoe@linked.example", password=None)
    browser = browse(tenant)
    assert 'action="/login/magic-link"' in browser.get("/login").text
    assert went(browser.post("/login/magic-link", {"email": zoe.email})) == (303, "/login/magic-link")
    assert went(browser.get("/login/password")) == (303, "/login")
