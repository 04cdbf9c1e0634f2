"""A sign-in seen beside a history, and judged: what the tests of risk share."""

from datetime import UTC, datetime, timedelta

from app.auth.risk import assess, observe
from app.auth.visits import Visit
from app.places import Place
from app.tenancy import RiskWeights

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOME, AWAY = "192.0.2.7", "198.51.100.9"
BERLIN = Place(country="Germany", city="Berlin", latitude=52.52, longitude=13.4)
POTSDAM = Place(country="Germany", city="Potsdam", latitude=52.4, longitude=13.06)
SYDNEY = Place(country="Australia", city="Sydney", latitude=-33.87, longitude=151.2)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


def visit(ago=timedelta(days=1), network=HOME, place=BERLIN):
    known = place or Place(country="", city="", latitude=None, longitude=None)
    return Visit(
        at=NOW - ago,
        network=network,
        country=known.country or None,
        latitude=known.latitude,
        longitude=known.longitude,
    )


def days(count, **how):
    return [visit(timedelta(days=day + 1), **how) for day in range(count)]


def see(history=(), **changes):
    usual = {
        "now": NOW,
        "network": HOME,
        "place": BERLIN,
        "user_agent": CHROME,
        "browser": True,
        "known_device": True,
        "recent": 0,
    }
    return observe(history=history, **{**usual, **changes})


def judge(signals, **changes):
    usual = {"weights": RiskWeights(), "medium": 40, "high": 70, "unusual_hour": False}
    return assess(signals, **{**usual, **changes})


def names(assessment):
    return {factor.name: factor.points for factor in assessment.factors}
