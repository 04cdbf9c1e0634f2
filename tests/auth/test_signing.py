"""Access tokens and the keys behind them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import jwt
import pytest

from app.auth import errors
from app.scope import Origin
from app.storage import signing_keys
from tests.cast import an_origin


@pytest.fixture
def rotate(services):
    return lambda tenant, portal=None: (portal or services).signer.rotate(tenant.id, origin=Origin())


@pytest.fixture
def accepts(services):
    def accepts(tenant, token, portal=None):
        try:
            (portal or services).sessions.by_token(tenant, token, origin=an_origin())
        except errors.InvalidToken:
            return False
        return True

    return accepts


def _kid(token):
    return jwt.get_unverified_header(token)["kid"]


def test_a_token_says_what_the_contract_says(cast):
    signed_in = cast.ada.sign_in()
    token = signed_in.tokens.access_token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert jwt.get_unverified_header(token).keys() == {"alg", "typ", "kid"}
    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "client_id",
        "exp",
        "nbf",
        "iat",
        "jti",
        "sid",
        "tid",
        "scope",
        "roles",
        "amr",
        "acr",
        "auth_time",
    }
    assert (claims["iss"], claims["aud"]) == (cast.acme.origin, cast.acme.origin)
    assert (claims["sub"], claims["sid"]) == (str(cast.ada.id), str(signed_in.session_id))
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_a_token_ends_when_it_says_so(cast, accepts, clock):
    token = cast.ada.sign_in().tokens.access_token
    clock.forward(minutes=14, seconds=58)
    assert accepts(cast.acme, token)
    clock.forward(seconds=3)
    assert not accepts(cast.acme, token)


def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies(cast, accepts, rotate):
    before = cast.ada.sign_in().tokens.access_token
    kid = rotate(cast.acme)
    after = cast.ada.sign_in().tokens.access_token
    assert _kid(after) == str(kid) != _kid(before)
    assert accepts(cast.acme, before)
    assert accepts(cast.acme, after)


def test_a_retired_key_verifies_until_its_last_token_has_expired_and_no_longer(cast, rotate, clock, services):
    old = cast.ada.sign_in().tokens.access_token
    rotate(cast.acme)
    with services.units.read(cast.acme.id) as db:
        assert [
            str(key.id) for key in signing_keys.usable(db, tenant_id=cast.acme.id, algorithms=["HS256"], now=clock())
        ][1] == _kid(old)
        clock.forward(days=1, minutes=6)
        assert len(signing_keys.usable(db, tenant_id=cast.acme.id, algorithms=["HS256"], now=clock())) == 1


def test_a_rotation_in_another_process_is_seen_at_once(cast, accepts, rotate, wired):
    """A token that has just been issued is not refused by the process that loaded its keys a moment before."""
    here, elsewhere = wired(), wired()
    assert accepts(cast.acme, cast.ada.sign_in().tokens.access_token, here)
    rotate(cast.acme, elsewhere)
    cast.ada.services = elsewhere
    assert accepts(cast.acme, cast.ada.sign_in().tokens.access_token, here)


def test_a_rotation_in_another_process_is_seen_after_a_second(cast, accepts, rotate, wired, clock):
    here, elsewhere = wired(), wired()
    assert accepts(cast.acme, cast.ada.sign_in().tokens.access_token, here)
    kid = rotate(cast.acme, elsewhere)
    cast.ada.services = elsewhere
    token = cast.ada.sign_in().tokens.access_token
    clock.forward(seconds=2)
    assert accepts(cast.acme, token, here)
    clock.forward(minutes=1)
    cast.ada.services = here
    assert _kid(cast.ada.sign_in().tokens.access_token) == str(kid), "within a minute it signs with the new one too"


def test_of_parallel_rotations_each_that_names_a_key_has_made_one(cast, rotate, owner, happened):
    cast.ada.sign_in()
    for _ in range(5):
        barrier = Barrier(4)

        def turn(_, barrier=barrier):
            barrier.wait()
            return rotate(cast.acme)

        with ThreadPoolExecutor(4) as threads:
            kids = set(threads.map(turn, range(4)))
        keys = owner.execute("SELECT id, state FROM signing_keys WHERE tenant_id = %s", [cast.acme.id]).fetchall()
        assert [state for _, state in keys].count("active") == 1
        assert kids <= {key for key, _ in keys}
    made = [event for event, *_ in happened(cast.acme)].count("signing_key.rotated")
    assert made == len(keys) - 1
