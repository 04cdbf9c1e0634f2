"""Secrets: two count at most, the older one may be given an end, and the last one stays."""

from datetime import timedelta

import pytest

from tests.auth.test_totp_races import at_once
from tests.oidc.clients import an_application
from tests.oidc.managing import Manager, refusal


@pytest.fixture
def ada(services, cast):
    return Manager(services, cast.ada)


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


def live(ada, notes):
    return [secret for secret in ada.secrets(notes.id) if secret.live]


def test_two_count_and_a_third_is_refused(ada, notes, services, cast):
    made = ada.add_secret(notes.id)
    assert made.client_secret != notes.secret
    assert [secret.hint for secret in live(ada, notes)] == [notes.secret[-4:], made.client_secret[-4:]]
    for overlap in (None, 1, 24):
        assert refusal(ada.add_secret, notes.id, overlap_hours=overlap) == "too_many_secrets"
    assert [secret.expires_at for secret in live(ada, notes)] == [None, None]
    assert len(services.openid.clients.by_id(cast.acme, notes.client_id).secrets) == 2


def test_the_older_one_may_be_given_an_end(ada, notes, clock):
    ada.add_secret(notes.id, overlap_hours=24)
    older, newer = ada.secrets(notes.id)
    assert older.expires_at - clock() <= timedelta(hours=24)
    assert newer.expires_at is None
    clock.forward(hours=25)
    assert [secret.id for secret in live(ada, notes)] == [newer.id]


def test_what_has_expired_makes_room(services, cast, notes, clock):
    Manager(services, cast.ada).add_secret(notes.id, overlap_hours=1)
    clock.forward(hours=2)
    later = Manager(services, cast.ada)
    later.add_secret(notes.id)
    assert len(later.secrets(notes.id)) == len(live(later, notes)) == 2


def test_without_an_overlap_those_before_stop_at_once(ada, notes):
    ada.add_secret(notes.id)
    only = ada.add_secret(notes.id, overlap_hours=0)
    assert [secret.hint for secret in ada.secrets(notes.id)] == [only.client_secret[-4:]]


@pytest.mark.parametrize("hours", [-1, 721])
def test_an_overlap_is_not_for_ever(ada, notes, hours):
    assert refusal(ada.add_secret, notes.id, overlap_hours=hours) == "invalid_input"


def test_the_last_one_stays(ada, notes):
    (first,) = ada.secrets(notes.id)
    assert refusal(ada.remove_secret, notes.id, first.id) == "last_secret"
    ada.add_secret(notes.id, overlap_hours=1)
    ada.remove_secret(notes.id, first.id)
    assert refusal(ada.remove_secret, notes.id, first.id) == "not_found"
    (second,) = ada.secrets(notes.id)
    assert refusal(ada.remove_secret, notes.id, second.id) == "last_secret"


def test_one_that_ends_later_still_counts_and_one_that_has_ended_does_not(services, cast, notes, clock):
    ada = Manager(services, cast.ada)
    ada.add_secret(notes.id, overlap_hours=1)
    clock.forward(hours=2)
    later = Manager(services, cast.ada)
    newer = live(later, notes)[0]
    assert refusal(later.remove_secret, notes.id, newer.id) == "last_secret"


def test_a_secret_of_another_application_is_not_found(ada, services, cast, notes):
    other = an_application(services, cast.acme, name="Other")
    (secret,) = ada.secrets(other.id)
    assert refusal(ada.remove_secret, notes.id, secret.id) == "not_found"


def test_public_applications_have_none(ada, services, cast):
    spa = an_application(services, cast.acme, type="spa")
    assert (spa.secret, ada.secrets(spa.id)) == (None, [])
    assert refusal(ada.add_secret, spa.id) == "no_secrets"


def test_of_many_at_once_one_becomes_the_second(ada, notes):
    said = at_once(lambda _: refusal(ada.add_secret, notes.id), range(6))
    assert sorted(map(str, said)) == ["None", *["too_many_secrets"] * 5]
    assert len(live(ada, notes)) == 2


def test_of_two_removed_at_once_one_stays(ada, notes):
    ada.add_secret(notes.id)
    both = [secret.id for secret in ada.secrets(notes.id)]
    said = at_once(lambda secret_id: refusal(ada.remove_secret, notes.id, secret_id), both)
    assert sorted(map(str, said)) == ["None", "last_secret"]
    assert len(live(ada, notes)) == 1


def test_of_two_changes_of_one_version_at_once_one_counts(ada, notes):
    said = at_once(lambda name: refusal(ada.change, notes.id, {"name": name}, version=1), ["One", "Two"])
    assert sorted(map(str, said)) == ["None", "application_changed"]
    assert ada.get(notes.id).version == 2


def test_of_many_changes_without_a_version_none_is_lost(ada, notes):
    changes = [{"name": "New"}, {"home_uri": "https://notes.example/"}, {"first_party": True}, {"scopes": ["openid"]}]
    assert at_once(lambda change: refusal(ada.change, notes.id, change), changes) == [None] * 4
    view = ada.get(notes.id)
    assert (view.name, view.details.home_uri, view.details.first_party) == ("New", "https://notes.example/", True)
    assert (view.details.scopes, view.version) == (("openid",), 5)
