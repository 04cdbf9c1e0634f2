"""What rests of a request says nothing to whoever reads the table, and does not rest for long."""

import hashlib
from datetime import timedelta

import orjson
import pytest
from pydantic import SecretStr

from app.crypto import Cipher
from app.idempotency.errors import IdempotencyKeyReused, IdempotencyOutcomeUnknown
from app.idempotency.service import Answer
from app.storage import expired
from app.users import dossier
from app.users.dossier import Subject
from tests.idempotency.conftest import APP

KEY = "for-ada@acme.example"
COLUMNS = "tenant_id, claim_id, fingerprint, body_encrypted, withheld, user_id"


@pytest.fixture
def rows(owner, cast):
    """A tenant's rows, and all that they say, as the owner of the schema reads it."""

    def rows(tenant=cast.acme):
        where = "FROM idempotent_requests WHERE tenant_id = %s ORDER BY claimed_at"
        found = owner.execute(f"SELECT {COLUMNS} {where}", [tenant.id]).fetchall()
        return found, str(
            owner.execute(f"SELECT t::text {where.replace('requests', 'requests t')}", [tenant.id]).fetchall()
        )

    return rows


def test_neither_secret_nor_body_nor_key_rests_in_clear(send, rows, settings):
    made = send("/applications", APP, key=KEY).json
    ((tenant_id, claim_id, _, sealed, withheld, _),), text = rows()
    spelled = orjson.dumps(APP, option=orjson.OPT_SORT_KEYS)
    for word in (made["client_secret"], APP["name"], KEY, "notes.example"):
        assert word not in text
        assert word.encode() not in sealed
    for plain in (KEY.encode(), spelled, b"POST\n/api/v1/applications\n\n" + spelled):
        assert hashlib.sha256(plain).hexdigest() not in text
    cipher = Cipher(settings.encryption_key_bytes)
    kept = cipher.decrypt(sealed, place=f"idempotent_requests:{tenant_id}:{claim_id}")
    assert made["client_secret"].encode() not in kept
    assert (orjson.loads(kept)["name"], withheld) == (APP["name"], ["client_secret"])


def test_the_same_request_looks_different_for_everybody_and_under_every_key(send, rows, call, cast):
    globex = call(cast.globex)
    for key in ("a", "b"):
        send("/applications", APP, key=key)
    send("/applications", APP, key="a", client=globex, token=globex.tokens(cast.mallory)["access_token"])
    prints = [row[2] for row in rows()[0] + rows(cast.globex)[0]]
    assert (len(prints), len(set(prints))) == (3, 3)


def test_a_key_of_ours_may_be_rotated_meanwhile(services, claim, wired, settings):
    first = claim()
    services.idempotency.keep(first, Answer(status=201, body=b"{}"))
    later = {
        "secret_key": SecretStr("another key for tests alone, 9f8e7d"),
        "secret_key_fallbacks": (settings.secret_key,),
    }
    assert claim(on=wired(settings=settings.model_copy(update=later))) == Answer(status=201, body=b"{}")
    with pytest.raises(IdempotencyKeyReused):
        claim(on=wired(settings=settings.model_copy(update={**later, "secret_key_fallbacks": ()})))
    other = {"encryption_keys": (SecretStr("HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),)}
    with pytest.raises(IdempotencyOutcomeUnknown):
        claim(on=wired(settings=settings.model_copy(update=other)))


def test_people_read_of_it_and_it_goes_with_them(services, send, cast, rows, owner):
    send("/applications", APP)
    with services.units.read(cast.acme.id) as db:
        of = {"db": db, "tenant_id": cast.acme.id, "now": services.ports.clock()}
        (told,) = dossier.gather(Subject(user_id=cast.ada.id, **of))["repeatable_requests"]
        assert dossier.gather(Subject(user_id=cast.bob.id, **of))["repeatable_requests"] == []
    assert (told["status"], set(told)) == (201, {"claimed_at", "answered_at", "status", "expires_at"})
    assert [row[5] for row in rows()[0]] == [cast.ada.id]
    owner.execute("DELETE FROM users WHERE id = %s", [cast.ada.id])
    assert rows()[0] == []


def test_it_is_swept_after_a_day(services, send, rows):
    send("/applications", APP)
    for hours, left in ((23, 1), (25, 0)):
        with services.units.platform() as unit:
            expired.purge_unscoped(unit.db, now=services.ports.clock() + timedelta(hours=hours))
        assert len(rows()[0]) == left
