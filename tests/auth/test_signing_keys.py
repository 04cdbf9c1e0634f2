"""Each tenant signs with a key of its own, which rests encrypted."""

import base64
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from app.auth import errors
from tests.cast import an_origin


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


def test_twenty_first_sign_ins_of_a_tenant_share_one_key(cast):
    with ThreadPoolExecutor(20) as threads:
        kids = set(threads.map(lambda _: _kid(cast.ada.sign_in().tokens.access_token), range(20)))
    assert len(kids) == 1


def test_keys_rest_encrypted(cast, owner, services):
    cast.ada.sign_in()
    secret = services.signer._rings.of(cast.acme.id).active["HS256"].secret
    rows = owner.execute("SELECT secret_encrypted FROM signing_keys WHERE tenant_id = %s", [cast.acme.id]).fetchall()
    assert rows
    assert all(secret not in row[0] and base64.urlsafe_b64decode(secret + b"=") not in row[0] for row in rows)


def test_each_tenant_has_a_key_of_its_own_and_a_foreign_one_is_refused(cast, accepts, services):
    """Mallory's key is real, and so is her token: at Acme both are nothing."""
    assert not accepts(cast.acme, cast.mallory.sign_in().tokens.access_token)
    adas = cast.ada.sign_in().tokens.access_token
    claims = jwt.decode(adas, options={"verify_signature": False})
    foreign = services.signer._rings.of(cast.globex.id).active["HS256"]
    for kid in (str(foreign.id), _kid(adas)):
        forged = jwt.encode(claims, foreign.secret, algorithm="HS256", headers={"typ": "at+jwt", "kid": kid})
        assert not accepts(cast.acme, forged)
