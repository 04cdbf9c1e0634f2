"""Coming back: the mailed link keeps the account, once, until it is erased."""

import threading

import pytest

from app.auth.errors import LinkExpired
from app.storage import audit


@pytest.fixture
def gone(cast, leave, letters):
    """Bob has asked to be deleted: the secret of the link in his mail."""
    assert leave(cast.bob) is None
    return letters.token_to(cast.bob.email)


def test_the_mail_says_until_when_and_how(cast, gone, letters, owner):
    erase_at = owner.execute("SELECT erase_at FROM users WHERE id = %s", [cast.bob.id]).fetchone()[0]
    text = letters.to(cast.bob.email).text
    assert f"{erase_at:%d %B %Y}".lstrip("0") in text
    assert f"{cast.acme.origin}/keep-account?token={gone}" in text


def test_who_follows_it_has_the_account_again_signed_in_nowhere(services, cast, gone, keep, clock, sweep):
    assert services.farewell.look(cast.acme, token=gone).email == cast.bob.email
    assert keep(cast.acme, gone) is None
    assert cast.bob.sign_in().session_id
    clock.forward(days=15)
    assert sweep(cast.bob)
    assert cast.bob.sign_in().session_id


def test_it_works_once(cast, gone, keep):
    assert [keep(cast.acme, gone) for _ in range(2)] == [None, LinkExpired]


def test_it_is_good_at_its_own_tenant_alone(cast, gone, keep):
    assert keep(cast.globex, gone) is LinkExpired
    assert keep(cast.acme, gone) is None


def test_a_link_of_another_purpose_keeps_nothing(services, cast, gone, keep, owner):
    owner.execute("UPDATE one_time_tokens SET purpose = 'verification' WHERE user_id = %s", [cast.bob.id])
    assert keep(cast.acme, gone) is LinkExpired


def test_of_many_who_follow_it_at_once_one_does(services, cast, gone, keep):
    said, start = [], threading.Barrier(6)

    def follow():
        start.wait()
        said.append(keep(cast.acme, gone))

    threads = [threading.Thread(target=follow) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count(None) == 1
    assert said.count(LinkExpired) == 5
    with services.units.read(cast.acme.id) as db:
        rows = audit.newest(db, tenant_id=cast.acme.id, most=50)
    assert len([row for row in rows if row.details.get("changed") == "kept"]) == 1


def test_after_two_weeks_it_is_too_late_even_before_the_sweep(cast, gone, keep, clock):
    clock.forward(days=14, seconds=1)
    assert keep(cast.acme, gone) is LinkExpired


def test_leaving_again_makes_a_new_link_and_the_old_one_stays_dead(cast, gone, keep, leave, letters):
    keep(cast.acme, gone)
    assert leave(cast.bob) is None
    fresh = letters.token_to(cast.bob.email)
    assert keep(cast.acme, gone) is LinkExpired
    assert keep(cast.acme, fresh) is None


def test_who_stayed_before_the_mail_was_written_gets_none(services, cast, gone, keep, letters):
    keep(cast.acme, gone)
    letters.clear()
    services.drainer._keepers["mail.account_deleted"](cast.acme.id, {"user_id": str(cast.bob.id)})
    assert list(letters) == []
