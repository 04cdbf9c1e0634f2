"""What a proof of possession has to be (RFC 9449, section 4.3; security.md 3.6, DPoP)."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.oidc.errors import InvalidDpopProof
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, basic
from tests.oidc.signing import a_key, a_proof, private_jwk, public_jwk, raw
from tests.waiting import at_once

ASK = {"grant_type": "client_credentials"}


@pytest.fixture
def url(cast):
    return f"{cast.acme.origin}/oauth2/token"


@pytest.fixture
def show(services, app, cast):
    client = TokenClient(app, cast.acme, an_application(services, cast.acme, type="machine"))
    return lambda proof: client.post(ASK, headers={"DPoP": proof})


def refused(answer):
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
    return True


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": None},
        {"htu": ""},
        {"htu": 5},
        {"htu": "https://else.example/oauth2/token"},
        {"htu": "/oauth2/token"},
        {"htu": "http://[bad"},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 300},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": float("nan")},
        {"iat": 1e300},
        {"iat": 10**400},
    ],
)
def test_what_a_proof_has_to_say_is_checked(show, url, changed):
    assert refused(show(a_proof(a_key(), url, **changed)))


def test_it_is_for_this_address_whatever_its_query_and_spelling(show, url, cast):
    key = a_key()
    for said in (url + "?a=b", url + "#f", url.replace("http://", "HTTP://"), url.replace(".test", ".TEST")):
        assert show(a_proof(key, url, htu=said)).status_code == 200
    for said in (
        url + "/",
        url.replace("/token", "/par"),
        url.replace("http://", "https://"),
        url.replace("/oauth2", "/x/../oauth2"),
        f"{cast.globex.origin}/oauth2/token",
        url.replace("http://", "http://me@"),
    ):
        assert refused(show(a_proof(key, url, htu=said)))


@pytest.mark.parametrize(("age", "counts"), [(0, True), (290, True), (320, False), (-10, True), (-20, False)])
def test_it_is_fresh(show, url, age, counts):
    answer = show(a_proof(a_key(), url, iat=int(time.time()) - age))
    assert (answer.status_code == 200) is counts


def test_its_own_times_count_where_it_has_them(show, url):
    now = int(time.time())
    assert show(a_proof(a_key(), url, nbf=now - 1, exp=now + 60)).status_code == 200
    assert refused(show(a_proof(a_key(), url, nbf=now + 60)))
    assert refused(show(a_proof(a_key(), url, exp=now - 60)))


def test_it_counts_once_even_for_many_at_the_same_moment(show, url):
    proof = a_proof(a_key(), url)
    answers = at_once(*[lambda: show(proof)] * 10)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


@pytest.mark.parametrize("typ", [None, "JWT", "dpop", "at+jwt", "DPOP+JWT", 5])
def test_its_type_says_what_it_is(show, url, typ):
    assert refused(show(a_proof(a_key(), url, headers={"typ": typ})))


def test_its_key_is_public_asymmetric_and_the_one_that_signed(show, url):
    key, other = a_key(), a_key()
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    curve = ec.generate_private_key(ec.SECP384R1())
    for jwk in (
        None,
        "x",
        [],
        {},
        {"kty": "oct", "k": "eHh4"},
        {"kty": ["EC"], "crv": "P-256"},
        {"kty": "EC", "crv": "P-256"},
        {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
        private_jwk(key),
        public_jwk(other),
        public_jwk(key, alg="RS256"),
        public_jwk(weak, "RS256"),
        public_jwk(curve),
    ):
        assert refused(show(a_proof(key, url, headers={"jwk": jwk})))


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "EdDSA", "", None])
def test_its_algorithm_is_its_keys(show, url, alg):
    key = a_key()
    header = {"typ": "dpop+jwt", "alg": alg, "jwk": public_jwk(key)}
    claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": "1"}
    assert refused(show(raw(header, claims, b"x" * 64)))
    assert refused(show(raw(header, claims)))


def test_a_header_that_points_elsewhere_is_refused(show, url):
    for more in ({"crit": ["x"]}, {"jku": "https://evil.example"}, {"x5u": "https://evil.example"}, {"b64": False}):
        assert refused(show(a_proof(a_key(), url, headers=more)))


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "x" * 9000, "a" * 200_000])
def test_what_is_no_proof_is_refused(show, proof):
    answer = show(proof)
    assert answer.status_code in {400, 431}


def test_two_proofs_are_one_too_many(services, app, cast, url):
    one, two = a_proof(a_key(), url), a_proof(a_key(), url)
    with pytest.raises(InvalidDpopProof):
        services.openid.dpop.proven(cast.acme, a_call(url, one, two))
    robot = an_application(services, cast.acme, type="machine")
    both = [("DPoP", one), ("DPoP", two), ("Authorization", basic(robot.client_id, robot.secret))]
    assert refused(app.test_client().post("/oauth2/token", data=ASK, headers=both, base_url=cast.acme.origin))


def test_with_an_access_token_it_is_for_that_token(services, cast, url):
    key, token = a_key(), jwt.encode({"a": 1}, "x" * 32)
    proven = services.openid.dpop.proven
    assert proven(cast.acme, a_call(url, a_proof(key, url, token=token)), access_token=token)
    for proof in (a_proof(key, url), a_proof(key, url, token=token + "x"), a_proof(key, url, ath="")):
        with pytest.raises(InvalidDpopProof):
            proven(cast.acme, a_call(url, proof), access_token=token)
    assert proven(cast.acme, a_call(url)) is None


def a_call(url, *proofs):
    from app.oidc.calls import Call
    from app.scope import Origin

    return Call(method="POST", url=url, form={}, origin=Origin(), dpop=proofs)
