"""Class P: no value of any parameter makes an endpoint that programs call answer with a 5xx, or without JSON."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.oidc.application_details import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, DEVICE_CODE, REFRESH_TOKEN
from tests.oidc.clients import an_application
from tests.oidc.exchanging import ACCESS, TOKEN_EXCHANGE
from tests.oidc.issued import issued
from tests.oidc.programs import basic
from tests.oidc.signing import ASSERTION, a_key, a_proof, an_assertion, raw

PATHS = ("token", "introspect", "revoke", "userinfo", "device_authorization", "par")
GRANTS = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE, TOKEN_EXCHANGE)
FIELDS = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "device_code",
    "scope",
    "resource",
    "audience",
    "token",
    "token_type_hint",
    "access_token",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "response_type",
    "state",
    "nonce",
    "claims",
    "max_age",
    "flow",
    "\x00",
    "café",
]
# What only an unfriendly client sends: NUL, what is no UTF-8, half a surrogate pair, and very much of anything.
HOSTILE = [b"%00", b"a%00b", b"%FF%FE", b"%C0%80", b"%ED%A0%80", b"%0D%0ASet-Cookie:x", b"%22%5C", b"9" * 5000, b"%F0"]
FEW = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, grant_types=GRANTS, scopes=("openid", "offline_access", "email", "x:y"))


@pytest.fixture
def known(services, cast, notes):
    """What is nearly right gets furthest."""
    mine, key, origin = issued(services, cast.bob, notes), a_key(), cast.acme.origin
    claims = {"iss": origin, "sub": notes.client_id, "exp": 10**400, "iat": "now", "jti": "\ud800"}
    return [
        *(
            quote(one).encode()
            for one in (mine.access_token, mine.refresh_token, mine.id_token, mine.refresh_token[:-1])
        ),
        *(quote(one).encode() for one in (notes.client_id, notes.secret, ACCESS, ASSERTION, "openid", "code", "S256")),
        an_assertion(key, cast.acme, notes.client_id, exp="soon").encode(),
        raw({"alg": "none", "typ": "at+jwt", "kid": "../../dev/null"}, claims).encode(),
        quote('{"userinfo": {"email": {"value": "\\u0000"}}}').encode(),
    ]


@pytest.fixture
def sent(app, cast, notes):
    client = app.test_client(use_cookies=False)

    def sent(path, body, headers):
        answer = client.post(
            f"/oauth2/{path}",
            data=body,
            base_url=cast.acme.origin,
            content_type="application/x-www-form-urlencoded",
            headers=headers,
        )
        assert answer.status_code < 500, (path, body, answer.text)
        assert answer.is_json, (path, body)
        assert answer.json.get("error_description", "").isascii()
        assert answer.headers.get("WWW-Authenticate", "").isascii()
        return answer

    return sent


@pytest.mark.parametrize("path", PATHS)
def test_no_value_of_any_parameter_breaks_an_endpoint(sent, notes, known, path):
    pieces = some.sampled_from([*HOSTILE, *known]) | some.text(max_size=40).map(lambda text: quote(text).encode())
    fields = some.lists(some.tuples(some.sampled_from(FIELDS), pieces), max_size=6)

    @FEW
    @given(grant=some.sampled_from(GRANTS), fields=fields, shown=some.booleans())
    def run(grant, fields, shown):
        pairs = [("grant_type", quote(grant).encode()), *fields]
        body = b"&".join(quote(name).encode() + b"=" + value for name, value in pairs)
        sent(path, body, {"Authorization": basic(notes)} if shown else {})

    run()


@pytest.mark.parametrize("path", PATHS)
def test_nor_does_any_header(sent, notes, known, cast, path):
    proof = a_proof(a_key(), f"{cast.acme.origin}/oauth2/{path}")
    words = some.text(some.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60)
    values = words | some.sampled_from([proof, "", "x" * 9000, *(one.decode() for one in known)])
    scheme = some.sampled_from(["Basic", "Bearer", "DPoP", "basic", "Digest", ""])

    @FEW
    @given(scheme=scheme, value=values, proof=values, field=some.sampled_from(["token", "code", "refresh_token"]))
    def run(scheme, value, proof, field):
        body = b"grant_type=refresh_token&" + field.encode() + b"=x"
        sent(path, body, {"Authorization": f"{scheme} {value}", "DPoP": proof})

    run()
