"""Risk assessment."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click
from pydantic import ValidationError

from app.cli._frame import command, main, open_tenant, slug_option
from app.clock import wall_clock
from app.tenancy import RiskWeights

_limit = click.IntRange(1, 101)


@main.group()
def risk() -> None:
    """How risky sign-ins are."""


@command(risk, "simulate")
@slug_option
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How far to look back.")
@click.option("--weight", "changes", multiple=True, metavar="NAME=POINTS", help="What a signal would be worth.")
@click.option("--medium", type=_limit, help="From how many points on the risk would be medium.")
@click.option("--high", type=_limit, help="From how many points on the risk would be high.")
@click.option("--unusual-hour/--any-hour", default=None, help="Whether the time of day would count.")
def risk_simulate(
    *, slug: str, days: int, changes: tuple[str, ...], medium: int | None, high: int | None, unusual_hour: bool | None
) -> dict[str, Any]:
    """Judge the sign-ins of the last days by other weights, and say which would have gone otherwise. Changes nothing.

    What is not given is as the tenant has it now.
    """
    with open_tenant(slug) as (services, found):
        policy = found.settings
        simulated = services.risk_log.simulate(
            found,
            weights=_changed(policy.risk_weights, changes),
            medium=medium or policy.risk_medium,
            high=high or policy.risk_high,
            unusual_hour=unusual_hour,
            since=wall_clock() - timedelta(days=days),
        )
    return asdict(simulated)


def _changed(weights: RiskWeights, changes: tuple[str, ...]) -> RiskWeights:
    wanted = dict(change.partition("=")[::2] for change in changes)
    try:
        return RiskWeights.model_validate({**weights.model_dump(), **wanted})
    except ValidationError as error:
        names = ", ".join(sorted({str(found["loc"][0]) for found in error.errors()}))
        every = ", ".join(RiskWeights.model_fields)
        raise click.BadParameter(f"{names}: say NAME=POINTS, with 0 to 100 points and one of {every}") from None
