"""What nobody can use any more goes; what somebody may still ask about stays."""

from datetime import timedelta

import pytest

from app.auth.registration import NewAccount
from app.scope import Origin
from app.storage import expired, leak_checks
from tests.cast import an_origin

KEPT = [
    "pending_logins",
    "link_requests",
    "one_time_tokens",
    "revocations",
    "sessions",
    "refresh_families",
    "outbox",
    "lockout_lanes",
    "signing_keys",
    "known_devices",
    "risk_assessments",
    "data_exports",
    "leak_checks",
]


@pytest.fixture
def rows(owner, cast):
    """How many rows of each table are Acme's."""

    def rows():
        counted = {}
        for table in KEPT:
            query = f"SELECT count(*) FROM {table} WHERE tenant_id = %s"
            counted[table] = owner.execute(query, [cast.acme.id]).fetchone()[0]
        return counted

    return rows


@pytest.fixture
def purge(services):
    def purge(*, after):
        with services.units.platform() as unit:
            return expired.purge_unscoped(unit.db, now=services.ports.clock() + after)

    return purge


@pytest.fixture
def busy(services, cast, guess_wrong, letters):
    """One row at least of everything that grows."""
    services.pending_logins.begin(cast.acme, email="x@acme.example", step="password")
    new = NewAccount(email="petra@acme.example", password="petra velvet orbit 71")
    services.registration.register(cast.acme, new, origin=an_origin())
    letters.deliver()
    services.exports.ask(cast.acme, cast.ada.scope(cast.ada.sign_in()))
    signed_in = cast.ada.sign_in()
    services.sessions.logout(cast.acme, cast.ada.scope(signed_in))
    services.signer.rotate(cast.acme.id, origin=Origin())
    with services.units.begin(cast.acme.id) as unit:
        tomorrow = services.ports.clock() + timedelta(days=1)
        leak_checks.put(unit.db, tenant_id=cast.acme.id, user_id=cast.ada.id, sha1_encrypted=b"x", expires_at=tomorrow)
    guess_wrong()
    letters.deliver()


@pytest.fixture
def guess_wrong(cast):
    def guess_wrong():
        with pytest.raises(Exception, match="match"):
            cast.ada.sign_in(password="wrong")

    return guess_wrong


def test_nothing_goes_that_is_of_use(busy, rows, purge):
    before = rows()
    assert all(before.values()), before
    purge(after=timedelta(minutes=10))
    assert rows() == before


def test_after_a_day_links_and_pending_sign_ins_have_gone(busy, rows, purge):
    purge(after=timedelta(days=1, minutes=1))
    left = rows()
    gone = ("pending_logins", "link_requests", "revocations", "leak_checks")
    assert [left[table] for table in gone] == [0, 0, 0, 0]
    assert left["one_time_tokens"], "a link is remembered for a while: what it was bound to, and that it was used"
    assert (left["sessions"], left["data_exports"]) == (2, 1)


def test_after_a_week_an_export_has_gone(busy, rows, purge):
    purge(after=timedelta(days=7, minutes=1))
    assert rows()["data_exports"] == 0


def test_after_two_months_only_what_lasts_is_left(busy, rows, purge):
    purge(after=timedelta(days=60))
    assert {table for table, count in rows().items() if count} == {
        "known_devices",
        "risk_assessments",
        "signing_keys",
    }
    assert rows()["signing_keys"] == 1, "the active one"


def test_what_was_thought_of_a_sign_in_is_kept_for_a_year(busy, rows, purge):
    purge(after=timedelta(days=364))
    assert rows()["risk_assessments"]
    purge(after=timedelta(days=366))
    assert rows()["risk_assessments"] == 0


def test_a_remembered_session_outlives_a_month(cast, services, rows, purge):
    cast.ada.sign_in(remember=True)
    purge(after=timedelta(days=45))
    assert rows()["sessions"] == 1


def test_what_waits_in_the_outbox_is_never_removed(services, cast, rows, purge):
    services.verification.resend(cast.acme, email="x@acme.example", origin=an_origin())
    purge(after=timedelta(days=400))
    assert rows()["outbox"] == 1


def test_at_most_so_many_go_at_a_time(services, cast, owner):
    owner.execute(
        "INSERT INTO pending_logins (tenant_id, id, secret_digest, email, step, created_at, expires_at)"
        " SELECT %s, gen_random_uuid(), sha256(n::text::bytea), '', 'password', now(), now() - interval '1 day'"
        " FROM generate_series(1, 30) n",
        [cast.acme.id],
    )
    with services.units.platform() as unit:
        assert expired.purge_unscoped(unit.db, now=services.ports.clock(), most=20)["pending_logins"] == 20
