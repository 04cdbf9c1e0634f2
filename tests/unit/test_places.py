"""Where an address is, from a database that may be missing, damaged, or of something else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.places import BrokenPlaces, Place, Places, check, text
from tests.mmdb import city, write

BERLIN = Place(country="Germany", city="Berlin", latitude=52.5, longitude=13.4)


@pytest.fixture
def database(tmp_path):
    return write(
        tmp_path / "places.mmdb",
        {
            "203.0.113.0/24": city("Germany", "Berlin", 52.5, 13.4),
            "198.51.100.7/32": city("Japan"),
            "2001:db8:7::/48": city("Singapore", "Singapore", 1.3, 103.8),
            "192.0.2.0/30": {"continent": {"names": {"en": "Europe"}}},
            "192.0.2.4/30": {"location": {"latitude": 10.0, "longitude": 20.0}},
            "192.0.2.8/30": {"country": "Germany", "city": ["Berlin"], "location": {"latitude": "north"}},
            "192.0.2.12/30": {"country": {"names": {"de": "Deutschland"}}, "city": {"names": {"en": 7}}},
            "192.0.2.16/30": {"country": {"names": {"en": "Chile"}}, "location": {"latitude": float("nan")}},
        },
    )


@pytest.mark.parametrize(
    ("ip", "place", "words"),
    [
        ("203.0.113.9", BERLIN, "Berlin, Germany"),
        ("198.51.100.7", Place(country="Japan", city="", latitude=None, longitude=None), "Japan"),
        (
            "2001:db8:7::1%eth0",
            Place(country="Singapore", city="Singapore", latitude=1.3, longitude=103.8),
            "Singapore",
        ),
        ("192.0.2.4", Place(country="", city="", latitude=10.0, longitude=20.0), ""),
        ("192.0.2.16", Place(country="Chile", city="", latitude=None, longitude=None), "Chile"),
    ],
)
def test_an_address_is_somewhere(database, ip, place, words):
    assert Places(database).look_up(ip) == place
    assert text(place) == words


@pytest.mark.parametrize(
    "ip",
    [
        None,
        "",
        "nonsense",
        "203.0.113",
        "203.0.113.9/24",
        "203.0.113.999",
        "127.0.0.1",
        "10.1.2.3",
        "::1",
        "fe80::1%eth0",
        "%",
        "192.0.2.1",
        "192.0.2.8",
        "192.0.2.12",
        "é",
        "1" * 5000,
        "203.0.113.9\0",
    ],
)
def test_what_is_nowhere_is_none_and_never_an_error(database, ip):
    assert Places(database).look_up(ip) is None
    assert text(None) == ""


def test_without_a_database_every_address_is_nowhere():
    assert Places(None).look_up("203.0.113.9") is None


def test_a_database_that_is_taken_away_is_as_good_as_none(database):
    places, opened = Places(database), Places(database)
    assert opened.look_up("203.0.113.9") == BERLIN
    database.unlink()
    assert places.look_up("203.0.113.9") is None
    assert opened.look_up("203.0.113.9") == BERLIN, "what is open stays open"


def test_threads_share_one_database_that_is_opened_once(database, monkeypatch):
    import maxminddb

    opened, real, start = [], maxminddb.open_database, threading.Barrier(8)
    monkeypatch.setattr(maxminddb, "open_database", lambda path: opened.append(path) or real(path))
    places = Places(database)
    assert opened == []

    def look(_):
        start.wait(10)
        return [places.look_up("203.0.113.9") for _ in range(200)]

    with ThreadPoolExecutor(8) as threads:
        assert all(found == [BERLIN] * 200 for found in threads.map(look, range(8)))
    assert opened == [database]


def test_a_good_database_passes_the_check(database, tmp_path):
    assert check(database) is None
    assert check(write(tmp_path / "country.mmdb", {"203.0.113.0/24": city("Peru")}, kind="DBIP-Country-Lite")) is None


def test_what_is_no_database_of_places_says_what_is_wrong(database, tmp_path):
    (tmp_path / "text").write_text("no database at all")
    (tmp_path / "empty").touch()
    (tmp_path / "cut").write_bytes(database.read_bytes()[:-40])
    asn = write(tmp_path / "asn", {"203.0.113.0/24": {"autonomous_system_organization": "x"}}, kind="GeoLite2-ASN")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "text", tmp_path / "empty", tmp_path / "cut", asn):
        with pytest.raises(BrokenPlaces) as refused:
            check(path)
        assert str(tmp_path) not in str(refused.value)
    assert "GeoLite2-ASN" in str(refused.value)


def test_damage_inside_is_met_by_nobody(database):
    """The tree points past the end: each look-up is as good as none."""
    whole = database.read_bytes()
    database.write_bytes(b"\xff" * 400 + whole[400:])
    assert Places(database).look_up("203.0.113.9") is None
