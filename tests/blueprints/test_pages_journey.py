"""The pages, from registering to signing out, without JavaScript; and with htmx the part of each page."""

import re

import pytest

PASSWORD = "three uncommon gherkins"
NEW = {"email": "zoe@acme.example", "password": PASSWORD, "name": "Zoe"}


@pytest.fixture
def visitor(cast, browse):
    return browse(cast.acme)


def went(answer):
    return (answer.status_code, answer.location)


def test_registering_confirming_and_signing_in(visitor, letters):
    assert went(visitor.post("/register", NEW)) == (303, "/login/verify")
    assert "zoe@acme.example" in visitor.get("/login/verify").text
    assert went(visitor.get(f"/verify-email?token={letters.token_to(NEW['email'])}")) == (303, "/verify-email")
    assert "new_password" not in visitor.get("/verify-email").text
    assert went(visitor.post("/verify-email")) == (303, "/login")
    assert "Your address is confirmed." in visitor.get("/login").text
    assert went(visitor.post("/login", {"email": NEW["email"]})) == (303, "/login/password")
    assert went(visitor.post("/login/password", {"password": PASSWORD})) == (303, "/account")
    assert "Hello, <bdi>Zoe</bdi>" in visitor.get("/account").text


def test_a_link_opened_elsewhere_asks_for_the_password_and_a_new_one_replaces_it(visitor, browse, cast, letters):
    visitor.post("/register", NEW)
    elsewhere = browse(cast.acme)
    elsewhere.get(f"/verify-email?token={letters.token_to(NEW['email'])}")
    assert 'name="new_password"' in elsewhere.get("/verify-email").text
    assert elsewhere.post("/verify-email").status_code == 422
    assert elsewhere.post("/verify-email", {"new_password": "password1"}).status_code == 422
    assert went(elsewhere.post("/verify-email", {"new_password": "another set of radishes"})) == (303, "/login")
    assert visitor.post("/login", NEW).status_code == 422
    signed_in = elsewhere.post("/login", {"email": NEW["email"], "password": "another set of radishes"})
    assert went(signed_in) == (303, "/account")


def test_the_way_in_leads_back_to_where_one_came_from(visitor, cast):
    assert went(visitor.get("/account/sessions")) == (303, "/login")
    assert went(visitor.sign_in(cast.ada)) == (303, "/account/sessions")


@pytest.mark.parametrize(
    "where",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "///evil.example",
        "/%09/evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/account",
    ],
)
def test_no_word_of_the_caller_chooses_where_a_sign_in_leads(visitor, cast, where):
    visitor.get("/login", query_string={"next": where, "return_to": where, "redirect": where})
    answer = visitor.post("/login", {"email": cast.ada.email, "password": cast.ada.password, "next": where})
    assert went(answer) == (303, "/account")


def test_a_step_that_is_not_owed_leads_to_the_one_that_is(visitor, cast):
    for path in ("/login/password", "/login/verify"):
        assert went(visitor.get(path)) == (303, "/login")
        assert visitor.post(path).location == "/login"
    assert went(visitor.get("/")) == (303, "/login")
    assert visitor.get("/verify-email").status_code == 410
    visitor.sign_in(cast.ada)
    for path in ("/", "/login", "/register"):
        assert went(visitor.get(path)) == (303, "/account")


def test_a_wrong_password_is_422_on_the_page_and_comes_back_to_nobody(visitor, cast):
    answer = visitor.sign_in(cast.ada, password="wrong horse")
    assert answer.status_code == 422
    assert "match." in answer.text
    assert "wrong horse" not in answer.text
    assert "<title>Error: " in answer.text


def test_bad_fields_are_422_with_the_page_and_what_was_typed_but_the_password(visitor):
    answer = visitor.post(
        "/register", {"email": "no <address>", "password": "sh0rt!", "name": '"><svg onload=1>{{7*7}}'}
    )
    assert answer.status_code == 422
    assert "no &lt;address&gt;" in answer.text
    assert "<svg onload" not in answer.text
    assert "{{7*7}}" in answer.text
    assert "sh0rt!" not in answer.text


def test_a_field_that_is_sent_twice_is_refused(visitor, cast):
    fields = [("csrf_token", visitor.csrf()), ("email", cast.ada.email), ("email", cast.bob.email)]
    for extra in ([("password", cast.ada.password)], []):
        body = "&".join(f"{name}={value}" for name, value in fields + extra)
        kind = "application/x-www-form-urlencoded"
        assert visitor.open("POST", "/login", data=body, content_type=kind).status_code == 422


def test_sessions_are_ended_from_the_page(visitor, browse, cast, services):
    other = browse(cast.acme)
    other.sign_in(cast.ada)
    visitor.sign_in(cast.ada)
    page = visitor.get("/account/sessions").text
    revoke = re.search(r'action="(/account/sessions/[^"]+/revocation)"', page)[1]
    part = visitor.post(revoke, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div class="stack" id="sessions">')
    assert went(other.get("/account")) == (303, "/login")
    assert visitor.get("/account").status_code == 200
    assert went(visitor.post("/account/sessions/revocations", {"current": "true"})) == (303, "/login")
    assert went(visitor.get("/account")) == (303, "/login")


def test_a_part_is_a_piece_of_its_page_and_the_page_says_that_it_varies(visitor, cast):
    visitor.sign_in(cast.ada)
    for path in ("/account/sessions", "/account/profile"):
        page, part = visitor.get(path), visitor.get(path, headers={"HX-Request": "true"})
        strip = re.compile(r'value="[^"]{60,}"|\s+')
        assert strip.sub("", part.text) in strip.sub("", page.text)
        assert "HX-Request" in page.headers["Vary"]


def test_a_disabled_person_learns_of_it_only_with_the_right_password(visitor, cast, services):
    services.users.disable(cast.acme, email=cast.bob.email)
    assert visitor.sign_in(cast.bob, password="wrong").status_code == 422
    answer = visitor.sign_in(cast.bob)
    assert answer.status_code == 403
    assert "account_disabled" in answer.text
