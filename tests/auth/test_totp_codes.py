"""Codes of apps: of this half minute and its neighbours, each once, however it is typed and wherever."""

from datetime import UTC, datetime

import pytest

from app.auth import errors
from app.auth.totp import step_of
from tests.auth.apps import Apps
from tests.auth.showing import Again

# RFC 6238, appendix B: the secret is "12345678901234567890" in base32, the last six of its eight digits.
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def bob(cast, apps):
    """(Bob, his app)"""
    return cast.bob, apps.enrol(cast.bob)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_they_are_those_of_the_rfc(at, code):
    assert step_of(RFC, code, datetime.fromtimestamp(at, UTC)) == at // 30


@pytest.mark.parametrize(("off_s", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_asvs_6_5_5_the_steps_beside_are_right_and_those_beyond_are_not(off_s, right):
    """The code of the step that begins at 1111111080."""
    now = datetime.fromtimestamp(1111111080 + off_s, UTC)
    assert (step_of(RFC, "081804", now) is not None) is right


def test_allauth_0_61_0_a_code_works_once(bob, apps):
    person, app = bob
    assert apps.spend(person, apps.code(app))
    assert not apps.spend(person, apps.code(app))
    apps.clock.forward(seconds=30)
    assert not apps.spend(person, apps.code(app, -1)), "still within its window, and still used"
    assert apps.spend(person, apps.code(app))


def test_the_code_that_confirmed_it_is_used(cast, apps):
    app = apps.begin(cast.bob)
    code = apps.code(app)
    apps.confirm(cast.bob, app, code)
    assert not apps.spend(cast.bob, code)
    assert apps.answer(cast.bob, code) is errors.InvalidCode


def test_an_older_one_does_not_work_after_a_newer_one(bob, apps):
    person, app = bob
    assert apps.spend(person, apps.code(app, +1))
    assert not apps.spend(person, apps.code(app, 0))
    assert not apps.spend(person, apps.code(app, -1))


def test_each_app_has_steps_of_its_own(cast, apps):
    phone, tablet = apps.enrol(cast.bob, "Phone"), apps.enrol(cast.bob, "Tablet")
    assert apps.spend(cast.bob, apps.code(phone))
    assert apps.spend(cast.bob, apps.code(tablet))
    assert not apps.spend(cast.bob, apps.code(phone))


SPELLINGS = {
    "plain": str,
    "blank in front": lambda code: " " + code,
    "in groups": lambda code: f"{code[:3]} {code[3:]}",
    "with a hyphen": lambda code: f"{code[:3]}-{code[3:]}",
    "full width": lambda code: "".join(chr(0xFF10 + int(digit)) for digit in code),
    "Arabic": lambda code: "".join(chr(0x0660 + int(digit)) for digit in code),
    "with a tab and a line end": lambda code: f"\t{code}\r\n",
    "with a no-break space": lambda code: f"{code[:3]}\u00a0{code[3:]}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("again", SPELLINGS)
def test_cve_2025_6015_however_it_is_spelled_it_is_one_code(bob, apps, spelling, again):
    person, app = bob
    code = apps.code(app)
    assert apps.spend(person, SPELLINGS[spelling](code))
    assert not apps.spend(person, SPELLINGS[again](code))


def test_cve_2025_6015_however_it_is_spelled_it_is_one_counter(bob, apps):
    person, app = bob
    wrong = next(code for code in ("000000", "111111", "222222") if code not in {apps.code(app, n) for n in (-1, 0, 1)})
    for spell in list(SPELLINGS.values())[:5]:
        assert apps.answer(person, spell(wrong)) is errors.InvalidCode
    assert apps.answer(person, apps.code(app)) is errors.InvalidCode, "the account is locked to codes"


def test_gitea_a_code_is_used_up_on_every_way(bob, apps):
    """A sign-in, another sign-in, and the confirming of one more app."""
    person, app = bob
    code = apps.code(app)
    first, second = apps.challenge(person), apps.challenge(person)
    assert apps.answer(person, code, challenge=first).tokens
    assert apps.answer(person, code, challenge=second) is errors.InvalidCode
    assert not apps.spend(person, code)


def test_gitea_nor_does_it_confirm_once_more_that_it_is_them(bob, apps):
    person, app = bob
    used, fresh = apps.code(app), apps.code(app, +1)
    again = Again(person, apps.answer(person, used))
    assert again.try_to(method="totp", code=used) == (errors.InvalidCode,)
    again.prove(method="totp", code=fresh)
    assert apps.answer(person, fresh) is errors.InvalidCode
    assert again.try_to(method="totp", code=fresh) == (errors.InvalidCode,)


def test_a_code_of_another_account_is_wrong(cast, bob, apps):
    person, app = bob
    adas = apps.enrol(cast.ada)
    mallorys = apps.enrol(cast.mallory)
    for theirs in (adas, mallorys):
        assert not apps.spend(person, apps.code(theirs))
    assert not apps.spend(person, apps.code(app), tenant=cast.globex)
    assert apps.spend(person, apps.code(app))


def test_codes_work_with_redis_away(bob, apps, wired, own_redis):
    person, app = bob
    away = Apps(wired(redis=own_redis.connect()))
    own_redis.kill()
    code = away.code(app)
    assert away.spend(person, code)
    assert not away.spend(person, code)
