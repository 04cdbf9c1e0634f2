"""The checks of an authorization request, one by one: what passes, what is refused, and by which name."""

import json
from itertools import pairwise

import pytest

from app.ids import uuid7
from app.oidc import checks
from app.oidc.asked import KNOWN, Asked
from app.oidc.clients import Client
from app.oidc.errors import OAuthRefusal

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CALLBACK = "https://notes.example/cb"
ISSUER = "https://acme.portal.example"
API = "https://api.notes.example/"


def a_client(**more):
    usual = {
        "id": uuid7(),
        "name": "Notes",
        "type": "web",
        "auth_method": "client_secret_basic",
        "grant_types": frozenset({"authorization_code"}),
        "redirect_uris": (CALLBACK,),
        "post_logout_redirect_uris": (),
        "backchannel_logout_uri": None,
        "scopes": frozenset({"openid", "profile", "invoices:read"}),
        "resources": frozenset({API}),
        "serves": frozenset(),
        "signing_algorithm": "RS256",
        "jwks": None,
        "require_pkce": True,
        "require_pushed_requests": False,
        "require_dpop": False,
        "first_party": True,
        "access_token_minutes": None,
        "refresh_token_days": None,
        "home_uri": None,
        "policy_uri": None,
        "terms_uri": None,
        "has_logo": False,
        "secrets": (),
    }
    return Client(**(usual | more))


def asked(client=None, *, pushed=False, hint=None, **more):
    """A good request, but for what is said. ``None`` leaves a parameter out, a list sends it as often as it is long."""
    client = client or a_client()
    usual = {
        "client_id": client.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    sent = {name: value for name, value in (usual | more).items() if value is not None}
    parameters = {name: value if isinstance(value, list) else [value] for name, value in sent.items()}
    return Asked(issuer=ISSUER, client=client, parameters=parameters, pushed=pushed, hint=hint)


def refusal_of(request):
    """The name of the refusal, and whether the application hears of it; ``None`` where there is none."""
    try:
        checks.check(request)
    except OAuthRefusal as refusal:
        return refusal.error, not isinstance(refusal, checks.Unproven)
    return None


def test_a_good_request_passes():
    assert refusal_of(asked()) is None


def test_what_nobody_knows_is_not_looked_at():
    assert refusal_of(asked(extra="foobar", more=["1", "2"])) is None


def test_the_first_two_checks_and_no_others_keep_their_refusals_from_the_application():
    assert checks.CHECKS[:2] == (checks.client_is_known, checks.redirect_uri_is_exact)
    unknown = Asked(issuer=ISSUER, client=None, parameters={"client_id": ["x"]})
    assert refusal_of(unknown) == ("invalid_client", False)
    assert refusal_of(asked(redirect_uri="https://notes.example/other")) == ("invalid_request", False)
    assert refusal_of(asked(redirect_uri=None)) == ("invalid_request", False)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_who_asks_and_where_to_said_twice_is_told_to_the_person_alone(name):
    value = asked().parameters[name][0]
    assert refusal_of(asked(**{name: [value, value]}))[1] is False


@pytest.mark.parametrize("name", sorted(KNOWN - {"client_id", "redirect_uri"}))
def test_whatever_is_sent_twice_is_refused(name):
    value = (asked().parameters.get(name) or ["1"])[0]
    assert refusal_of(asked(**{name: [value, value]})) == ("invalid_request", True)


@pytest.mark.parametrize("name", ["state", "nonce", "login_hint", "acr_values"])
@pytest.mark.parametrize("value", ["x" * 9000, "a\x00b", "a\r\nb"])
def test_what_is_endless_or_has_control_characters_is_refused(name, value):
    assert refusal_of(asked(**{name: value})) == ("invalid_request", True)


def test_long_states_and_nonces_are_fine():
    assert refusal_of(asked(state="s" * 4000, nonce="n" * 1000)) is None


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"response_mode": "query"}, None),
        ({"response_mode": "form_post"}, None),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://notes.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"scope": "openid"}, None),
        ({"scope": "invoices:read"}, None),
        ({"scope": None}, None),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": 'openid "'}, "invalid_scope"),
        ({"prompt": "none"}, None),
        ({"prompt": "login consent"}, None),
        ({"prompt": "create"}, None),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "unknown"}, "invalid_request"),
        ({"max_age": "0"}, None),
        ({"max_age": "10000"}, None),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"display": "popup", "ui_locales": "de fr", "claims_locales": "de"}, None),
        ({"resource": [API]}, None),
        ({"resource": [API, ISSUER]}, None),
        ({"resource": ["https://other.example/"]}, "invalid_target"),
        ({"resource": ["/relative"]}, "invalid_target"),
        ({"resource": [API + "#part"]}, "invalid_target"),
        ({"dpop_jkt": CHALLENGE}, None),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
def test_each_parameter_has_its_rule(more, refused):
    assert refusal_of(asked(**more)) == (refused and (refused, True))


@pytest.mark.parametrize(
    "claims", ["", "[]", "null", "{", '{"userinfo": []}', '{"id_token": {"acr": "2"}}', '{"a": NaN}']
)
def test_claims_have_to_be_what_the_specification_describes(claims):
    assert refusal_of(asked(claims=claims or None)) == (("invalid_request", True) if claims else None)


def test_claims_may_ask_for_whatever_they_like():
    wanted = {"userinfo": {"name": {"essential": True}, "http://x/y": None}, "id_token": {"acr": {"values": ["2"]}}}
    assert refusal_of(asked(claims=json.dumps(wanted))) is None


@pytest.mark.parametrize(
    ("client", "more", "refused"),
    [
        ({}, {}, "invalid_request"),
        ({"require_pkce": False}, {}, None),
        ({"auth_method": "none"}, {}, "invalid_request"),
        ({"require_pkce": False, "auth_method": "none"}, {}, "invalid_request"),
        ({"require_pkce": False}, {"code_challenge": CHALLENGE}, "invalid_request"),
        ({"require_pkce": False}, {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"require_pkce": False}, {"code_challenge_method": "S256"}, "invalid_request"),
        ({}, {"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"}, "invalid_request"),
        ({}, {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, None),
    ],
)
def test_pkce_is_s256_and_only_a_confidential_client_may_go_without(client, more, refused):
    none = {"code_challenge": None, "code_challenge_method": None}
    assert refusal_of(asked(a_client(**client), **(none | more))) == (refused and (refused, True))


def test_only_a_client_that_is_registered_for_codes_gets_them():
    machine = a_client(grant_types=frozenset({"client_credentials"}))
    assert refusal_of(asked(machine)) == ("unauthorized_client", True)


def test_a_client_that_pushes_its_requests_asks_in_no_other_way():
    client = a_client(require_pushed_requests=True)
    assert refusal_of(asked(client)) == ("invalid_request", True)
    assert refusal_of(asked(client, pushed=True)) is None


def test_what_is_pushed_names_no_other_request():
    assert refusal_of(asked(pushed=True, request_uri="urn:x")) == ("invalid_request", True)


def test_a_hint_is_an_id_token_of_ours_for_this_client():
    client = a_client()
    assert refusal_of(asked(client, id_token_hint="x")) == ("invalid_request", True)
    assert refusal_of(asked(client, id_token_hint="x", hint={"aud": "another"})) == ("invalid_request", True)
    assert refusal_of(asked(client, id_token_hint="x", hint={"aud": client.client_id})) is None
    assert refusal_of(asked(client, id_token_hint="x", hint={"aud": [client.client_id]})) is None


def test_every_check_says_which_clause_it_is_and_is_short():
    for rule in checks.CHECKS:
        assert rule.__doc__
        lines = [line for line in rule.__code__.co_lines() if line[2]]
        numbers = sorted({line[2] for line in lines})
        assert numbers[-1] - numbers[0] <= 15, rule.__name__
    assert all(a is not b for a, b in pairwise(checks.CHECKS))
