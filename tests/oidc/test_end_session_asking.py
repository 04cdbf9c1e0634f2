"""RP-initiated logout without a good ID token: people are asked, and nobody is sent anywhere unproven."""

import base64
import json

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.leaving import BACK, END_SESSION, ada, address, asks, confirmed, is_in, moves_to, notes
from tests.oidc.telling import said

__all__ = ["ada", "notes"]


@pytest.mark.parametrize(
    "sent", [{}, {"state": "s"}, {"post_logout_redirect_uri": BACK}, {"post_logout_redirect_uri": BACK, "state": "s"}]
)
def test_without_a_hint_they_are_asked_and_then_stay_here(ada, sent):
    page = ada.browser.get(address(**sent))
    assert asks(page)
    assert moves_to(page) is None
    assert is_in(ada.browser)
    answer = confirmed(ada.browser, page)
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache", "storage"')
    done = ada.browser.get(answer.headers["Location"])
    assert done.status_code == 200
    assert "You are signed out" in done.text
    assert moves_to(done) is None
    assert "notes.example" not in done.text
    assert not is_in(ada.browser)


def alg_none(token):
    header, body = {"alg": "none", "typ": "JWT"}, token.split(".")[1]
    return f"{base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip('=')}.{body}."


def foreign(token):
    return jwt.encode(said(token), "a-key-that-is-somebody-elses-by-far", algorithm="HS256", headers={"typ": "JWT"})


@pytest.mark.parametrize("forge", [alg_none, foreign, lambda token: token[:-4] + "AAAA", lambda _: "nonsense"])
def test_a_hint_that_is_not_ours_is_none(ada, forge):
    page = ada.browser.get(address(id_token_hint=forge(ada.session.id_token), post_logout_redirect_uri=BACK, state="s"))
    assert asks(page)
    assert "Location" not in page.headers
    assert is_in(ada.browser)


def test_an_access_token_is_no_hint(ada):
    assert asks(ada.browser.get(address(id_token_hint=ada.session.first.access_token)))
    assert is_in(ada.browser)


def test_mallorys_id_token_is_no_hint_here(services, cast, ada):
    hers = an_application(services, cast.globex, post_logout_redirect_uris=(BACK,))
    token = issued(services, cast.mallory, hers).id_token
    assert asks(ada.browser.get(address(id_token_hint=token, post_logout_redirect_uri=BACK)))
    assert is_in(ada.browser)
    assert ada.browser.get(address(client_id=hers.client_id)).status_code == 400


def test_a_client_that_is_named_may_have_them_back_once_they_have_said_so(ada, notes):
    page = ada.browser.get(address(client_id=notes.client_id, post_logout_redirect_uri=BACK, state="s"))
    assert asks(page)
    assert "Notes" in page.text
    done = ada.browser.get(confirmed(ada.browser, page).headers["Location"])
    assert (done.status_code, moves_to(done)) == (200, f"{BACK}?state=s")
    assert f'href="{BACK}?state=s"' in done.text
    assert not is_in(ada.browser)


def test_a_client_that_is_named_has_no_other_addresses_than_its_own(ada, notes):
    for sent in ({"client_id": notes.client_id}, {"client_id": "nobody"}):
        answer = ada.browser.get(address(post_logout_redirect_uri="https://evil.example/", **sent))
        assert answer.status_code == 400
    assert is_in(ada.browser)


def test_who_is_not_signed_in_is_not_asked_and_not_sent_on(browse, cast, notes):
    browser = browse(cast.acme)
    page = browser.get(address(client_id=notes.client_id, post_logout_redirect_uri=BACK))
    assert "You are signed out" in page.text
    assert moves_to(page) is None
    assert f'href="{BACK}"' in page.text


def test_an_address_that_is_registered_no_more_is_not_gone_to(services, cast, ada, notes):
    page = ada.browser.get(address(client_id=notes.client_id, post_logout_redirect_uri=BACK))
    services.openid.applications.change(cast.acme, ada.session.scope, notes.id, {"post_logout_redirect_uris": []})
    services.openid.clients.changed(cast.acme.id, notes.id)
    answer = confirmed(ada.browser, page)
    done = ada.browser.get(answer.headers["Location"])
    assert moves_to(done) is None


@pytest.mark.parametrize("ticket", ["", "x", "AAAA", "é", "A" * 10_000])
def test_a_ticket_that_is_none_asks_for_nothing_in_particular(ada, ticket):
    assert ada.browser.get(f"{END_SESSION}/done?ticket={ticket}").status_code == 200
    assert asks(ada.browser.get(f"{END_SESSION}?ticket={ticket or 'x'}"))
    assert is_in(ada.browser)


def test_a_ticket_of_another_tenant_or_of_long_ago_is_none(services, cast, ada, notes, clock):
    ticket = services.openid.end_session.ticket(
        cast.acme,
        services.openid.end_session.read(
            cast.acme,
            {"id_token_hint": [ada.session.id_token], "post_logout_redirect_uri": [BACK]},
            by_form=True,
        ),
    )
    assert services.openid.end_session.opened(cast.acme, ticket).uri == BACK
    assert not services.openid.end_session.opened(cast.globex, ticket).is_hinted
    clock.forward(minutes=11)
    assert not services.openid.end_session.opened(cast.acme, ticket).is_hinted


def test_the_button_counts_from_our_own_page_alone(ada):
    """OWASP ASVS 10.6.2: nobody else's page signs people out."""
    page = ada.browser.get(END_SESSION)
    ticket = page.text.partition('name="ticket" value="')[2].partition('"')[0]
    path = f"{END_SESSION}/confirmation"
    assert ada.browser.post(path, {"ticket": ticket}, csrf=False).status_code == 403
    for site in ("cross-site", "same-site"):
        answer = ada.browser.post(path, {"ticket": ticket}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert is_in(ada.browser)
