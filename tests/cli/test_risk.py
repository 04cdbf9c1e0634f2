"""``portico risk``."""

from datetime import timedelta

import pytest

from app.auth.risk import Signals
from tests.assessments import assessed


@pytest.fixture
def simulate(portico, cast):
    return lambda *arguments, **how: portico("risk", "simulate", "--tenant", cast.acme.slug, *arguments, **how)


@pytest.fixture
def stored(services, cast):
    """Two new devices, one of them long ago."""
    assessed(services, cast.bob, signals=Signals(new_device=True), score=20, ago=timedelta(days=40))
    return assessed(services, cast.bob, signals=Signals(new_device=True), score=20)


def test_under_the_tenants_own_weights_nothing_moves(simulate, stored):
    said = simulate()
    assert said.code == 0
    same = {"low": 1, "medium": 0, "high": 0}
    assert said.json == {"total": 1, "before": same, "after": same, "moved": []}


def test_other_weights_say_who_would_have_been_stopped(simulate, stored, cast):
    said = simulate("--weight", "new_device=30", "--weight", "burst=0", "--medium", "30", "--high", "31")
    assert said.json["after"] == {"low": 0, "medium": 1, "high": 0}
    (moved,) = said.json["moved"]
    assert (moved["id"], moved["user_id"]) == (stored, str(cast.bob.id))
    assert (moved["before"], moved["after"], moved["score_before"], moved["score_after"]) == ("low", "medium", 20, 30)


def test_one_may_look_farther_back(simulate, stored):
    assert simulate("--days", "41").json["total"] == 2


def test_in_words_each_that_moves_has_a_line(simulate, stored):
    said = simulate("--medium", "20", as_json=False)
    assert said.code == 0
    assert said.lines[0].startswith("total=1  before=")
    assert len(said.lines) == 2
    assert stored in said.lines[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--weight", "moonlight=10"),
        ("--weight", "burst=many"),
        ("--weight", "burst=101"),
        ("--weight", "burst=-1"),
        ("--weight", "burst"),
        ("--weight", "=10"),
        ("--medium", "0"),
        ("--high", "102"),
        ("--days", "0"),
        ("--days", "366"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(simulate, arguments):
    refused = simulate(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "Traceback" not in refused.err


def test_a_tenant_that_is_not_there_is_said_in_one_line(portico):
    refused = portico("risk", "simulate", "--tenant", "nobody-here")
    assert refused.code == 1
    assert "nobody-here" in refused.lines[-1]


def test_a_missing_database_of_places_stops_every_command_by_name(portico, tmp_path):
    """Beside the other settings that are wrong, and without the path."""
    (tmp_path / "broken.mmdb").write_text("no database")
    for path in (tmp_path / "none.mmdb", tmp_path / "broken.mmdb"):
        for command in (("config", "check"), ("web",), ("worker",), ("tenant", "list")):
            refused = portico(*command, GEOIP_DB_PATH=str(path), PORTICO_SECRET_KEY="short")
            assert refused.code == 1
            assert "GEOIP_DB_PATH" in refused.err
            assert "PORTICO_SECRET_KEY" in refused.err
            assert str(tmp_path) not in refused.err
    assert portico("config", "check", GEOIP_DB_PATH="").json["GEOIP_DB_PATH"] is None
