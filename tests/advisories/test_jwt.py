"""Class H: forged access tokens. Each row is a peer's fault, by its id in security.md."""

import json
import time

import jwt
import pytest

from app.ids import uuid7
from tests.advisories.forging import b64, forge, refused

# The forger's keys are as short as the forger likes.
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


def test_a_good_one_is_at_jwt_with_the_promised_claims(token, cast):
    head, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    assert (head["alg"], head["typ"], head.keys()) == ("HS256", "at+jwt", {"alg", "typ", "kid"})
    assert claims.keys() == {"iss", "sub", "aud", "client_id", "exp", "nbf", "iat", "jti", "sid", "tid", "scope",
                             "roles", "amr", "acr", "auth_time"}  # fmt: skip
    assert claims["iss"] == claims["aud"] == cast.acme.origin


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 7, ["HS256"]])
@pytest.mark.parametrize("signature", ["", "kept"])
def test_cve_2026_28802_no_algorithm_in_any_spelling(acme, token, alg, signature):
    _, body, kept = token.split(".")
    header = {**jwt.get_unverified_header(token), "alg": alg}
    refused(acme, f"{b64(json.dumps(header).encode())}.{body}.{kept if signature else ''}")


@pytest.mark.parametrize("alg", ["HS384", "HS512"])
def test_cve_2022_29217_another_algorithm_with_our_own_secret(acme, token, key, alg):
    refused(acme, forge(token, key.secret, header={"alg": alg}, algorithm=alg))


@pytest.mark.parametrize("secret", [b"x" * 32, b"", "the kid", "the issuer"])
def test_cve_2024_37568_another_secret(acme, cast, token, key, secret):
    known = {"the kid": str(key.id).encode(), "the issuer": cast.acme.origin.encode()}.get(secret, secret)
    refused(acme, forge(token, (known or b"\0") * 4))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "' OR '1'='1",
        "' UNION SELECT 'x' --",
        "",
        None,
        7,
        ["x"],
        "http://evil.example/key",
        "file:///dev/null",
        "01a21000-0000-7000-8000-000000000001",
        "x" * 2000,
    ],
)
def test_cve_2025_65945_a_key_is_looked_up_among_the_tenants_own_and_nowhere_else(acme, token, kid):
    _, body, _ = token.split(".")
    header = {**jwt.get_unverified_header(token), "kid": kid}
    for secret in (b"", b"x" * 32):
        signing = f"{b64(json.dumps(header).encode())}.{body}"
        signature = b64(jwt.algorithms.HMACAlgorithm("sha256").sign(signing.encode(), secret))
        refused(acme, f"{signing}.{signature}")


@pytest.mark.parametrize(
    "extra",
    [{"jwk": {"kty": "oct", "k": b64(b"x" * 32)}}, {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example"},
     {"x5c": ["AAAA"]}, {"crit": ["x"], "x": 1}, {"crit": ["b64"], "b64": False}, {"cty": "JWT"}, {"zip": "DEF"}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("mine", [True, False], ids=["our secret", "theirs"])
def test_cve_2026_27962_2025_59420_a_header_brings_no_key_and_no_wish(acme, token, key, extra, mine):
    if "b64" in extra:
        _, body, signature = token.split(".")
        refused(acme, f"{b64(json.dumps(jwt.get_unverified_header(token) | extra).encode())}.{body}.{signature}")
        return
    refused(acme, forge(token, key.secret if mine else b"x" * 32, header=extra))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "AT+JWT", "logout+jwt", "application/at+jwt", "", None, "dpop+jwt"])
def test_asvs_9_2_2_another_type_of_token(acme, token, key, typ):
    refused(acme, forge(token, key.secret, header={"typ": typ}))


@pytest.mark.parametrize(
    "claims",
    [
        lambda t, g: {"exp": int(time.time())},
        lambda t, g: {"exp": int(time.time()) - 3600},
        lambda t, g: {"nbf": int(time.time()) + 60},
        lambda t, g: {"aud": g.origin},
        lambda t, g: {"aud": [g.origin]},
        lambda t, g: {"aud": t.origin + "/"},
        lambda t, g: {"aud": t.origin[:-1]},
        lambda t, g: {"iss": g.origin},
        lambda t, g: {"iss": t.origin[:-1]},
        lambda t, g: {"iss": t.origin + ".evil.example"},
        lambda t, g: {"iss": [t.origin]},
        lambda t, g: {"tid": str(g.id)},
        lambda t, g: {"tid": ""},
        lambda t, g: {"sid": str(uuid7())},
        lambda t, g: {"sub": str(uuid7())},
    ],
)
def test_cve_2024_53861_wrong_claims_although_well_signed(acme, cast, token, key, claims):
    refused(acme, forge(token, key.secret, claims=claims(cast.acme, cast.globex)))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "client_id", "exp", "nbf", "iat", "jti", "sid", "tid"])
def test_a_claim_that_is_missing(acme, token, key, claim):
    refused(acme, forge(token, key.secret, drop=[claim]))


def test_cve_2024_47077_a_token_of_one_tenant_at_another(call, cast, token):
    refused(call(cast.globex), token)
