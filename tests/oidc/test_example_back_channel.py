"""What the example's back-channel logout takes, and what it refuses: people copy it."""

import importlib.util
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

ISSUER, CLIENT = "https://acme.portal.example", "notes"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
APP = Path(__file__).parents[2] / "examples" / "relying-app" / "app.py"


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def notes(key, monkeypatch):
    """The example with one person in it, and the portal's metadata as if it had asked."""
    monkeypatch.setenv("ISSUER", ISSUER)
    monkeypatch.setenv("CLIENT_ID", CLIENT)
    spec = importlib.util.spec_from_file_location("relying_app", APP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    module.portico.server_metadata.update(
        issuer=ISSUER,
        id_token_signing_alg_values_supported=["RS256", "ES256", "EdDSA"],
        jwks={"keys": [{**public, "kid": "one", "alg": "ES256", "use": "sig"}]},
        _loaded_at=time.time(),
    )
    module.visits["v1"] = module.Visit(claims={"sub": "ada", "sid": "s1"}, token={})
    module.visits["v2"] = module.Visit(claims={"sub": "ada", "sid": "s2"}, token={})
    module.visits["v3"] = module.Visit(claims={"sub": "bob", "sid": "s3"}, token={})
    return module


@pytest.fixture
def tell(notes, key):
    """``tell(sid=None, typ="JWT")``: a logout token that differs from a good one in this."""

    def tell(*, with_key=key, algorithm="ES256", typ="logout+jwt", **changes):
        now = int(time.time())
        said = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j1", "sub": "ada", "sid": "s1"}
        said = {**said, "events": {EVENT: {}}, **changes}
        said = {name: value for name, value in said.items() if value is not None}
        token = jwt.encode(said, with_key, algorithm=algorithm, headers={"typ": typ, "kid": "one"})
        answer = notes.app.test_client().post("/backchannel-logout", data={"logout_token": token})
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, sorted(notes.visits)

    return tell


def test_a_session_that_is_named_ends_and_the_persons_others_stay(tell):
    assert tell() == (200, ["v2", "v3"])


def test_without_a_session_all_of_the_persons_end(tell):
    assert tell(sid=None) == (200, ["v3"])


def test_one_of_a_session_that_is_not_here_is_no_fault(tell):
    assert tell(sid="elsewhere") == (200, ["v1", "v2", "v3"])


def test_it_counts_once(tell):
    tell(sid="elsewhere")
    assert tell() == (400, ["v1", "v2", "v3"])


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "n"},
        {"events": None},
        {"events": {"http://other.example/event": {}}},
        {"typ": "JWT"},
        {"iss": "https://globex.portal.example"},
        {"aud": "another"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"jti": None},
        {"sub": None, "sid": None},
        {"with_key": "a secret of at least 32 characters, 0123456789", "algorithm": "HS256"},
        {"with_key": None, "algorithm": "none"},
    ],
    ids=str,
)
def test_what_is_no_logout_token_for_it_ends_nothing(tell, changes):
    assert tell(**changes) == (400, ["v1", "v2", "v3"])


def test_a_strangers_signature_ends_nothing(tell):
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert tell(with_key=stranger) == (400, ["v1", "v2", "v3"])


def test_nothing_at_all_is_refused(notes):
    for data in ({}, {"logout_token": "x"}, {"logout_token": "a.b.c"}):
        assert notes.app.test_client().post("/backchannel-logout", data=data).status_code == 400
