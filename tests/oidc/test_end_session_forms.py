"""RP-initiated logout by POST, which comes across sites and so without cookies; and with several accounts at once."""

from types import SimpleNamespace

from tests.oidc.issued import issued
from tests.oidc.leaving import BACK, END_SESSION, ada, asks, confirmed, is_in, moves_to, notes

__all__ = ["ada", "notes"]
ACROSS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://notes.example"}


def across(app, tenant, fields):
    """An application's page posts; cookies with SameSite=Lax stay at home."""
    return app.test_client(use_cookies=False).post(END_SESSION, data=fields, base_url=tenant.origin, headers=ACROSS)


def test_a_post_changes_nothing_and_its_next_hop_does(app, cast, ada):
    fields = {"id_token_hint": ada.session.id_token, "post_logout_redirect_uri": BACK, "state": "s"}
    hop = across(app, cast.acme, fields)
    assert hop.status_code == 303
    assert hop.headers["Location"].startswith(f"{END_SESSION}?ticket=")
    assert ada.session.id_token not in hop.headers["Location"]
    assert is_in(ada.browser)
    left = ada.browser.get(hop.headers["Location"], headers={"Sec-Fetch-Site": "cross-site"})
    assert (left.status_code, moves_to(left)) == (200, f"{BACK}?state=s")
    assert f'href="{BACK}?state=s"' in left.text
    assert not is_in(ada.browser)


def test_even_with_cookies_a_post_alone_ends_nothing(ada):
    answer = ada.browser.post(END_SESSION, {"id_token_hint": ada.session.id_token}, csrf=False, headers=ACROSS)
    assert answer.status_code == 303
    assert is_in(ada.browser)


def test_a_post_without_a_hint_asks(app, cast, ada):
    for fields in ({}, {"post_logout_redirect_uri": BACK}, {"state": "s"}):
        page = ada.browser.get(across(app, cast.acme, fields).headers["Location"])
        assert asks(page)
    assert is_in(ada.browser)
    done = ada.browser.get(confirmed(ada.browser, page).headers["Location"])
    assert "You are signed out" in done.text


def test_a_bad_post_is_refused_where_it_comes_in(app, cast, ada):
    bad = {"id_token_hint": ada.session.id_token, "post_logout_redirect_uri": "https://evil.example/"}
    answer = across(app, cast.acme, bad)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    twice = ada.browser.open("POST", f"{END_SESSION}?state=a", data={"state": "b"}, headers=ACROSS)
    assert twice.status_code == 400


def both(services, cast, ada, notes):
    """Bob signs in beside Ada, in the same browser, and is the one in use: what he was given."""
    shelf = ada.browser.cookie("portico_session")
    other = SimpleNamespace(cookie=None)
    ada.browser.client.delete_cookie("portico_session", domain=cast.acme.origin.partition("://")[2])
    ada.browser.sign_in(cast.bob)
    other.cookie = ada.browser.cookie("portico_session")
    ada.browser.plant("portico_accounts", shelf)
    return issued(services, cast.bob, notes, scope=cast.bob.scope(other))


def who(browser):
    return "bob" if "bob@acme.example" in browser.get("/account").text else "ada"


def test_of_several_accounts_the_hinted_one_alone_ends(services, cast, ada, notes):
    both(services, cast, ada, notes)
    answer = ada.browser.get(f"{END_SESSION}?id_token_hint={ada.session.id_token}&post_logout_redirect_uri={BACK}")
    assert answer.headers["Location"] == BACK
    assert "Clear-Site-Data" not in answer.headers
    assert who(ada.browser) == "bob"
    assert not ada.browser.cookie("portico_accounts")
    assert services.sessions.list(cast.acme, ada.session.scope) == []


def test_the_one_in_use_ends_and_the_other_stays_beside(services, cast, ada, notes):
    bobs = both(services, cast, ada, notes)
    answer = ada.browser.get(f"{END_SESSION}?id_token_hint={bobs.id_token}")
    assert "You are signed out" in answer.text
    assert "Clear-Site-Data" not in answer.headers
    assert ada.browser.cookie("portico_session") is None
    assert ada.browser.cookie("portico_accounts")
    assert services.sessions.list(cast.acme, bobs.scope) == []
    assert len(services.sessions.list(cast.acme, ada.session.scope)) == 1


def test_whoever_says_so_themselves_signs_everybody_out(services, cast, ada, notes):
    bobs = both(services, cast, ada, notes)
    page = ada.browser.get(END_SESSION)
    assert "all your accounts" in page.text
    confirmed(ada.browser, page)
    assert not is_in(ada.browser)
    assert services.sessions.list(cast.acme, bobs.scope) == []
    assert services.sessions.list(cast.acme, ada.session.scope) == []
