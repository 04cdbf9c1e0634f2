"""A reset of factors takes effect once and whole, whoever else is at it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.auth import errors
from app.auth.factor_reset_effects import FactorResetEffects
from tests.auth.factored import NOTHING
from tests.auth.steps import links_to, outcome
from tests.cast import an_origin


def test_of_many_schedulers_at_once_one_does_it(services, cast, under_way, clock, happened, letters):
    clock.forward(hours=25)
    letters.deliver()
    letters.clear()
    barrier = Barrier(8)

    def run(_):
        barrier.wait()
        return services.upkeep._factor_resets.effect_due()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(8)))
    assert happened(cast.acme).count(("passkey.removed", "success", "reset")) == 1
    assert len([mail for mail in letters.deliver() if cast.acme.origin in mail.text]) == 1


def test_who_is_interrupted_in_the_middle_leaves_everything_to_the_next_round(
    cast, under_way, sweep, had, resets, clock, monkeypatch
):
    before = had()
    clock.forward(hours=25)
    with monkeypatch.context() as broken:
        broken.setattr(FactorResetEffects, "_take_away", lambda *_, **__: 1 / 0)
        sweep()
    assert had() == before | {"trusted": had()["trusted"]}
    assert resets() == [(False, False)]
    sweep()
    assert had() == NOTHING


@pytest.mark.parametrize("_round", range(5))
def test_saying_no_and_the_effect_at_once_end_as_one_of_both(
    services, cast, under_way, clock, letters, had, resets, _round
):
    token = links_to(letters, cast.bob.email, "/keep-factors")[-1]
    clock.forward(hours=24, seconds=1)
    barrier = Barrier(2)

    def race(act):
        barrier.wait()
        return outcome(act)

    no = lambda: services.factor_resets.cancel_by_link(cast.acme, token=token, origin=an_origin())  # noqa: E731
    with ThreadPoolExecutor(2) as threads:
        said, swept = threads.map(race, (no, services.upkeep._factor_resets.effect_due))
    assert swept is None
    assert said in {None, errors.LinkExpired}
    assert resets() == [(said is None, said is not None)]
    assert (had()["passkeys"] == 0) is (said is not None)
