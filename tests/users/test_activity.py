"""What people are told of their account's past: all of theirs, newest first, and nobody else's data."""

from dataclasses import replace

import pytest

from app import events
from app.events import Event
from app.scope import ANYBODY, SYSTEM, Actor, ActorKind, Origin
from app.users.activity import CHANGED, DONE, REFUSED, Activity
from tests.cast import an_origin

# What is for machines and administrators, or is told by another event at the same moment.
NOBODY_IS_SHOWN = {
    "user.deleted",
    "session.created",
    "logout.completed",
    "token.refreshed",
    "token.exchanged",
    "magic_link.used",
    "risk.assessed",
    "role.assigned",
    "tenant.created",
    "tenant.updated",
    "tenant.suspended",
    "tenant.activated",
    "application.created",
    "application.updated",
    "application.deleted",
    "application.secret_rotated",
    "signing_key.rotated",
}


@pytest.fixture
def told(services, scope_of):
    """A person's history: all of it."""

    def told(person, activity=services.activity, scope=None):
        return activity.entries(scope or scope_of(person), after=None, limit=100)[0]

    return told


@pytest.fixture
def write(services, cast):
    """Something happened to Ada."""

    def write(event, *, actor=ANYBODY, origin=None, subject=cast.ada.id, **details):
        row = events.row(
            event,
            now=services.ports.clock(),
            actor=actor,
            origin=origin or an_origin(),
            subject_id=subject,
            **details,
        )
        with services.units.begin(cast.acme.id) as unit:
            events.record(unit, tenant_id=cast.acme.id, rows=[row])

    return write


def test_sign_ins_refusals_and_ends_are_told_newest_first(services, cast, told):
    signed_in = cast.ada.sign_in()
    services.sessions.logout(cast.acme, cast.ada.scope(signed_in))
    with pytest.raises(Exception, match="match"):
        cast.ada.sign_in(password="wrong")
    titles = [(entry.title, entry.kind) for entry in told(cast.ada)]
    assert titles == [
        ("Signed in", "success"),
        ("Someone typed a wrong password", "warning"),
        ("A sign-in was ended", "neutral"),
        ("Signed in", "success"),
        ("Account created", "success"),
    ]


def test_where_and_with_what_is_told(cast, told):
    entry = told(cast.ada)[0]
    assert (entry.ip, entry.note, entry.place) == ("192.0.2.7", "With your password.", None)
    assert entry.user_agent.startswith("Mozilla/5.0")


def test_places_are_told_where_they_are_known(services, cast, told):
    activity = Activity(services.units, place_of={"192.0.2.7": "Berlin, Germany"}.get)
    assert told(cast.ada, activity)[0].place == "Berlin, Germany"


def test_an_administrators_address_and_browser_are_not_told(cast, told, write):
    admin = Actor(kind=ActorKind.USER, id=cast.bob.id)
    write(Event.USER_DISABLED, actor=admin, origin=an_origin(ip="198.51.100.9"))
    entry = next(entry for entry in told(cast.ada) if entry.event == "user.disabled")
    assert (entry.ip, entry.user_agent, entry.place) == (None, None, None)
    assert entry.note == "An administrator did this."


def test_whoever_acts_in_somebodys_name_stays_out_of_it(cast, told, write):
    ada = Actor(kind=ActorKind.USER, id=cast.ada.id)
    write(Event.USER_UPDATED, actor=ada, changed="name", impersonator_id=cast.bob.id)
    entry = next(entry for entry in told(cast.ada) if entry.event == "user.updated")
    assert (entry.ip, entry.note) == (None, "An administrator did this.")


def test_a_refusal_never_reads_like_a_success(cast, told, write):
    for event in REFUSED:
        write(event, outcome="refused")
    refused = [entry for entry in told(cast.ada) if entry.outcome == "refused"]
    assert {entry.event for entry in refused} == {event.value for event in REFUSED}
    assert {entry.kind for entry in refused} <= {"warning", "danger"}
    assert not {entry.title for entry in refused} & (
        {title for title, _ in DONE.values()} - {DONE[Event.ACCOUNT_LOCKED][0]}
    )


def test_every_event_is_told_or_kept_back_on_purpose():
    shown = {event.value for event in (*DONE, *REFUSED)}
    assert shown | NOBODY_IS_SHOWN == {event.value for event in Event}
    assert not shown & NOBODY_IS_SHOWN
    assert all(title and not title.endswith(".") for title, _ in (*DONE.values(), *REFUSED.values(), *CHANGED.values()))


def test_pages_follow_each_other_without_gap_or_repetition(services, cast, scope_of, write):
    scope = scope_of(cast.ada)
    for _ in range(7):
        write(Event.USER_UPDATED, actor=SYSTEM, origin=Origin(), changed="name")
    everything, _ = services.activity.entries(scope, after=None, limit=100)
    seen, mark = [], None
    while True:
        page, mark = services.activity.entries(scope, after=mark, limit=2)
        assert len(page) <= 2
        seen += page
        if mark is None:
            break
    assert [entry.id for entry in seen] == [entry.id for entry in everything]
    assert len(everything) == 9


def test_rows_of_one_moment_are_told_apart_by_their_id(services, cast, scope_of, owner):
    scope = scope_of(cast.ada)
    owner.execute("UPDATE audit_events SET at = date_trunc('hour', now()) WHERE tenant_id = %s", [cast.acme.id])
    first, mark = services.activity.entries(scope, after=None, limit=1)
    rest, end = services.activity.entries(scope, after=mark, limit=100)
    assert end is None
    assert len({entry.id for entry in (*first, *rest)}) == 2


def test_nobody_is_told_of_somebody_else(services, cast, told, scope_of):
    cast.ada.sign_in()
    for other in (cast.bob, cast.mallory):
        assert [entry.title for entry in told(other)] == ["Signed in", "Account created"]
    ada = scope_of(cast.ada)
    strayed = replace(scope_of(cast.mallory), actor=ada.actor)
    assert services.activity.entries(strayed, after=None, limit=100) == ([], None)
