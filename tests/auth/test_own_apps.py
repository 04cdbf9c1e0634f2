"""One's own apps: what asks first whether it is really them, and what goes with the last."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth import errors
from app.errors import InvalidInput, NotFound
from app.ids import uuid7
from tests.auth.apps import Apps, refused, with_settings


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def mine(services):
    return services.own_apps


@pytest.fixture
def stale(clock):
    """The same caller, who has shown long ago that it is them."""
    return lambda scope: replace(scope, auth_time=clock() - timedelta(minutes=11))


def test_the_first_one_comes_with_backup_codes_where_they_are_asked_for(services, cast, apps, mine):
    scope = cast.bob.scope(cast.bob.sign_in())
    begun = mine.begin(cast.acme, scope, name="Phone")
    assert mine.look(cast.acme, scope, begun.id) == begun
    assert mine.confirm(cast.acme, scope, begun.id, code=apps.code(begun), with_codes=True) is True
    assert len(services.backup_codes.shown(cast.acme, cast.bob.id)) == 10
    strong = apps.scope(cast.bob)
    second = mine.begin(cast.acme, strong)
    assert mine.confirm(cast.acme, strong, second.id, code=apps.code(second), with_codes=True) is False


def test_through_the_api_none_are_made_that_nobody_would_see(services, cast, apps, mine):
    scope = cast.bob.scope(cast.bob.sign_in())
    begun = mine.begin(cast.acme, scope)
    assert mine.confirm(cast.acme, scope, begun.id, code=apps.code(begun)) is False
    assert services.backup_codes.state(cast.acme, cast.bob.id) is None


def test_whoever_only_found_the_session_adds_sees_and_removes_nothing(cast, apps, mine, stale):
    scope = cast.bob.scope(cast.bob.sign_in())
    begun = mine.begin(cast.acme, scope)
    old = stale(scope)
    assert refused(mine.begin, cast.acme, old) is errors.StepUpRequired
    assert refused(mine.look, cast.acme, old, begun.id) is errors.StepUpRequired
    assert refused(mine.confirm, cast.acme, old, begun.id, code=apps.code(begun)) is errors.StepUpRequired
    app = apps.enrol(cast.bob)
    assert refused(mine.remove, cast.acme, old, app.id) is errors.StepUpRequired
    assert apps.challenge(cast.bob)


def test_ghsa_8g9r_one_factor_does_not_touch_the_second(cast, apps, mine):
    """Signed in just now, but before the app was there: with the password alone."""
    scope = cast.bob.scope(cast.bob.sign_in())
    app = apps.enrol(cast.bob)
    assert refused(mine.begin, cast.acme, scope) is errors.StepUpRequired
    assert refused(mine.remove, cast.acme, scope, app.id) is errors.StepUpRequired
    mine.remove(cast.acme, apps.scope(cast.bob), app.id)


def test_the_last_one_goes_with_the_backup_codes_and_the_owner_is_told(services, cast, apps, mine, happened, letters):
    app = apps.enrol(cast.bob)
    scope, code = apps.scope(cast.bob), apps.make(cast.bob)[0]
    letters.deliver().clear()
    mine.remove(cast.acme, scope, app.id)
    assert services.backup_codes.state(cast.acme, cast.bob.id) is None
    assert not apps.use(cast.bob, code)
    assert ("second_factor.removed", "success", None) in happened(cast.acme)
    assert [mail.to for mail in letters.deliver()] == [cast.bob.email]
    cast.bob.sign_in()
    assert refused(mine.remove, cast.acme, scope, app.id) is NotFound


def test_one_of_two_leaves_the_codes_and_the_other_app(services, cast, apps, mine):
    phone, tablet = apps.enrol(cast.bob, "Phone"), apps.enrol(cast.bob, "Tablet")
    scope = apps.scope(cast.bob)
    mine.remove(cast.acme, scope, phone.id)
    assert not apps.spend(cast.bob, apps.code(phone))
    assert apps.spend(cast.bob, apps.code(tablet))
    assert services.backup_codes.state(cast.acme, cast.bob.id).left == 9


def test_where_one_is_required_the_last_stays(services, cast, apps, mine):
    phone, tablet = apps.enrol(cast.bob, "Phone"), apps.enrol(cast.bob, "Tablet")
    scope, strict = apps.scope(cast.bob), with_settings(cast.acme, second_factor="required")
    mine.remove(strict, scope, phone.id)
    assert refused(mine.remove, strict, scope, tablet.id) is errors.SecondFactorNeeded
    assert [app.id for app in services.totp.list(cast.acme, cast.bob.id)] == [tablet.id]


def test_an_enrolment_is_given_up_without_a_word(cast, apps, mine, happened, letters):
    scope = cast.bob.scope(cast.bob.sign_in())
    begun = mine.begin(cast.acme, scope)
    letters.deliver().clear()
    mine.remove(cast.acme, scope, begun.id)
    assert refused(mine.confirm, cast.acme, scope, begun.id, code=apps.code(begun)) is NotFound
    assert not letters.deliver()
    assert ("second_factor.removed", "success", None) not in happened(cast.acme)


def test_a_name_is_changed_and_one_that_cannot_be_is_not(services, cast, apps, mine):
    app, scope = apps.enrol(cast.bob), apps.scope(cast.bob)
    mine.rename(cast.acme, scope, app.id, name="  My\tnew  phone ")
    assert mine.name_of(cast.acme, scope, app.id) == "My new phone"
    for name in ("", "   ", "x" * 61, "a\x00b"):
        assert refused(mine.rename, cast.acme, scope, app.id, name=name) is InvalidInput
    mine.rename(cast.acme, scope, app.id, name="x" * 60)


def test_nobody_elses_app_is_there(cast, apps, mine):
    app, begun = apps.enrol(cast.bob), apps.begin(cast.ada)
    mallory, adas = apps.enrol(cast.mallory) and apps.scope(cast.mallory), apps.enrol(cast.ada) and apps.scope(cast.ada)
    for tenant, scope in ((cast.acme, adas), (cast.globex, mallory)):
        assert refused(mine.remove, tenant, scope, app.id) is NotFound
        assert refused(mine.rename, tenant, scope, app.id, name="mine") is NotFound
        assert refused(mine.name_of, tenant, scope, app.id) is NotFound
        assert refused(mine.look, tenant, scope, begun.id) is NotFound
        assert refused(mine.confirm, tenant, scope, app.id, code=apps.code(app)) is NotFound
        assert refused(mine.remove, tenant, scope, uuid7()) is NotFound
    assert apps.spend(cast.bob, apps.code(app))
