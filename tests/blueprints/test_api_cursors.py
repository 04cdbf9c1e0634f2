"""Cursors are ours alone: of one list, one tenant and one secret key (GHSA-hgx2-28f8-6g2r: a forged one read all)."""

import base64
import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from app import crypto
from app.ids import uuid7
from tests.assessments import assessed

OTHER_KEY = "another key for tests alone, 0a1b2c3d4e5f"


def encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(cursor):
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@pytest.fixture
def ada(cast, call, services):
    """Ada's client, with two assessments at Acme to page through."""
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    assessed(services, cast.bob)
    return lambda query, **more: client.get(f"/risk-assessments?{query}", token=token, **more)


@pytest.fixture
def cursor(ada):
    return ada("limit=1").json["next_cursor"]


@pytest.fixture
def forge(services, cast):
    """A cursor with a true signature over whatever is wanted."""

    def forge(key, *, secret=None, endpoint="api_risk.index", tenant=None):
        held = secret or services.settings.secret_key.get_secret_value()
        signing = crypto.sign(held.encode(), b"list cursors")
        key = key if isinstance(key, bytes) else json.dumps(key).encode()
        about = f"{endpoint} {(tenant or cast.acme).id} ".encode()
        return encode(crypto.sign(signing, about + key)[:16] + key)

    return forge


def refused(answer):
    assert answer.status_code == 422, answer.text
    (error,) = answer.json["errors"]
    assert "Traceback" not in answer.text
    return error["pointer"] == "?cursor"


def test_ours_is_taken(ada, cursor, forge):
    assert ada(f"cursor={cursor}").status_code == 200
    assert ada(f"cursor={forge([datetime.now(UTC).isoformat(), str(uuid7())])}").status_code == 200


def test_one_that_was_changed_anywhere_is_refused(ada, cursor):
    raw = decode(cursor)
    for place in range(len(raw)):
        assert refused(ada(f"cursor={encode(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])}"))


@pytest.mark.parametrize("more", ["x", "!", "%00", "=", "%20", "%C3%A9", "'%20OR%201=1--", "A" * 1000])
def test_one_with_something_added_is_refused(ada, cursor, more):
    assert refused(ada(f"cursor={cursor}{more}"))


def test_one_that_was_cut_is_refused(ada, cursor):
    for length in range(0, len(cursor) - 1, 3):
        assert refused(ada(f"cursor={cursor[:length]}"))
    assert refused(ada(f"cursor={cursor}&cursor={cursor}"))


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b"\xff\xfe",
        ["2026-01-01T00:00:00Z"],
        ["2026-01-01T00:00:00Z", "1 OR 1=1"],
        ["2026-01-01T00:00:00", "01a21000-0000-7000-8000-000000000000"],
        ["yesterday", "01a21000-0000-7000-8000-000000000000"],
        ["2026-01-01T00:00:00Z", "01a21000-0000-7000-8000-000000000000", 1],
        [None, None],
    ],
    ids=str,
)
def test_even_with_our_signature_it_is_read_as_a_time_and_an_id_or_not_at_all(ada, forge, key):
    assert refused(ada(f"cursor={forge(key)}"))


def test_one_of_another_list_tenant_or_key_is_refused(ada, cast, forge):
    key = [datetime.now(UTC).isoformat(), str(uuid7())]
    for other in ({"secret": OTHER_KEY}, {"endpoint": "api_me.index"}, {"tenant": cast.globex}):
        assert refused(ada(f"cursor={forge(key, **other)}"))


def test_acmes_cursor_is_nothing_at_globex(cast, call, cursor):
    client = call(cast.globex)
    assert refused(client.get(f"/risk-assessments?cursor={cursor}", token=client.tokens(cast.mallory)["access_token"]))


def test_a_cursor_outlives_a_change_of_the_secret_key(portal, call, cast, cursor, services):
    old = services.settings.secret_key
    for fallbacks, status in (((old,), 200), ((), 422)):
        client = call(cast.acme, on=portal(secret_key=SecretStr(OTHER_KEY), secret_key_fallbacks=fallbacks))
        answer = client.get(f"/risk-assessments?cursor={cursor}", token=client.tokens(cast.ada)["access_token"])
        assert answer.status_code == status
