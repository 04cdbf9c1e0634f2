"""What the worker does about passwords of which nobody could tell whether they have leaked."""

from datetime import timedelta

from app.storage import expired, users
from tests.auth.petra import EMAIL, MINE

KIND = "password.leak_check"


def test_the_job_asks_again_and_forgets_what_has_not_leaked(unanswered, hibp, rests, letters, clock, owner, cast):
    hibp.mood = "failing"
    clock.forward(minutes=5)
    letters.deliver()
    said = owner.execute("SELECT last_error FROM outbox WHERE tenant_id = %s AND kind = %s", [cast.acme.id, KIND])
    assert said.fetchone() == ("CannotTell: status 503",)
    assert rests()[1], "it is tried again while nobody can tell"
    hibp.mood = "well"
    clock.forward(minutes=5)
    assert letters.deliver() == []
    user, check = rests()
    assert (check, user.password_leaked_at) == (None, None)


def test_whoever_turns_out_to_use_a_leaked_one_is_told_once(
    unanswered, hibp, rests, letters, clock, cast, services, happened
):
    hibp.leak(MINE)
    clock.forward(minutes=5)
    (mail,) = letters.deliver()
    assert mail.to == EMAIL
    assert f"{cast.acme.origin}/account/password" in mail.text
    user, check = rests()
    assert check is None
    assert user.password_leaked_at
    assert ("user.updated", "success", None) in happened(cast.acme)
    with services.units.begin(cast.acme.id) as unit:
        services.outbox.put(unit, tenant_id=cast.acme.id, kind=KIND, user_id=user.id)
    assert len(letters.deliver()) == 1


def test_a_password_that_was_changed_meanwhile_is_not_blamed(unanswered, hibp, rests, letters, clock, cast, services):
    hibp.leak(MINE)
    with services.units.begin(cast.acme.id) as unit:
        users.set_password(unit.db, tenant_id=cast.acme.id, user_id=unanswered.id, password_hash="x", now=clock())
    clock.forward(minutes=5)
    assert letters.deliver() == []
    assert rests()[0].password_leaked_at is None


def test_a_newer_password_of_which_somebody_could_tell_takes_the_place_of_the_older(unanswered, rests, portal, choose):
    assert choose(unanswered, "three uncommon gherkins", leaks=portal.ports.leaks) is None
    assert rests()[1] is None


def test_a_newer_one_of_which_nobody_can_tell_takes_the_place_of_the_older(
    unanswered, hibp, rests, portal, choose, letters, clock
):
    _, older = rests()
    hibp.mood = "failing"
    assert choose(unanswered, "three uncommon gherkins", leaks=portal.ports.leaks) is None
    user, newer = rests()
    assert newer.password_changed_at == user.password_changed_at > older.password_changed_at
    hibp.mood = "well"
    hibp.leak("three uncommon gherkins")
    clock.forward(minutes=5)
    assert [mail.to for mail in letters.deliver()] == [EMAIL]


def test_what_is_a_day_old_is_removed(unanswered, services, clock, owner, cast):
    with services.units.platform() as unit:
        assert expired.purge_unscoped(unit.db, now=clock() + timedelta(hours=25))["leak_checks"] >= 1
    count = owner.execute("SELECT count(*) FROM leak_checks WHERE tenant_id = %s", [cast.acme.id])
    assert count.fetchone() == (0,)
