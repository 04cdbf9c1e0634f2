"""How risky a sign-in is: what is seen of it, and what that is worth. Pure: no clock, no storage, no surprise.

Signals are facts and are stored, so that other weights can be tried on what has happened (``users.risk_log``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from app.auth.stages import RiskLevel
from app.auth.visits import Visit, is_unusual_hour, kilometres, newest_first, speed_kmh
from app.places import Place
from app.tenancy import RiskWeights

# Sign-ins within an hour that are many, where rate limits are not scaled.
BURST = 5
MOST = 100
_ADDRESSES_REMEMBERED, _ADDRESS_AFTER = 5, 3
_HOUR_AFTER, _HOUR_WITHIN_MINUTES = 10, 120
_NEAR_KM, _FASTEST_KMH = 100.0, 900
# What programs call themselves. Cubot makes telephones.
_PROGRAM = re.compile(
    r"curl/|wget|python-|aiohttp|go-http-client|okhttp|apache-httpclient|libwww|postman|insomnia|scrapy|axios|undici"
    r"|phantomjs|\bjava/|\bnode(?:js|\.js|-fetch)?(?:/|\s|$)|\b(?:http|ruby|php|perl|lua)[a-z-]*/"
    r"|(?<!cu)bot\b|crawler|spider|scraper",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is seen of a sign-in. All have defaults: rows of older releases lack what they did not know.

    ``recent``: sign-ins within the hour before. ``kmh``: how fast they must have travelled since the last one, if that
    was far away. ``first``: there was none before, so that everything is new and nothing of it tells.
    """

    new_device: bool = False
    new_address: bool = False
    new_country: bool = False
    recent: int = 0
    kmh: int | None = None
    script_agent: bool = False
    unusual_hour: bool = False
    first: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Signals":
        """What was stored, by this release or another: what is not known is left out, what is missing is not seen."""
        return cls(**_known(cls, stored))


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """Something that speaks against a sign-in, what it is worth, and in words for people."""

    name: str
    points: int
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Factor":
        return cls(**{"name": "", "points": 0, **_known(cls, stored)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The sum, at most 100, what it means to this tenant, and where it comes from."""

    score: int
    level: RiskLevel
    factors: tuple[Factor, ...]


def observe(
    *,
    now: datetime,
    network: str,
    place: Place | None,
    user_agent: str,
    browser: bool,
    known_device: bool,
    history: Iterable[Visit],
    recent: int,
) -> Signals:
    """What is seen of a sign-in, beside the ``history`` of those before it (in any order).

    ``network`` is ``visits.network_of`` its address. ``browser``: it came by a page; an API client may be a program.
    """
    visits = newest_first(history)
    remembered = {visit.network for visit in visits[:_ADDRESSES_REMEMBERED]}
    countries = {visit.country for visit in visits if visit.country}
    country = place.country if place else ""
    return Signals(
        new_device=bool(visits) and not known_device,
        new_address=len(visits) >= _ADDRESS_AFTER and bool(network) and network not in remembered,
        new_country=bool(country and countries) and country not in countries,
        recent=recent,
        kmh=_travel(now, place, visits),
        script_agent=is_program(user_agent, browser=browser),
        unusual_hour=is_unusual_hour(now, visits, least=_HOUR_AFTER, within_minutes=_HOUR_WITHIN_MINUTES),
        first=not visits,
    )


def assess(
    signals: Signals, weights: RiskWeights, *, medium: int, high: int, unusual_hour: bool, burst: int = BURST
) -> Assessment:
    """What the signals are worth. ``unusual_hour``: whether the hour counts. ``burst``: from how many sign-ins on."""
    travelled = signals.kmh is not None and signals.kmh > _FASTEST_KMH
    seen = (
        ("new_device", signals.new_device, "They have not signed in from this device or browser before."),
        ("new_address", signals.new_address, "None of the last sign-ins came from this network address."),
        ("new_country", signals.new_country, "They have not signed in from this country before."),
        ("burst", signals.recent >= burst, f"There were {signals.recent} sign-ins within the hour before."),
        ("impossible_travel", travelled, f"Nobody travels here from the last place so fast ({signals.kmh} km/h)."),
        (
            "script_agent",
            signals.script_agent,
            "It came from a program, or from something that does not say what it is.",
        ),
        ("unusual_hour", unusual_hour and signals.unusual_hour, "They have not signed in at this time of day before."),
    )
    factors = tuple(
        Factor(name=name, points=points, why=why)
        for name, is_seen, why in seen
        if is_seen and (points := getattr(weights, name))
    )
    score = min(MOST, sum(factor.points for factor in factors))
    return Assessment(score=score, level=_level(score, medium=medium, high=high), factors=factors)


def burst_for(scale: float) -> int:
    """How many sign-ins an hour are many: where an installation lets people ask more often, more."""
    return round(BURST * max(1.0, scale))


def is_program(user_agent: str, *, browser: bool) -> bool:
    """Whether this is no browser where one is expected. Whoever does not say at all is suspect anywhere."""
    return not user_agent.strip() or (browser and _PROGRAM.search(user_agent) is not None)


def _travel(now: datetime, place: Place | None, visits: Sequence[Visit]) -> int | None:
    """The speed since the last visit of a known place, where that was farther away than databases err."""
    last = next((visit for visit in visits if visit.point), None)
    if last is None or last.point is None or place is None or place.latitude is None or place.longitude is None:
        return None
    km = kilometres(last.point, (place.latitude, place.longitude))
    return speed_kmh(last.at, now, km=km) if km >= _NEAR_KM else None


def _level(score: int, *, medium: int, high: int) -> RiskLevel:
    return "high" if score >= high else "medium" if score >= medium else "low"


def _known(kind: type[Signals] | type[Factor], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: stored[field.name] for field in fields(kind) if field.name in stored}
