"""Backup codes, many at once: one gets it."""

import pytest

from app.auth import errors
from app.auth.backup_codes import BackupCodes
from tests.auth.apps import Apps
from tests.auth.test_totp_races import at_once


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def codes(cast, apps):
    apps.enrol(cast.bob)
    return apps.make(cast.bob)


def test_asvs_2_3_4_fifty_uses_of_one_code_have_one_winner(services, cast, apps, codes, happened):
    digest = services.backup_codes.digest_of(cast.acme, cast.bob.id, codes[0])

    def use(_):
        with services.units.begin(cast.acme.id) as unit:
            return services.backup_codes.spend(unit, cast.acme, cast.bob.id, digest, origin=apps.origin)

    assert sum(at_once(use, range(50))) == 1
    assert services.backup_codes.state(cast.acme, cast.bob.id).left == 9
    assert happened(cast.acme).count(("backup_code.used", "success", None)) == 1


def test_cve_2026_34224_one_code_in_many_sign_ins_at_once_begins_one_session(cast, apps, codes, sessions_of):
    challenges = [apps.challenge(cast.bob) for _ in range(4)]
    said = at_once(lambda one: apps.answer(cast.bob, codes[0], method="backup_code", challenge=one), challenges)
    assert sum(answer is not errors.InvalidCode for answer in said) == 1
    assert sessions_of(cast.bob) == 1


def test_different_codes_at_once_all_count_and_the_owner_is_told_once(services, cast, apps, codes, letters, happened):
    letters.deliver().clear()
    assert at_once(lambda code: apps.use(cast.bob, code), codes) == [True] * 10
    assert services.backup_codes.state(cast.acme, cast.bob.id).left == 0
    assert happened(cast.acme).count(("backup_codes.low", "success", None)) == 1
    assert len(letters.deliver()) == 1


def test_made_twice_at_once_one_set_is_left(services, cast, apps, codes):
    sets = at_once(lambda _: apps.make(cast.bob), range(4))
    (working,) = [made for made in sets if apps.use(cast.bob, made[0])]
    assert services.backup_codes.shown(cast.acme, cast.bob.id) == working
    assert services.backup_codes.state(cast.acme, cast.bob.id).left == 9


def test_the_last_factor_removed_while_codes_are_computed_leaves_none(services, cast, apps, clock):
    app = apps.enrol(cast.bob)
    scope = apps.scope(cast.bob)
    real = services.ports.hasher

    class Meanwhile:
        """Whoever computes is interrupted by the removal."""

        recipe = staticmethod(real.recipe)

        def derive(self, *arguments):
            if services.totp.list(cast.acme, cast.bob.id):
                services.own_apps.remove(cast.acme, scope, app.id)
            return real.derive(*arguments)

    made = BackupCodes(
        services.units,
        hasher=Meanwhile(),
        cipher=services.backup_codes._cipher,
        outbox=services.outbox,
        freshness=services.backup_codes._freshness,
        clock=clock,
    )
    with pytest.raises(errors.SecondFactorNeeded):
        made.make(cast.acme, scope)
    assert services.backup_codes.state(cast.acme, cast.bob.id) is None
