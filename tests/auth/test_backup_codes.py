"""Backup codes: made by whoever has a second factor, and each used once."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth import errors
from app.auth.backup_codes import is_backup_code
from tests.auth.apps import Apps, refused, with_settings


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def codes(cast, apps):
    """Bob's."""
    apps.enrol(cast.bob)
    return apps.make(cast.bob)


def test_asvs_6_5_3_ten_codes_of_fifty_random_bits(cast, apps, codes):
    every = codes + apps.make(cast.bob)
    assert len(codes) == 10
    assert len(set(every)) == 20
    assert all(re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", code) for code in every)


def test_the_tenant_says_how_many(services, cast, apps):
    apps.enrol(cast.bob)
    more = with_settings(cast.acme, backup_code_count=20)
    scope = apps.scope(cast.bob)
    assert len(services.backup_codes.make(more, scope)) == 20
    assert services.backup_codes.state(cast.acme, cast.bob.id).left == 20


def test_cve_2026_31875_each_works_once(services, cast, apps, codes, happened):
    for used, code in enumerate(codes, start=1):
        assert apps.use(cast.bob, code)
        assert not apps.use(cast.bob, code)
        assert services.backup_codes.state(cast.acme, cast.bob.id).left == 10 - used
    assert happened(cast.acme).count(("backup_code.used", "success", None)) == 10


def test_one_of_them_is_a_second_step_and_not_a_second_time(cast, apps, codes):
    assert apps.answer(cast.bob, codes[0], method="backup_code").tokens
    assert apps.answer(cast.bob, codes[0], method="backup_code") is errors.InvalidCode
    assert apps.answer(cast.bob, codes[0]) is errors.InvalidCode, "nor is it a code of an app"


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')} ",
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
        lambda code: code.replace("-", "\u2013"),
        lambda code: code.replace("O", "0").replace("I", "1").replace("B", "8"),
    ],
    ids=["small", "without hyphen", "blanks", "full width", "dash", "misread"],
)
def test_however_it_is_spelled_it_is_one_code(cast, apps, codes, spell):
    assert apps.use(cast.bob, spell(codes[3]))
    assert not apps.use(cast.bob, codes[3])


@pytest.mark.parametrize("typed", ["", "ABCDE", "ABCDE-FGHIJK", "ABCDE-FGHI9", "x" * 5000, "123456", "\ud800", "ßßßß"])
def test_what_is_no_backup_code_is_no_guess_and_costs_nothing(services, cast, codes, hasher, typed):
    before = hasher.computed
    assert not is_backup_code(typed)
    assert services.backup_codes.digest_of(cast.acme, cast.bob.id, typed) is None
    assert hasher.computed == before


def test_a_wrong_one_costs_the_same_whether_or_not_there_are_any(services, cast, codes, hasher, apps):
    for person in (cast.bob, cast.ada, cast.mallory):
        before = hasher.computed
        assert not apps.use(person, "AAAAA-AAAAA")
        assert hasher.computed == before + 1


def test_new_ones_void_the_old(cast, apps, codes):
    new = apps.make(cast.bob)
    assert not any(apps.use(cast.bob, code) for code in codes)
    assert apps.use(cast.bob, new[0])


def test_whoever_has_no_second_factor_gets_none(services, cast):
    scope = cast.bob.scope(cast.bob.sign_in())
    assert refused(services.backup_codes.make, cast.acme, scope) is errors.SecondFactorNeeded
    assert services.backup_codes.state(cast.acme, cast.bob.id) is None
    assert services.backup_codes.shown(cast.acme, cast.bob.id) is None


def test_making_them_asks_first_whether_it_is_them(services, cast, apps, codes, clock):
    strong = apps.scope(cast.bob)
    make = services.backup_codes.make
    for scope in (replace(strong, acr="1"), replace(strong, auth_time=clock() - timedelta(minutes=11))):
        assert refused(make, cast.acme, scope) is errors.StepUpRequired
    assert len(make(cast.acme, strong)) == 10


def test_nobody_elses_work(cast, apps, codes):
    apps.enrol(cast.ada)
    apps.enrol(cast.mallory)
    adas, mallorys = apps.make(cast.ada), apps.make(cast.mallory)
    assert not any(apps.use(cast.bob, code) for code in (adas[0], mallorys[0]))
    assert not apps.use(cast.bob, codes[0], tenant=cast.globex)
    assert apps.use(cast.bob, codes[0])


def test_they_are_never_computed_inside_a_unit(services, cast, codes):
    with services.units.begin(cast.acme.id), pytest.raises(RuntimeError):
        services.backup_codes.digest_of(cast.acme, cast.bob.id, codes[0])
