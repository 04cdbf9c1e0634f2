"""The keys that we are known by: published before they sign, and as long as what they signed may count (RFC 7517)."""

import jwt
import pytest

from app.auth.published_keys import ALGORITHMS
from app.scope import Origin
from tests.auth.conftest import happened
from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program
from tests.waiting import at_once, until

__all__ = ["happened"]
PATH = "/oauth2/jwks"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


@pytest.fixture
def published(app, cast):
    return lambda tenant=None: Program(app, (tenant or cast.acme).origin).get(PATH).json["keys"]


@pytest.fixture
def rotate(services, cast):
    return lambda: services.key_ring.rotate(cast.acme.id, origin=Origin())


def test_there_is_a_key_of_each_algorithm_from_the_beginning_and_the_next_one(published, services, cast):
    keys = published()
    assert [key["alg"] for key in keys] == ["RS256", "RS256", "ES256", "ES256", "EdDSA", "EdDSA"]
    signer = jwt.get_unverified_header(issued(services, cast.ada, an_application(services, cast.acme)).access_token)
    assert keys[0]["kid"] == signer["kid"], "some relying parties take the first that they find"
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all(key["use"] == "sig" for key in keys)


def test_what_one_process_signs_by_an_algorithm_for_the_first_time_every_process_publishes(wired, services, cast):
    elsewhere = wired()
    before = {key["kid"] for key in elsewhere.key_ring.published(cast.acme.id)}
    for algorithm in ("ES256", "EdDSA"):
        notes = an_application(services, cast.acme, id_token_signed_response_alg=algorithm)
        assert jwt.get_unverified_header(issued(services, cast.ada, notes).access_token)["kid"] in before


def test_what_one_process_rotates_all_sign_by(wired, published, rotate, services, cast):
    elsewhere = wired()
    elsewhere.news.start()
    assert until(lambda: elsewhere.news.fresh)

    def signs_with():
        token = elsewhere.key_ring.sign(cast.acme, {}, algorithm="RS256", kind="JWT")
        return jwt.get_unverified_header(token)["kid"]

    published()
    before = signs_with()
    signers = rotate()
    own = services.signer.rotate(cast.acme.id, origin=Origin())
    assert until(lambda: signs_with() in signers)
    assert before not in signers
    assert until(lambda: own == elsewhere.signer._rings.of(cast.acme.id).active["HS256"].id)
    elsewhere.news.stop()


def test_many_who_need_the_first_key_wait_for_one(wired, services, cast):
    made = []

    def make(algorithm):
        made.append(algorithm)
        return services.ports.make_key(algorithm)

    portal = wired(make_key=make)
    at_once(*[lambda: portal.key_ring.published(cast.acme.id)] * 6)
    assert len(made) == 2 * len(ALGORITHMS)
    wired(make_key=make).key_ring.published(cast.acme.id)
    assert len(made) == 2 * len(ALGORITHMS), "nor does another process make what is there"


def test_nothing_private_is_published(published, services, cast):
    for algorithm in ("ES256", "EdDSA"):
        issued(services, cast.ada, an_application(services, cast.acme, id_token_signed_response_alg=algorithm))
    services.key_ring.rotate(cast.acme.id, origin=Origin())
    keys = services.key_ring.published(cast.acme.id)
    assert {key["alg"] for key in keys} == set(ALGORITHMS)
    assert all(not PRIVATE & key.keys() for key in keys)
    assert all(key["kty"] != "oct" for key in keys)
    assert len({key["kid"] for key in keys}) == len(keys)


def test_it_is_kept_for_five_minutes_by_whoever_asks(app, cast):
    answer = Program(app, cast.acme.origin).get(PATH)
    assert answer.headers["Cache-Control"] == "public, max-age=300, stale-if-error=86400"
    assert answer.mimetype == "application/json"


def test_a_token_of_before_a_rotation_verifies_after_and_the_new_signer_was_known_before(
    wired, published, rotate, services, cast, clock
):
    notes = an_application(services, cast.acme)
    before = issued(services, cast.ada, notes).access_token
    known = {key["kid"] for key in published()}
    (signer,) = rotate()
    assert signer in known, "whoever has looked within the last while knows the key that signs now"
    elsewhere = wired()
    assert elsewhere.openid.access_tokens.verify(cast.acme, before)
    after = issued(services, cast.ada, notes).access_token
    assert jwt.get_unverified_header(after)["kid"] == signer
    states = {key["kid"] for key in elsewhere.key_ring.published(cast.acme.id)}
    assert states > known, "next, active and retiring"
    assert len(states) == len(known) + 1
    # A relying app verifies both with what is published.
    keys = {key["kid"]: jwt.PyJWK(key) for key in elsewhere.key_ring.published(cast.acme.id)}
    for token in (before, after):
        key = keys[jwt.get_unverified_header(token)["kid"]]
        assert jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False})
    clock.forward(days=2)
    assert len(services.key_ring.published(cast.acme.id)) == len(known), "what has retired is gone"


def test_two_rotations_in_a_row_leave_every_key_that_counts(rotate, services, cast):
    notes = an_application(services, cast.acme)
    tokens = []
    for _ in range(3):
        tokens.append(issued(services, cast.ada, notes).access_token)
        rotate()
    assert all(services.openid.access_tokens.verify(cast.acme, token) for token in tokens)
    rs256 = [key for key in services.key_ring.published(cast.acme.id) if key["alg"] == "RS256"]
    assert len(rs256) == 5


def test_a_rotation_is_written_down_and_published_at_the_command_line(services, cast, published, happened, rotate):
    published()
    assert len(rotate()) == len(ALGORITHMS)
    assert ("signing_key.rotated", "success", None) in happened(cast.acme)


def test_upkeep_prepares_a_next_key_where_one_is_missing(services, cast, published, owner):
    keys = published()
    owner.execute("DELETE FROM signing_keys WHERE tenant_id = %s AND state = 'next'", [cast.acme.id])
    task = next(task for task in services.upkeep.tasks() if task.name == "prepare signing keys")
    assert task.act() >= 1
    fresh = services.key_ring.published(cast.acme.id)
    assert len(fresh) == len(keys)
    assert {key["kid"] for key in fresh} != {key["kid"] for key in keys}
    assert task.act() == 0


def test_globex_has_keys_of_its_own(published, cast):
    mine, theirs = ({key["kid"] for key in published(tenant)} for tenant in (cast.acme, cast.globex))
    assert not mine & theirs
