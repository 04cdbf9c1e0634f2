"""Where an address is: from a MaxMind database (GeoLite2, DB-IP and the like), if the installation has one."""

import ipaddress
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import maxminddb
import structlog
from maxminddb import InvalidDatabaseError, Reader

# Databases of other things, which people take for one of places.
_NO_PLACES = ("asn", "isp", "domain", "connection", "anonymous")
_log = structlog.get_logger()


class BrokenPlaces(Exception):
    """There is no database of places at that path. The message says what is wrong, and not where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city, or only a country (then ``city`` is empty), by their English names, and about where that is."""

    country: str
    city: str
    latitude: float | None
    longitude: float | None


class Places:
    """Looks addresses up. The database is opened once a process, when it is first asked; threads may share it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._reader: Reader | None = None

    def look_up(self, ip: str | None) -> Place | None:
        """Where ``ip`` is. ``None`` for what is private, unknown or no address, and without a database. Never raises.

        Settings have seen that the database opens; one that was taken away since is as good as none.
        """
        if not ip or not self._path:
            return None
        try:
            return _place(self._open(self._path).get(ipaddress.ip_address(ip.partition("%")[0])))
        except ValueError:  # no address, or one of IPv6 where the database has only those of IPv4
            return None
        except (OSError, InvalidDatabaseError) as error:
            _log.warning("places are away", error=type(error).__name__)
            return None

    def _open(self, path: Path) -> Reader:
        with self._lock:
            if self._reader is None:
                self._reader = maxminddb.open_database(path)
            return self._reader


def check(path: Path) -> None:
    """Whether there is a database of places at ``path``. Raises ``BrokenPlaces``."""
    try:
        with maxminddb.open_database(path) as reader:
            kind = reader.metadata().database_type
    except OSError as error:
        raise BrokenPlaces(f"cannot be opened ({error.strerror or 'no file'})") from error
    except (InvalidDatabaseError, ValueError) as error:
        raise BrokenPlaces("is no MaxMind database, or a damaged one") from error
    if any(word in kind.lower() for word in _NO_PLACES):
        raise BrokenPlaces(f"is a database of another kind ({kind[:40]}): one of cities or countries is needed")


def text(place: Place | None) -> str:
    """For people: "Berlin, Germany", or as much of it as is known."""
    if place is None:
        return ""
    # A city may be a country: "Singapore".
    return ", ".join(dict.fromkeys(name for name in (place.city, place.country) if name))


def _place(record: Any) -> Place | None:
    """GeoIP2's shape, which the others share: names by language, a point in ``location``."""
    point = _within(record, "location")
    latitude, longitude = _number(point.get("latitude")), _number(point.get("longitude"))
    located = latitude is not None and longitude is not None
    place = Place(
        country=_name(_within(record, "country", "names")),
        city=_name(_within(record, "city", "names")),
        latitude=latitude if located else None,
        longitude=longitude if located else None,
    )
    return place if located or place.country or place.city else None


def _within(record: Any, *path: str) -> dict[str, Any]:
    for step in path:
        record = record.get(step) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}


def _name(names: dict[str, Any]) -> str:
    english = names.get("en")
    return english if isinstance(english, str) else ""


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fits else None
