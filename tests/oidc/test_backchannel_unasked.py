"""Back-channel logout where no session is ended by anybody: access taken back, and sessions that end by their age."""

import pytest

from app.errors import NotFound
from app.storage import sessions
from tests.oidc.telling import said, used_by


@pytest.fixture
def aged(services):
    """What the scheduler does, for all tenants that there are."""
    task = next(task for task in services.upkeep.tasks() if task.name == "end what has aged")
    return task.act


def test_whose_access_is_taken_back_is_told_of_the_sessions_that_it_had(services, cast, listener):
    notes, mail = listener.application(cast.acme), listener.application(cast.acme, "Mail")
    ended, one, two = (used_by(services, cast.bob, notes, mail) for _ in range(3))
    used_by(services, cast.ada, notes)
    services.sessions.end(cast.acme, one.scope, ended.scope.session_id)
    assert len(listener.told) == 2
    services.ports.queue.clear()
    services.openid.consents.revoke(cast.acme, one.scope, notes.id)
    assert services.ports.queue, "nobody has woken the worker"
    assert sorted(listener.told[2:]) == sorted([("/Notes", one.id), ("/Notes", two.id)])
    assert said(listener.heard[-1][1])["sub"] == str(cast.bob.id)
    with pytest.raises(NotFound):
        services.openid.consents.revoke(cast.acme, one.scope, notes.id)
    services.sessions.logout(cast.acme, one.scope)
    assert listener.told[4:] == [("/Mail", one.id)], "what is over for it, it does not hear of again"


def test_a_session_that_ends_by_its_age_is_told_once_and_only_where_somebody_listens(
    services, cast, listener, clock, aged
):
    notes, mail = listener.application(cast.acme), listener.application(cast.acme, "Mail")
    old = used_by(services, cast.bob, notes, mail)
    nobodys = cast.bob.scope(cast.bob.sign_in(tokens=False))
    clock.forward(days=3)
    used_by(services, cast.ada, notes)
    aged()
    assert listener.told == []
    clock.forward(days=4, minutes=1)
    services.ports.queue.clear()
    assert aged() >= 1
    assert services.ports.queue, "nobody has woken the worker"
    assert sorted(listener.told) == [("/Mail", old.id), ("/Notes", old.id)]
    aged()
    assert len(listener.told) == 2
    with services.units.read(cast.acme.id) as db:
        rows = [sessions.by_id(db, tenant_id=cast.acme.id, session_id=one.session_id) for one in (old.scope, nobodys)]
    assert [row.revoked_reason for row in rows] == ["expired", None]


def test_a_shorter_policy_and_idleness_are_ends_too_and_what_is_long_over_is_no_news(
    services, cast, listener, clock, aged
):
    notes = listener.application(cast.acme)
    one = used_by(services, cast.bob, notes)
    clock.forward(hours=2)
    aged()
    assert listener.told == []
    services.tenant_administration.change_settings(cast.acme, {"idle_minutes": 60})
    aged()
    assert listener.told == [("/Notes", one.id)]
    used_by(services, cast.ada, notes)
    clock.forward(days=8, minutes=1)
    aged()
    assert listener.told[1:] == []


def test_one_tenants_trouble_is_not_the_others(services, cast, listener, clock, aged, owner):
    wrong, right = (listener.application(tenant) for tenant in (cast.globex, cast.acme))
    used_by(services, cast.mallory, wrong)
    old = used_by(services, cast.bob, right)
    owner.execute("UPDATE tenants SET settings = '{\"most_sessions\": -1}' WHERE id = %s", [cast.globex.id])
    clock.forward(days=7, minutes=1)
    aged()
    owner.execute("UPDATE tenants SET settings = '{}' WHERE id = %s", [cast.globex.id])
    assert listener.told == [("/Notes", old.id)]
