"""People with second factors, written straight into storage: for tests of what becomes of them, not of their codes."""

from datetime import timedelta

from sqlalchemy import text, update

from app import crypto
from app.ids import uuid7
from app.storage import backup_codes, code_guesses, known_devices, passkeys, totp_authenticators
from app.storage.known_devices import KnownDevice
from tests.cast import an_origin


def add_app(person, *, name="Phone", confirmed=True):
    """An authentication app of theirs; hands over its id."""
    now, new_id, of = person.services.ports.clock(), uuid7(), {"tenant_id": person.tenant.id, "user_id": person.id}
    with person.services.units.begin(person.tenant.id) as unit:
        totp_authenticators.add(unit.db, new_id=new_id, name=name, secret_encrypted=b"x", now=now, **of)
        unit.db.flush()
        if confirmed:
            totp_authenticators.confirm(unit.db, totp_id=new_id, step=1, now=now, **of)
    return new_id


def use_app(person, app_id):
    """A code of it was right."""
    now = person.services.ports.clock()
    with person.services.units.begin(person.tenant.id) as unit:
        totp_authenticators.spend(
            unit.db,
            tenant_id=person.tenant.id,
            user_id=person.id,
            steps={app_id: int(now.timestamp())},
            now=now,
        )


def add_passkey(person, *, name="Laptop"):
    new_id = uuid7()
    with person.services.units.begin(person.tenant.id) as unit:
        passkeys.add(
            unit.db,
            tenant_id=person.tenant.id,
            new_id=new_id,
            user_id=person.id,
            credential_id=new_id.bytes,
            public_key=b"x",
            sign_count=0,
            aaguid=uuid7(),
            name=name,
            transports=["internal"],
            synced=True,
            now=person.services.ports.clock(),
        )
    return new_id


def add_codes(person, count=3):
    with person.services.units.begin(person.tenant.id) as unit:
        backup_codes.replace(
            unit.db,
            tenant_id=person.tenant.id,
            user_id=person.id,
            recipe=b"recipe",
            codes_encrypted=b"x",
            digests=[bytes([number]) * 32 for number in range(count)],
            now=person.services.ports.clock(),
        )


def guess_code(person):
    """A wrong code was typed."""
    with person.services.units.begin(person.tenant.id) as unit:
        code_guesses.begin(
            unit.db,
            tenant_id=person.tenant.id,
            user_id=person.id,
            now=person.services.ports.clock(),
            attempts=5,
            window=timedelta(minutes=5),
            lock=timedelta(minutes=5),
            longest=timedelta(hours=24),
            most=50,
            recovery=False,
        )


def trust(person, *, device=None, days=30):
    """A browser of theirs where they are not asked; hands over its secret."""
    device, now, of = device or crypto.mint(), person.services.ports.clock(), person.tenant.id
    digest = crypto.digest(device)
    with person.services.units.begin(of) as unit:
        known_devices.clear(unit.db, tenant_id=of, user_id=person.id, digest=digest, now=now, until=now)
        unit.db.execute(
            update(KnownDevice)
            .where(KnownDevice.tenant_id == of, KnownDevice.user_id == person.id, KnownDevice.digest == digest)
            .values(
                trusted_at=now,
                trusted_until=now + timedelta(days=days),
                trusted_ip="192.0.2.7",
                trusted_agent=an_origin().user_agent,
            )
        )
    return device


def trusted_device(person):
    """The id of the one that was trusted last."""
    with person.services.units.read(person.tenant.id) as db:
        now = person.services.ports.clock()
        return known_devices.trusted(db, tenant_id=person.tenant.id, user_id=person.id, now=now)[0].id


def trusted(person):
    """On how many devices they are not asked."""
    with person.services.units.read(person.tenant.id) as db:
        now = person.services.ports.clock()
        return len(known_devices.trusted(db, tenant_id=person.tenant.id, user_id=person.id, now=now))


def left_of(person):
    """How much of each kind somebody has."""
    with person.services.units.read(person.tenant.id) as db:
        counted = {
            table: db.scalar(text(f"SELECT count(*) FROM {table} WHERE user_id = :id"), {"id": person.id})
            for table in NOTHING
            if table != "trusted"
        }
    return counted | {"trusted": trusted(person)}


NOTHING = {"totp_authenticators": 0, "passkeys": 0, "backup_code_sets": 0, "code_guesses": 0, "trusted": 0}
WHY = "Bob has lost his phone."


def start_reset(scope, person, *, reason=WHY):
    """An administrator starts to take somebody's factors away."""
    return person.services.factor_resets.start(person.tenant, scope, person.id, reason=reason)
