"""RP-initiated logout with an ID token: at once, and back to the application (the modules of the OpenID plan)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.auth.errors import InvalidToken
from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.leaving import BACK, END_SESSION, ada, address, asks, is_in, moves_to, notes

__all__ = ["ada", "notes"]


def hinted(ada, **more):
    return address(id_token_hint=ada.session.id_token, **more)


def test_a_hint_and_a_registered_address_lead_back_with_the_state(ada):
    answer = ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK, state="a b&c=d#é"))
    assert answer.status_code == 303
    place = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(f"{BACK}?")
    assert parse_qs(place.query) == {"state": ["a b&c=d#é"]}
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not is_in(ada.browser)
    assert ada.browser.cookie("portico_session") is None


def test_the_session_is_over_for_everybody_and_prompt_none_fails(services, cast, ada, notes, happened):
    ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK))
    assert ("logout.completed", "success", None) in happened(cast.acme)
    with pytest.raises(InvalidToken):
        services.openid.access_tokens.verify(cast.acme, ada.session.first.access_token)
    answer = ada.browser.get(
        f"/oauth2/authorize?client_id={notes.client_id}&response_type=code&scope=openid&prompt=none&state=s"
        f"&redirect_uri={CALLBACK}&code_challenge={'a' * 43}&code_challenge_method=S256"
    )
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["login_required"]


def test_without_a_state_there_is_none(ada):
    answer = ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK))
    assert answer.headers["Location"] == BACK


def test_an_address_with_a_query_keeps_it(ada):
    answer = ada.browser.get(hinted(ada, post_logout_redirect_uri="https://notes.example/out?a=b", state="s"))
    assert answer.headers["Location"] == "https://notes.example/out?a=b&state=s"


@pytest.mark.parametrize("state", [{}, {"state": "s"}])
def test_a_hint_without_an_address_signs_out_and_shows_it(ada, state):
    answer = ada.browser.get(hinted(ada, **state))
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert moves_to(answer) is None
    assert not is_in(ada.browser)


@pytest.mark.parametrize(
    "uri",
    [
        f"{BACK}?added=query",
        f"{BACK}/",
        f"{BACK}#part",
        BACK.upper(),
        BACK.replace("https", "http"),
        "https://notes.example.evil.example/signed-out",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        CALLBACK,
    ],
)
def test_an_address_that_is_not_registered_is_nobodys_way_and_nothing_ends(ada, uri):
    answer = ada.browser.get(hinted(ada, post_logout_redirect_uri=uri, state="s"))
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert uri not in answer.text
    assert is_in(ada.browser)


def test_another_applications_address_is_not_this_ones(services, cast, ada):
    other = "https://mail.example/signed-out"
    mail = an_application(services, cast.acme, name="Mail", post_logout_redirect_uris=(other,))
    assert ada.browser.get(hinted(ada, post_logout_redirect_uri=other)).status_code == 400
    sent = hinted(ada, post_logout_redirect_uri=other, client_id=mail.client_id)
    assert ada.browser.get(sent).status_code == 400
    assert is_in(ada.browser)


def test_the_client_that_the_hint_is_for_may_be_named(ada, notes):
    answer = ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK, client_id=notes.client_id))
    assert answer.headers["Location"] == BACK


def test_an_old_hint_is_a_hint(ada, clock):
    clock.forward(days=2)
    assert ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK)).headers["Location"] == BACK
    assert not is_in(ada.browser)


def test_twice_is_once(ada):
    for _ in range(2):
        assert ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK)).headers["Location"] == BACK


def test_a_hint_from_before_of_the_same_person_is_enough(cast, ada):
    """They have signed out and in again meanwhile: it is they who are meant."""
    ada.browser.post("/logout")
    ada.browser.sign_in(cast.ada)
    assert ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK)).headers["Location"] == BACK
    assert not is_in(ada.browser)


def test_a_hint_of_somebody_else_asks(cast, ada, browse):
    """Nobody signs others out by a token of their own (CVE-2025-12390, ASVS 10.6.2)."""
    bobs = browse(cast.acme)
    bobs.sign_in(cast.bob)
    answer = bobs.get(hinted(ada, post_logout_redirect_uri=BACK))
    assert asks(answer)
    assert is_in(bobs)
    assert is_in(ada.browser), "a token alone ends nobody's session elsewhere"


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"])
def test_what_is_sent_twice_is_refused(ada, notes, name):
    sent = hinted(ada, post_logout_redirect_uri=BACK, client_id=notes.client_id, state="s", ui_locales="en")
    answer = ada.browser.get(f"{sent}&{name}=x")
    assert answer.status_code == 400
    assert is_in(ada.browser)


def test_looking_ends_nothing(ada):
    assert ada.browser.open("HEAD", hinted(ada, post_logout_redirect_uri=BACK)).status_code == 200
    assert is_in(ada.browser)


def test_a_state_without_an_end_is_refused(ada):
    assert ada.browser.get(hinted(ada, post_logout_redirect_uri=BACK, state="x" * 2001)).status_code == 400
    assert ada.browser.post(END_SESSION, {"state": "x" * 100_000}).status_code == 400
    assert is_in(ada.browser)
