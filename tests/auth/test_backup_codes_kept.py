"""Backup codes between being made and being used: shown for a while, counted, and at rest unreadable."""

import pytest

from app import crypto
from app.crypto import Undecipherable
from tests.auth.apps import Apps, refused


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def codes(cast, apps):
    """Bob's."""
    apps.enrol(cast.bob)
    return apps.make(cast.bob)


@pytest.fixture
def everything(owner):
    """Every row of every table, as text; binary columns in hexadecimal digits."""

    def everything():
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT relispartition"
        ).fetchall()
        return "\n".join(
            row for (table,) in tables for (row,) in owner.execute(f"SELECT t::text FROM {table} t").fetchall()
        )

    return everything


def spellings(secret):
    """How it would look in a table."""
    plain = secret.replace("-", "")
    return [secret, plain, plain.lower(), plain.encode().hex(), secret.encode().hex(), crypto.digest(plain).hex()]


def test_they_are_shown_until_they_are_saved_and_for_an_hour_at_the_most(services, cast, apps, codes, clock):
    shown = services.backup_codes.shown
    assert shown(cast.acme, cast.bob.id) == codes
    assert services.backup_codes.state(cast.acme, cast.bob.id).saved is False
    services.backup_codes.saved(cast.acme, cast.bob.id)
    assert shown(cast.acme, cast.bob.id) is None
    assert services.backup_codes.state(cast.acme, cast.bob.id).saved is True
    assert apps.use(cast.bob, codes[0])
    new = apps.make(cast.bob)
    clock.forward(minutes=59)
    assert shown(cast.acme, cast.bob.id) == new
    clock.forward(minutes=2)
    assert shown(cast.acme, cast.bob.id) is None
    assert apps.use(cast.bob, new[0]), "they work all the same"


def test_at_two_left_the_owner_is_told_and_once(cast, apps, codes, letters, happened):
    letters.deliver().clear()
    for code in codes[:7]:
        apps.use(cast.bob, code)
    assert ("backup_codes.low", "success", None) not in happened(cast.acme)
    for code in codes[7:]:
        apps.use(cast.bob, code)
    assert happened(cast.acme).count(("backup_codes.low", "success", None)) == 1
    (mail,) = letters.deliver()
    assert mail.to == cast.bob.email
    assert f"{cast.acme.origin}/account/backup-codes" in mail.text
    assert not any(code in mail.text for code in codes)


def test_of_a_new_set_they_are_told_again_and_not_of_one_that_is_full_by_now(cast, apps, codes, letters):
    letters.deliver().clear()
    for code in codes[:8]:
        apps.use(cast.bob, code)
    new = apps.make(cast.bob)
    assert not letters.deliver()
    for code in new[:8]:
        apps.use(cast.bob, code)
    assert len(letters.deliver()) == 1


def test_no_code_and_no_secret_of_an_app_rests_where_it_could_be_read(cast, apps, codes, everything, letters):
    begun, app = apps.begin(cast.ada), apps.enrol(cast.mallory)
    apps.use(cast.bob, codes[0])
    letters.deliver()
    rows = everything()
    for secret in (*codes, begun.secret, app.secret):
        assert not [spelled for spelled in spellings(secret) if spelled in rows]
    assert not [line for line in rows.splitlines() if "otpauth" in line]


def test_what_rests_of_the_codes_is_no_plain_digest_and_differs_for_equal_codes(cast, services, owner, codes):
    digests = "SELECT code_digest FROM backup_codes WHERE user_id = %s"
    rest = {bytes(digest) for (digest,) in owner.execute(digests, [cast.bob.id]).fetchall()}
    assert {len(digest) for digest in rest} == {32}
    own = services.backup_codes.digest_of(cast.acme, cast.bob.id, codes[0])
    other = services.backup_codes.digest_of(cast.acme, cast.ada.id, codes[0])
    assert own in rest
    assert other not in rest


@pytest.mark.parametrize("table", ["totp_authenticators", "backup_code_sets"])
def test_a_ciphertext_in_another_row_does_not_open(cast, services, apps, codes, owner, table):
    apps.enrol(cast.ada)
    apps.make(cast.ada)
    column = "secret_encrypted" if table == "totp_authenticators" else "codes_encrypted"
    owner.execute(
        f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE user_id = %s) WHERE user_id = %s",
        [cast.bob.id, cast.ada.id],
    )
    shown, spend = services.backup_codes.shown, apps.spend
    with pytest.raises(Undecipherable):
        spend(cast.ada, "000000") if table == "totp_authenticators" else shown(cast.acme, cast.ada.id)


def test_after_an_hour_they_are_hidden_for_good_and_still_work(cast, services, apps, codes, clock, owner):
    kept = "SELECT codes_encrypted IS NOT NULL FROM backup_code_sets WHERE user_id = %s"
    clock.forward(minutes=59)
    services.upkeep.hide_backup_codes()
    assert owner.execute(kept, [cast.bob.id]).fetchone() == (True,)
    clock.forward(minutes=2)
    assert services.upkeep.hide_backup_codes() >= 1
    assert owner.execute(kept, [cast.bob.id]).fetchone() == (False,)
    assert services.upkeep.hide_backup_codes() == 0
    assert apps.use(cast.bob, codes[0])


def test_those_that_were_handed_over_at_once_never_rest(cast, services, apps, owner):
    apps.enrol(cast.bob)
    codes = services.backup_codes.make(cast.acme, apps.scope(cast.bob), show=False)
    assert services.backup_codes.shown(cast.acme, cast.bob.id) is None
    assert services.backup_codes.state(cast.acme, cast.bob.id).saved
    assert apps.use(cast.bob, codes[0])


def test_apps_that_were_never_confirmed_go_after_a_day(cast, services, apps, clock, owner):
    begun, counted = apps.begin(cast.ada), apps.enrol(cast.bob)
    there = "SELECT id FROM totp_authenticators WHERE tenant_id = %s"
    clock.forward(hours=23)
    services.upkeep.remove_expired()
    assert {row[0] for row in owner.execute(there, [cast.acme.id]).fetchall()} == {begun.id, counted.id}
    clock.forward(hours=2)
    services.upkeep.remove_expired()
    assert {row[0] for row in owner.execute(there, [cast.acme.id]).fetchall()} == {counted.id}
    assert refused(apps.begin, cast.ada) is None
