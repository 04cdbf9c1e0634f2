"""How somebody came in before, and what that says of the next time. Pure: no clock, no storage."""

import ipaddress
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_EARTH_RADIUS_KM = 6371.0
_SHORTEST_S = 1.0
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A sign-in that was let in. ``network``: see ``network_of``; empty where it is not known."""

    at: datetime
    network: str = ""
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


def visits_of(history: Iterable[Mapping[str, Any]]) -> tuple[Visit, ...]:
    """The history as ``hot.Arrival`` has it."""
    return tuple(
        Visit(
            at=datetime.fromisoformat(one["at"]),
            network=one.get("network") or "",
            country=one.get("country"),
            latitude=one.get("latitude"),
            longitude=one.get("longitude"),
        )
        for one in history
    )


def network_of(ip: str | None) -> str:
    """What counts as one address: all of an IPv4 address, the /64 of an IPv6 one. Empty for what is none."""
    try:
        address = ipaddress.ip_address((ip or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network(f"{address}/64", strict=False))


def newest_first(history: Iterable[Visit]) -> list[Visit]:
    """Sorted by all there is, so that what arrives in another order is judged alike."""
    return sorted(history, key=lambda v: (v.at, v.network, v.country or "", v.point or (0.0, 0.0)), reverse=True)


def kilometres(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Between two points (latitude, longitude), along the surface: the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (start, end))
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, max(0.0, chord))))


def speed_kmh(last: datetime, now: datetime, *, km: float) -> int:
    """How fast somebody was who is here ``now``. Clocks that disagree do no harm: time counts in either direction."""
    return round(km / max(abs((now - last).total_seconds()), _SHORTEST_S) * 3600)


def is_unusual_hour(now: datetime, history: Sequence[Visit], *, least: int, within_minutes: int) -> bool:
    """Whether, of ``least`` visits or more, none was about this time of day (UTC), on whatever day."""
    if len(history) < least:
        return False
    return all(_apart(now, visit.at) > within_minutes for visit in history)


def _apart(one: datetime, other: datetime) -> float:
    """Minutes between two times of day, the short way round midnight."""
    apart = abs(_minute(one) - _minute(other))
    return min(apart, _DAY_MINUTES - apart)


def _minute(moment: datetime) -> float:
    utc = moment.astimezone(UTC)
    return utc.hour * 60 + utc.minute + utc.second / 60
