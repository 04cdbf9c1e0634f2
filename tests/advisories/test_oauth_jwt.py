"""Class H: forged access tokens of applications. Each row is a peer's fault, by its id in security.md."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.auth.errors import InvalidToken
from tests.advisories.forging import b64
from tests.oidc.clients import an_application
from tests.oidc.codes import redeemed
from tests.oidc.signing import a_key, public_jwk

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


@pytest.fixture
def tokens(services, app, cast):
    return redeemed(services, app, cast.bob, an_application(services, cast.acme))[1]


@pytest.fixture
def token(tokens):
    return tokens["access_token"]


@pytest.fixture
def refused(services, cast):
    def refused(token, *, tenant=None):
        with pytest.raises(InvalidToken):
            services.openid.access_tokens.verify(tenant or cast.acme, token)
        return True

    return refused


@pytest.fixture
def public(services, cast, token):
    """The published key that the token names."""
    kid = jwt.get_unverified_header(token)["kid"]
    return next(jwk for jwk in services.key_ring.published(cast.acme.id) if jwk["kid"] == kid)


def with_header(token, **changed):
    _, body, signature = token.split(".")
    said = jwt.get_unverified_header(token) | changed
    return f"{b64(json.dumps(said).encode())}.{body}.{signature}"


def signed_by(key, token, *, algorithm="ES256", header=None, **claims):
    said = jwt.decode(token, options={"verify_signature": False}) | claims
    return jwt.encode(said, key, algorithm=algorithm, headers=jwt.get_unverified_header(token) | (header or {}))


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "", None, 7, ["RS256"]])
def test_cve_2026_28802_no_algorithm_in_any_spelling(refused, token, alg):
    forged = with_header(token, alg=alg)
    assert refused(forged)
    assert refused(forged.rpartition(".")[0] + ".")


@pytest.mark.parametrize("form", ["jwk", "pem", "der", "n"])
def test_cve_2022_29217_our_public_key_is_no_shared_secret(refused, token, public, form):
    key = jwt.PyJWK(public).key
    secret = {
        "jwk": json.dumps(public).encode(),
        "pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "n": public["n"].encode(),
    }[form]
    head = b64(json.dumps(jwt.get_unverified_header(token) | {"alg": "HS256"}).encode())
    signing = f"{head}.{token.split('.')[1]}".encode()
    forged = f"{signing.decode()}.{b64(jwt.get_algorithm_by_name('HS256').sign(signing, secret))}"
    assert refused(forged)


def test_cve_2026_27962_a_key_in_the_header_is_not_used(refused, token):
    mine = a_key()
    for header in (
        {"jwk": public_jwk(mine)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x"},
        {"x5c": ["MII="]},
        {},
    ):
        assert refused(signed_by(mine, token, header={"alg": "ES256"} | header))


@pytest.mark.parametrize("crit", [["x"], ["exp"], [], "x"])
def test_cve_2025_59420_unknown_crit(refused, token, crit):
    assert refused(with_header(token, crit=crit))


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR '1'='1", "https://evil.example/k", "", None, 7, "x" * 3000])
def test_cve_2025_65945_kid_is_looked_up_among_our_own(refused, token, kid):
    assert refused(with_header(token, kid=kid))


@pytest.mark.parametrize("typ", ["JWT", "AT+JWT", "logout+jwt", None])
def test_cve_2026_27962_types_are_not_mixed(refused, token, typ):
    assert refused(with_header(token, typ=typ))


def test_an_id_token_opens_nothing(refused, tokens):
    assert refused(tokens["id_token"])


def test_asvs_9_1_1_one_bit(refused, token):
    head, body, signature = token.split(".")
    for forged in (
        f"{head}.{body}.{signature[:-8]}{'A' if signature[-8] != 'A' else 'B'}{signature[-7:]}",
        f"{head}.{body[:20]}{'A' if body[20] != 'A' else 'B'}{body[21:]}.{signature}",
    ):
        assert refused(forged)


def test_cve_2024_47077_a_token_is_its_tenants_alone(refused, token, cast):
    assert refused(token, tenant=cast.globex)


def test_cve_2025_61920_a_megabyte_costs_nothing(refused, token):
    began = time.perf_counter()
    for huge in ("x" * 1_000_000, token + "x" * 1_000_000, "." * 1_000_000):
        assert refused(huge)
    assert time.perf_counter() - began < 0.15


def test_asvs_9_2_1_an_expired_one(refused, token, clock):
    clock.forward(minutes=15)
    assert refused(token)
