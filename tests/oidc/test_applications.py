"""Registering applications: what each kind has by default, and what is refused."""

import pytest

from app.oidc.application_details import DEVICE_CODE, KINDS, TOKEN_EXCHANGE, Details
from tests.oidc.clients import CALLBACK
from tests.oidc.managing import Manager, pointers, refusal
from tests.oidc.test_client_keys import EC

KEYS = {"keys": [EC]}
PEOPLE = ("openid", "profile", "email", "address", "phone", "offline_access", "roles")


@pytest.fixture
def ada(services, cast):
    return Manager(services, cast.ada)


def new(type_="web", **more):
    uris = {} if type_ == "machine" else {"redirect_uris": (CALLBACK,)}
    return Details(**{"name": "Notes", "type": type_, **uris, **more})


@pytest.mark.parametrize(
    ("kind", "method", "grants", "scopes"),
    [
        ("web", "client_secret_basic", ("authorization_code", "refresh_token"), PEOPLE),
        ("spa", "none", ("authorization_code", "refresh_token"), PEOPLE),
        ("native", "none", ("authorization_code", "refresh_token", DEVICE_CODE), PEOPLE),
        ("machine", "client_secret_basic", ("client_credentials",), ()),
    ],
)
def test_what_is_not_said_is_as_its_kind_has_it(ada, services, cast, kind, method, grants, scopes):
    made = ada.create(new(kind))
    said = made.view.details
    assert (said.token_endpoint_auth_method, said.grant_types, said.scopes) == (method, grants, scopes)
    assert (said.require_pkce, said.first_party, said.id_token_signed_response_alg) == (True, False, "RS256")
    assert (made.client_secret is not None) == (method != "none")
    assert services.openid.clients.by_id(cast.acme, made.view.client_id).name == "Notes"
    assert ada.get(made.view.id) == made.view


def test_a_secret_is_shown_once_and_rests_as_a_digest(ada, owner):
    made = ada.create(new())
    assert made.client_secret.startswith("pcs_")
    assert len(made.client_secret) == 47
    rows = owner.execute("SELECT s::text FROM application_secrets s").fetchall()
    assert not any(made.client_secret[4:] in row for (row,) in rows)
    (secret,) = ada.secrets(made.view.id)
    assert (secret.hint, secret.live, secret.last_used_at) == (made.client_secret[-4:], True, None)


def test_whoever_signs_with_a_key_of_their_own_has_no_secret(ada):
    made = ada.create(new(token_endpoint_auth_method="private_key_jwt", jwks=KEYS))
    assert made.client_secret is None
    assert refusal(ada.add_secret, made.view.id) == "no_secrets"


def test_all_that_is_wrong_is_said_at_once(ada):
    said = pointers(
        ada.create,
        new(
            name=" ",
            redirect_uris=(CALLBACK, "javascript:alert(1)"),
            scopes=("open id",),
            home_uri="http://app.example",
            access_token_minutes=0,
            resources=("api",),
        ),
    )
    assert said == {
        ("/name", "required"),
        ("/redirect_uris/1", "invalid_uri"),
        ("/scopes", "invalid_scope"),
        ("/home_uri", "invalid_uri"),
        ("/access_token_minutes", "out_of_range"),
        ("/resources/0", "invalid_uri"),
    }


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (new("teapot"), "/type"),
        (new(name="x" * 101), "/name"),
        (new(name="a\x00b"), "/name"),
        (new(name="a\u202eb"), "/name"),
        (new(redirect_uris=()), "/redirect_uris"),
        (new("spa", redirect_uris=()), "/redirect_uris"),
        (new("native", redirect_uris=()), "/redirect_uris"),
        (new("machine", redirect_uris=(CALLBACK,)), "/redirect_uris"),
        (new("web", redirect_uris=("com.example.app:/cb",)), "/redirect_uris/0"),
        (new(redirect_uris=tuple(f"{CALLBACK}/{at}" for at in range(51))), "/redirect_uris"),
        (new(post_logout_redirect_uris=("javascript:alert(1)",)), "/post_logout_redirect_uris/0"),
        (new(backchannel_logout_uri="http://192.0.2.9/out"), "/backchannel_logout_uri"),
        (new(backchannel_logout_uri="file:///etc/passwd"), "/backchannel_logout_uri"),
        (new(scopes=("",)), "/scopes"),
        (new(scopes=('quo"te',)), "/scopes"),
        (new(scopes=("back\\slash",)), "/scopes"),
        (new(scopes=("ü",)), "/scopes"),
        (new(scopes=("x" * 101,)), "/scopes"),
        (new(scopes=tuple(f"s{at}" for at in range(101))), "/scopes"),
        (new(serves=("https://api.example/#x",)), "/serves/0"),
        (new(token_endpoint_auth_method="none"), "/token_endpoint_auth_method"),
        (new("spa", token_endpoint_auth_method="client_secret_basic"), "/token_endpoint_auth_method"),
        (new("native", token_endpoint_auth_method="client_secret_post"), "/token_endpoint_auth_method"),
        (new(token_endpoint_auth_method="client_secret_jwt"), "/token_endpoint_auth_method"),
        (new(grant_types=()), "/grant_types"),
        (new(grant_types=("password",)), "/grant_types"),
        (new(grant_types=("implicit", "authorization_code")), "/grant_types"),
        (new("spa", grant_types=("authorization_code", "client_credentials")), "/grant_types"),
        (new("native", grant_types=("authorization_code", TOKEN_EXCHANGE)), "/grant_types"),
        (new("machine", grant_types=("authorization_code",)), "/grant_types"),
        (new("web", grant_types=("refresh_token",), redirect_uris=()), "/grant_types"),
        (new(token_endpoint_auth_method="private_key_jwt"), "/jwks"),
        (new(jwks={"keys": [{"kty": "oct", "k": "x"}]}), "/jwks"),
        (new(id_token_signed_response_alg="none"), "/id_token_signed_response_alg"),
        (new(id_token_signed_response_alg="HS256"), "/id_token_signed_response_alg"),
        (new("spa", require_pkce=False), "/require_pkce"),
        (new("native", require_pkce=False), "/require_pkce"),
        (new(access_token_minutes=1441), "/access_token_minutes"),
        (new(refresh_token_days=0), "/refresh_token_days"),
        (new(policy_uri="JavaScript:alert(1)"), "/policy_uri"),
        (new(terms_uri="data:text/html,x"), "/terms_uri"),
    ],
)
def test_what_will_not_do_is_named(ada, said, field):
    assert field in {pointer for pointer, _ in pointers(ada.create, said)}


def test_a_confidential_application_may_be_exempted_from_pkce_and_a_television_needs_no_address(ada):
    assert ada.create(new(require_pkce=False)).view.details.require_pkce is False
    assert ada.create(new("native", redirect_uris=(), grant_types=(DEVICE_CODE, "refresh_token"))).view
    assert ada.create(new(backchannel_logout_uri="http://127.0.0.1:8080/out")).view


def test_every_kind_can_have_what_is_usual_for_it():
    for kind in KINDS.values():
        assert set(kind.usual) <= set(kind.grants)
