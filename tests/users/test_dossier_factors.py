"""People read of their second factors whatever we hold, and nothing that would open anything."""

from datetime import timedelta

import orjson
import pytest

from app.ids import uuid7
from app.storage import passkeys
from app.users import dossier
from app.users.dossier import Subject
from tests.auth.factored import (
    NOTHING,
    WHY,
    add_app,
    add_codes,
    add_passkey,
    guess_code,
    left_of,
    start_reset,
    trust,
)

SECTIONS = {
    "authentication_apps": 1,
    "backup_codes": 3,
    "passkeys": 1,
    "passkeys_asked": 1,
    "wrong_codes": 1,
    "second_step_resets": 1,
    "devices": 1,
}


@pytest.fixture
def ask_passkey(services):
    def ask_passkey(person):
        now = services.ports.clock()
        with services.units.begin(person.tenant.id) as unit:
            passkeys.challenge_with(
                unit.db,
                tenant_id=person.tenant.id,
                new_id=uuid7(),
                secret_digest=uuid7().bytes,
                purpose="add",
                user_id=person.id,
                now=now,
                expires_at=now + timedelta(minutes=5),
            )

    return ask_passkey


@pytest.fixture
def everything(cast, ask_passkey):
    """Bob and Ada, with one of each."""
    admin = cast.person(cast.acme, "petra@acme.example", role="owner")
    scope = admin.scope(admin.sign_in())
    for person in (cast.bob, cast.ada):
        add_app(person)
        add_passkey(person)
        add_codes(person)
        guess_code(person)
        trust(person)
        ask_passkey(person)
        start_reset(scope, person)
    return admin


@pytest.fixture
def read(services):
    def read(person, tenant=None):
        tenant, now = tenant or person.tenant, services.ports.clock()
        with services.units.read(tenant.id) as db:
            return dossier.gather(Subject(db=db, tenant_id=tenant.id, user_id=person.id, now=now))

    return read


def test_each_section_has_theirs_and_nobody_elses(cast, everything, read):
    found = read(cast.bob)
    assert {name: len(found[name]) for name in SECTIONS} == SECTIONS
    assert found["second_step_resets"][0]["reason"] == WHY
    assert found["devices"][0]["trusted_ip"] == "192.0.2.7"
    assert {name: len(rows) for name, rows in read(cast.bob, cast.globex).items()} == dict.fromkeys(found, 0)


def test_no_secret_and_no_third_person_is_among_it(cast, everything, read):
    found = read(cast.bob)
    assert orjson.dumps(found), "all of it can be written down"
    columns = {name for section in SECTIONS for row in found[section] for name in row}
    for word in ("secret", "public", "salt", "recipe", "digest", "encrypted", "challenge", "credential", "_by"):
        assert not [column for column in columns if word in column], word
    assert str(everything.id) not in orjson.dumps(found).decode()


def test_what_is_erased_leaves_nothing_of_it(cast, everything, owner, sweep):
    owner.execute("UPDATE users SET leaving_at = now(), erase_at = now() WHERE id = %s", [cast.bob.id])
    assert not sweep(cast.bob)
    assert left_of(cast.bob) == NOTHING
    for table in ("factor_resets", "passkey_challenges", "backup_codes", "known_devices"):
        count = owner.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [cast.bob.id]).fetchone()[0]
        assert count == 0, table
    assert left_of(cast.ada) != NOTHING
