"""Changing applications: in part, checked anew, by version; heard at once, and written down."""

import pytest

from app.oidc.application_details import TOKEN_EXCHANGE
from app.storage import audit
from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.managing import Manager, pointers, refusal
from tests.oidc.test_applications import KEYS, new


@pytest.fixture
def ada(services, cast):
    return Manager(services, cast.ada)


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def written(services, cast):
    """What the trail says of applications, newest first."""

    def written():
        with services.units.read(cast.acme.id) as db:
            rows = audit.newest(db, tenant_id=cast.acme.id, most=100)
        return [(row.event, row.details) for row in rows if row.event.startswith("application.")]

    return written


def test_only_what_is_named_changes_and_the_endpoints_hear_of_it(ada, notes, services, cast):
    changed = ada.change(notes.id, {"name": " Notes 2 ", "redirect_uris": [f"{CALLBACK}/2"]})
    assert (changed.name, changed.details.redirect_uris, changed.version) == ("Notes 2", (f"{CALLBACK}/2",), 2)
    client = services.openid.clients.by_id(cast.acme, notes.client_id)
    assert (client.redirect_uris, client.scopes) == ((f"{CALLBACK}/2",), notes.client.scopes)


def test_the_trail_says_which_fields_changed_and_by_whom(ada, notes, written):
    ada.change(notes.id, {"name": "Other", "first_party": False, "home_uri": "https://notes.example"})
    event, details = written()[0]
    assert (event, details["changed"].split()) == ("application.updated", ["name", "home_uri"])
    assert details["application_id"] == notes.client_id


def test_what_stays_as_it_was_is_no_change(ada, notes, written):
    before = written()
    assert ada.change(notes.id, {"name": "Notes"}).version == 1
    assert written() == before


def test_the_whole_is_checked_anew(ada, notes):
    assert pointers(ada.change, notes.id, {"redirect_uris": ()}) == {("/redirect_uris", "required")}
    assert pointers(ada.change, notes.id, {"token_endpoint_auth_method": "private_key_jwt"}) == {("/jwks", "required")}
    assert pointers(ada.change, notes.id, {"require_pkce": False}) == set()
    assert pointers(ada.change, notes.id, {"token_endpoint_auth_method": "private_key_jwt", "jwks": KEYS}) == set()
    assert refusal(ada.add_secret, notes.id) == "no_secrets"


def test_whoever_has_seen_another_version_is_told(ada, notes):
    ada.change(notes.id, {"name": "One"}, version=1)
    assert refusal(ada.change, notes.id, {"name": "Two"}, version=1) == "application_changed"
    assert ada.get(notes.id).name == "One"
    assert ada.change(notes.id, {"name": "Three"}, version=2).name == "Three"


def test_token_exchange_is_given_by_whoever_has_just_shown_that_it_is_them(ada, notes, clock):
    clock.forward(minutes=11)
    grants = ("authorization_code", TOKEN_EXCHANGE)
    assert refusal(ada.change, notes.id, {"grant_types": grants}) == "insufficient_user_authentication"
    assert refusal(ada.change, notes.id, {"grant_types": ("authorization_code",)}) is None
    said = new(token_endpoint_auth_method="private_key_jwt", jwks=KEYS, grant_types=grants)
    assert refusal(ada.create, said) == "insufficient_user_authentication"


def test_secrets_and_deletion_ask_for_a_fresh_sign_in(ada, notes, clock):
    (secret,) = ada.secrets(notes.id)
    clock.forward(minutes=11)
    assert refusal(ada.create, new()) == "insufficient_user_authentication"
    assert refusal(ada.add_secret, notes.id) == "insufficient_user_authentication"
    assert refusal(ada.remove_secret, notes.id, secret.id) == "insufficient_user_authentication"
    assert refusal(ada.delete, notes.id) == "insufficient_user_authentication"
    assert ada.get(notes.id).version == 1


def test_a_list_goes_page_by_page_and_finds_by_name(ada, services, cast):
    for at in range(5):
        an_application(services, cast.acme, name=f"App {at} 100%_\\")
    names, after = [], None
    while True:
        page = ada.page(limit=2, after=after)
        names += [view.name for view in page.items]
        if (after := page.after) is None:
            break
    assert names == [f"App {at} 100%_\\" for at in range(4, -1, -1)]
    assert [view.name[:5] for view in ada.page(limit=9, after=None, search="aPP 3").items] == ["App 3"]
    assert len(ada.page(limit=9, after=None, search="%_\\").items) == 5
    assert not ada.page(limit=9, after=None, search="p%3").items
