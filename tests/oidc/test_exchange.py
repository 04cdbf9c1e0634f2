"""Token exchange (RFC 8693): an application acts with what people gave it, and says so."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.exchanging import ACCESS, INVOICES, MAIL, desk
from tests.oidc.issued import issued_to_itself
from tests.oidc.programs import Program

__all__ = ["desk"]


def test_the_answer_is_a_token_for_the_same_person_with_the_application_as_actor(cast, desk):
    token = desk.token_of(cast.bob)
    got = desk.got(token)
    assert got.json.keys() == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert (got.json["issued_token_type"], got.json["token_type"]) == (ACCESS, "Bearer")
    assert got.claims["sub"] == str(cast.bob.id)
    assert got.claims["act"] == {"sub": desk.agent.client_id}
    assert got.claims["client_id"] == desk.agent.client_id
    assert got.claims["sid"] == str(token.scope.session_id)
    assert got.claims["gid"] == str(token.grant_id)
    assert "offline_access" not in got.json["scope"]


def test_a_service_exchanges_what_it_was_shown_for_what_it_needs(cast, desk):
    """``serves`` says that the token was for it; ``resources`` where it may go on to."""
    token = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,), scopes=("openid", "invoices:read"))
    for name in ("resource", "audience"):
        got = desk.got(token, **{name: MAIL})
        assert (got.claims["aud"], got.claims["scope"]) == (MAIL, "openid invoices:read")
    assert desk.got(token).claims["aud"] == INVOICES


def test_the_chain_of_who_acted_is_kept(cast, desk):
    first = desk.got(desk.token_of(cast.bob), resource=INVOICES)
    second = desk.an_agent("Second")
    got = desk.got(first.json["access_token"], by=second, resource=MAIL)
    assert got.claims["act"] == {"sub": second.client_id, "act": {"sub": desk.agent.client_id}}
    token = first.json["access_token"]
    for _ in range(3):
        token = desk.got(token, resource=INVOICES).json["access_token"]
    assert desk.refused(token, resource=INVOICES) == "invalid_request"


def test_who_acts_shows_in_introspection(cast, desk, app):
    token = desk.got(desk.token_of(cast.bob)).json["access_token"]
    told = Program(app, cast.acme.origin, desk.agent).ask("/oauth2/introspect", token=token).json
    assert (told["active"], told["act"]) == (True, {"sub": desk.agent.client_id})


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": ACCESS}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"scope": "invoices:delete"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"audience": "elsewhere"}, "invalid_target"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(cast, desk, sent, error):
    assert desk.refused(desk.token_of(cast.bob), **sent) == error


def test_asking_for_the_only_type_there_is_is_fine(cast, desk):
    assert desk.got(desk.token_of(cast.bob), requested_token_type=ACCESS).claims["sub"] == str(cast.bob.id)


def test_nothing_but_an_access_token_about_a_person_is_taken(services, cast, desk):
    token = desk.token_of(cast.bob)
    own = issued_to_itself(services, cast.acme, desk.agent, resources=(INVOICES,))
    api = cast.bob.sign_in().tokens
    for other in (token.id_token, token.refresh_token, own, api.access_token, api.refresh_token):
        assert desk.refused(other) == "invalid_request"


def test_scopes_are_never_more_than_both_had(cast, desk):
    token = desk.token_of(cast.bob, scopes=("openid", "invoices:read"))
    assert desk.got(token, scope="invoices:read").claims["scope"] == "invoices:read"
    assert desk.refused(token, scope="invoices:read invoices:write") == "invalid_scope"
    poor = desk.an_agent("Poor", scopes=("openid",))
    shown = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,), scopes=("openid", "invoices:read"))
    assert desk.refused(shown, by=poor, scope="invoices:read") == "invalid_scope"
    assert desk.got(shown, by=poor).claims["scope"] == "openid"


def test_a_token_for_others_does_not_become_one_for_us(cast, desk):
    token = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,), scopes=("openid",))
    assert desk.refused(token, resource=cast.acme.origin) == "invalid_target"


def test_only_clients_with_credentials_and_the_grant_exchange(cast, desk, services):
    token = desk.token_of(cast.bob, application=desk.notes)
    assert desk.refused(token, by=desk.notes) == "unauthorized_client"
    page = an_application(services, cast.acme, type="spa")
    assert desk.refused(desk.token_of(cast.bob, application=page), by=page) == "unauthorized_client"
    answer = desk.ask(token, headers={"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_the_new_token_opens_no_door_of_ours(cast, desk, call):
    """It is for applications: not for our API, and so not for the person's own account."""
    token = desk.got(desk.token_of(cast.ada)).json["access_token"]
    for path in ("/me", "/me/activity", "/applications"):
        assert call(cast.acme).get(path, token=token).status_code == 401
