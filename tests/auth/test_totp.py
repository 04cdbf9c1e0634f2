"""Enrolling an authentication app: for whom, how many, and what becomes of it."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.auth import errors
from app.errors import InvalidInput, NotFound
from app.storage import users
from tests.auth.apps import Apps, refused, with_settings


@pytest.fixture
def apps(services):
    return Apps(services)


def names(services, person):
    return [app.name for app in services.totp.list(person.tenant, person.id)]


def test_it_counts_once_a_code_of_it_was_typed(services, cast, apps, happened, letters):
    letters.deliver().clear()
    begun = apps.begin(cast.bob)
    assert names(services, cast.bob) == []
    assert not apps.spend(cast.bob, apps.code(begun))
    cast.bob.sign_in()
    apps.confirm(cast.bob, begun)
    (app,) = services.totp.list(cast.acme, cast.bob.id)
    assert (app.id, app.name) == (begun.id, "Authentication app")
    assert app.last_used_at is not None, "the code that confirmed it"
    assert ("second_factor.enrolled", "success", None) in happened(cast.acme)
    assert letters.to(cast.bob.email)
    assert apps.challenge(cast.bob)


def test_asvs_6_5_3_the_secret_has_160_random_bits(cast, apps):
    secrets = {apps.begin(cast.bob).secret for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {32}


def test_the_uri_says_all_that_an_app_needs(cast, apps, services):
    tenant = services.tenant_administration.create(slug=f"{cast.acme.slug}-b", name="Ac:me & Söhne", settings={})
    person = cast.person(tenant, "ada+x@acme.example")
    begun = apps.begin(person)
    uri = urlsplit(begun.uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Ac:me & Söhne:ada+x@acme.example"
    said = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert said == {"secret": begun.secret, "issuer": "Ac:me & Söhne", "digits": "6", "period": "30"}


def test_an_enrolment_is_shown_again_for_an_hour_and_no_longer(services, cast, apps, clock):
    begun = apps.begin(cast.bob, "My phone")
    shown = services.totp.shown(cast.acme, user_id=cast.bob.id, email=cast.bob.email)
    assert shown == begun
    clock.forward(minutes=59)
    apps.begin(cast.ada)
    assert services.totp.shown(cast.acme, user_id=cast.bob.id, email=cast.bob.email) == begun
    clock.forward(minutes=2)
    assert services.totp.shown(cast.acme, user_id=cast.bob.id, email=cast.bob.email) is None
    assert refused(apps.confirm, cast.bob, begun) is NotFound


def test_one_that_is_begun_anew_replaces_the_one_before(cast, apps):
    first, second = apps.begin(cast.bob), apps.begin(cast.bob)
    assert refused(apps.confirm, cast.bob, first) is NotFound
    apps.confirm(cast.bob, second)


def test_once_confirmed_its_secret_is_shown_to_nobody(services, cast, apps):
    apps.enrol(cast.bob)
    assert services.totp.shown(cast.acme, user_id=cast.bob.id, email=cast.bob.email) is None


def test_there_are_two_at_the_most(services, cast, apps, clock):
    apps.enrol(cast.bob, "Phone")
    apps.enrol(cast.bob, "Tablet")
    with pytest.raises(InvalidInput) as refusal:
        apps.begin(cast.bob, "Third")
    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == ("name", "too_many")
    assert names(services, cast.bob) == ["Phone", "Tablet"]
    apps.enrol(cast.ada)


@pytest.mark.parametrize("name", ["x" * 61, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_one_is_refused(cast, apps, name):
    assert refused(apps.begin, cast.bob, name) is InvalidInput


def test_a_wrong_code_confirms_nothing_and_is_counted(services, cast, apps, happened):
    begun = apps.begin(cast.bob)
    for _ in range(5):
        assert refused(apps.confirm, cast.bob, begun, "000000") is errors.InvalidCode
    assert refused(apps.confirm, cast.bob, begun, apps.code(begun)) is errors.InvalidCode, "locked reads like wrong"
    assert names(services, cast.bob) == []
    assert ("login.second_factor_failed", "refused", "locked") in happened(cast.acme)
    apps.clock.forward(minutes=6)
    apps.confirm(cast.bob, begun)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "x" * 5000, "\ud800"])
def test_what_is_no_code_is_no_guess(cast, apps, typed):
    begun = apps.begin(cast.bob)
    for _ in range(10):
        assert refused(apps.confirm, cast.bob, begun, typed) is errors.InvalidCode
    apps.confirm(cast.bob, begun)


def test_allauth_64_2_1_whoever_has_not_proven_their_address_enrols_nothing(cast, apps, owner):
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.bob.id])
    assert refused(apps.begin, cast.bob) is errors.EmailNotVerified


def test_where_second_factors_are_off_nothing_is_enrolled(cast, apps):
    begun, off = apps.begin(cast.bob), with_settings(cast.acme, second_factor="off")
    assert refused(apps.begin, cast.bob, tenant=off) is errors.MethodDisabled
    assert refused(apps.confirm, cast.bob, begun, tenant=off) is errors.MethodDisabled


def test_mallory_confirms_nothing_that_is_not_hers(services, cast, apps):
    begun = apps.begin(cast.bob)
    for somebody in (cast.ada, cast.mallory):
        assert refused(apps.confirm, somebody, begun, apps.code(begun)) is NotFound
    assert refused(apps.confirm, cast.bob, begun, apps.code(begun), tenant=cast.globex) is NotFound
    with services.units.read(cast.acme.id) as db:
        assert users.by_id(db, tenant_id=cast.acme.id, user_id=cast.bob.id)
    apps.confirm(cast.bob, begun)
