"""What somebody allows an application: asked once, remembered, asked again for more, taken back at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.errors import Forbidden, NotFound
from app.ids import uuid7
from app.oidc.errors import InvalidScope
from app.oidc.scopes import STANDARD, asked_for, described
from tests.oidc.clients import an_application
from tests.oidc.holdings import a_code, a_family, codes_left


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, scopes=(*STANDARD, "notes:read"))


@pytest.fixture
def consents(services):
    return services.openid.consents


@pytest.fixture
def bob(cast):
    return cast.bob.scope(cast.bob.sign_in(tokens=False))


def test_it_is_asked_once_and_again_for_more(cast, consents, notes, bob):
    asked = lambda *scopes: consents.needed(cast.acme, notes.client, cast.bob.id, scopes)  # noqa: E731
    assert asked("openid")
    consents.allow(cast.acme, bob, notes.client, ["openid", "email"])
    assert not asked("openid")
    assert not asked("email", "openid")
    assert asked("openid", "phone")
    consents.allow(cast.acme, bob, notes.client, ["openid", "phone"])
    assert not asked("openid", "email", "phone")


def test_the_tenants_own_application_never_asks(services, cast, consents):
    own = an_application(services, cast.acme, first_party=True)
    assert not consents.needed(cast.acme, own.client, cast.bob.id, ["openid", "email"])


def test_what_one_person_allows_another_has_not_allowed(services, cast, consents, notes, bob):
    consents.allow(cast.acme, bob, notes.client, ["openid"])
    assert consents.needed(cast.acme, notes.client, cast.ada.id, ["openid"])
    other = an_application(services, cast.acme, name="Other")
    assert consents.needed(cast.acme, other.client, cast.bob.id, ["openid"])
    assert consents.needed(cast.globex, notes.client, cast.bob.id, ["openid"])


def test_taking_it_back_ends_grants_codes_and_what_was_remembered(services, cast, consents, notes, bob, owner):
    consents.allow(cast.acme, bob, notes.client, ["openid"])
    family = a_family(services, cast.acme, notes, bob)
    a_code(services, cast.acme, notes, bob)
    consents.revoke(cast.acme, bob, notes.id)
    assert consents.needed(cast.acme, notes.client, cast.bob.id, ["openid"])
    assert owner.execute("SELECT revoked_at IS NOT NULL FROM refresh_families WHERE id = %s", [family]).fetchone()[0]
    assert owner.execute("SELECT count(*) FROM revocations WHERE subject = %s", [family]).fetchone()[0] == 1
    assert codes_left(owner, notes) == 0
    assert consents.list(cast.acme, bob) == []
    with pytest.raises(NotFound):
        consents.revoke(cast.acme, bob, notes.id)


def test_it_leaves_other_people_and_other_applications_alone(services, cast, consents, notes, bob):
    ada = cast.ada.scope(cast.ada.sign_in(tokens=False))
    other = an_application(services, cast.acme, name="Other")
    for scope, application in ((ada, notes), (bob, notes), (bob, other)):
        consents.allow(cast.acme, scope, application.client, ["openid"])
        a_family(services, cast.acme, application, scope)
    consents.revoke(cast.acme, bob, notes.id)
    assert [one.id for one in consents.list(cast.acme, bob)] == [other.id]
    assert [one.id for one in consents.list(cast.acme, ada)] == [notes.id]


def test_the_list_says_what_since_when_and_where(services, cast, clock, consents, notes, bob):
    consents.allow(cast.acme, bob, notes.client, ["openid", "email"])
    clock.forward(hours=2)
    a_family(services, cast.acme, notes, bob, scopes=("openid",))
    (one,) = consents.list(cast.acme, bob)
    assert (one.name, one.scopes, one.remembered) == ("Notes", ("email", "openid"), True)
    assert [(use.session_id, use.current) for use in one.uses] == [(bob.session_id, True)]
    assert one.last_used_at - one.since > timedelta(hours=1)


def test_what_is_only_signed_in_to_is_listed_and_ends_with_its_session(services, cast, consents, bob):
    own = an_application(services, cast.acme, name="Intranet", first_party=True)
    a_family(services, cast.acme, own, bob)
    again = cast.bob.scope(cast.bob.sign_in(tokens=False))
    assert [one.name for one in consents.list(cast.acme, again)] == ["Intranet"]
    services.sessions.end(cast.acme, again, bob.session_id)
    assert consents.list(cast.acme, again) == []


def test_mallory_sees_and_ends_nothing(services, cast, consents, notes, bob):
    consents.allow(cast.acme, bob, notes.client, ["openid"])
    mallory = cast.mallory.scope(cast.mallory.sign_in(tokens=False))
    assert consents.list(cast.globex, mallory) == []
    for application_id in (notes.id, uuid7()):
        with pytest.raises(NotFound):
            consents.revoke(cast.globex, mallory, application_id)
    assert not consents.needed(cast.acme, notes.client, cast.bob.id, ["openid"])


def test_nobody_decides_for_somebody_else(cast, consents, notes, bob):
    """ASVS 10.7; support that acts for a person neither allows nor takes back."""
    consents.allow(cast.acme, bob, notes.client, ["openid"])
    acting = replace(bob, impersonator_id=cast.ada.id)
    for attempt in (
        lambda: consents.allow(cast.acme, acting, notes.client, ["email"]),
        lambda: consents.deny(cast.acme, acting, notes.client),
        lambda: consents.revoke(cast.acme, acting, notes.id),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert consents.remembered(cast.acme, notes.client, cast.bob.id) == {"openid"}


def test_all_of_it_is_written_down(cast, consents, notes, bob, happened):
    consents.allow(cast.acme, bob, notes.client, ["openid"])
    consents.deny(cast.acme, bob, notes.client)
    consents.revoke(cast.acme, bob, notes.id)
    assert happened(cast.acme)[:3] == [
        ("consent.revoked", "success", None),
        ("consent.granted", "refused", "denied"),
        ("consent.granted", "success", None),
    ]


def test_scopes_are_told_in_words_and_stay_in_their_groups():
    told = described(["notes:read", "offline_access", "email", "openid"])
    assert [one.name for one in told] == ["openid", "email", "notes:read", "offline_access"]
    assert [one.own for one in told] == [False, False, True, False]
    assert "while you are signed in here" in told[-1].text
    assert len({one.text for one in described(STANDARD)}) == len(STANDARD)


@pytest.mark.parametrize("text", ["admin", "openid admin", " ", 'open"id', "openid\temail", "OPENID"])
def test_what_an_application_may_not_ask_for_is_refused(notes, text):
    assert asked_for(notes.client, None) == ("openid",)
    assert asked_for(notes.client, "openid  email openid") == ("openid", "email")
    with pytest.raises(InvalidScope):
        asked_for(notes.client, text)
