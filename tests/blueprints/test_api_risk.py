"""``/api/v1/risk-assessments``."""

from datetime import timedelta

import pytest

from app.auth.risk import Signals
from app.ids import uuid7
from tests.assessments import assessed


@pytest.fixture
def ask(cast, call):
    """GET as somebody, at their own tenant."""

    def ask(path, person=None):
        person = person or cast.ada
        client = call(person.tenant)
        return client.get(f"/risk-assessments{path}", token=client.tokens(person)["access_token"])

    return ask


@pytest.fixture
def bobs(services, cast):
    """Three of Bob's, newest first."""
    return [assessed(services, cast.bob, ago=timedelta(hours=hour)) for hour in range(3)]


def test_one_is_shown_with_all_that_is_known(services, cast, ask):
    made = assessed(services, cast.bob, signals=Signals(new_device=True, kmh=950), score=20)
    answer = ask(f"/{made}")
    assert answer.status_code == 200
    shown = answer.json
    assert shown.pop("at").endswith("Z")
    assert shown == {
        "id": made,
        "user_id": str(cast.bob.id),
        "score": 20,
        "level": "low",
        "mode": "enforce",
        "outcome": "allowed",
        "factors": [{"name": "new_device", "points": 20, "why": "New."}],
        "signals": {
            "new_device": True,
            "new_address": False,
            "new_country": False,
            "recent": 0,
            "kmh": 950,
            "script_agent": False,
            "unusual_hour": False,
            "first": False,
        },
        "session_id": None,
        "ip": "192.0.2.7",
        "country": "Germany",
        "city": "Berlin",
        "user_agent": "Firefox",
    }


def test_pages_follow_one_another_by_cursor_and_by_link(cast, ask, bobs, call):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    first = client.get(f"/risk-assessments?user_id={cast.bob.id}&limit=2", token=token)
    assert [one["id"] for one in first.json["data"]] == bobs[:2]
    link = first.headers["Link"]
    assert link.startswith(f"</api/v1/risk-assessments?user_id={cast.bob.id}&limit=2&cursor=")
    assert link.endswith('>; rel="next"')
    assert first.json["next_cursor"] in link
    path = link.partition(">")[0].removeprefix("</api/v1")
    second = client.get(path, token=token)
    assert [one["id"] for one in second.json["data"]] == bobs[2:]
    assert second.json["next_cursor"] is None
    assert "Link" not in second.headers


def test_without_a_limit_there_are_fifty(services, cast, ask):
    for _ in range(51):
        assessed(services, cast.bob)
    assert len(ask("").json["data"]) == 50
    assert len(ask("?limit=100").json["data"]) > 50


def test_somebody_unknown_has_none(ask):
    assert ask(f"?user_id={uuid7()}").json == {"data": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("limit=0", ["?limit"]),
        ("limit=101", ["?limit"]),
        ("limit=-1", ["?limit"]),
        ("limit=1.5", ["?limit"]),
        ("limit=", ["?limit"]),
        ("limit=%D9%A3", ["?limit"]),
        ("limit=999999999999999999999999", ["?limit"]),
        ("limit=1&limit=2", ["?limit"]),
        ("user_id=bob", ["?user_id"]),
        ("user_id=", ["?user_id"]),
        ("user_id='", ["?user_id"]),
        ("user_id=01a2100000007000800000000000000z", ["?user_id"]),
        ("cursor=", ["?cursor"]),
        ("cursor=x", ["?cursor"]),
        ("limit=x&cursor=x", ["?limit", "?cursor"]),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(ask, query, pointers):
    answer = ask(f"?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert [error["pointer"] for error in answer.json["errors"]] == pointers


@pytest.mark.parametrize("path", ["", f"/{uuid7()}"], ids=["list", "one"])
def test_who_may_not_read_the_audit_trail_is_told_so(cast, ask, path):
    answer = ask(path, cast.bob)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_support_may_read_it(cast, ask, bobs):
    petra = cast.person(cast.acme, "petra@acme.example", role="support")
    assert ask(f"/{bobs[0]}", petra).status_code == 200


def test_mallory_finds_nothing_of_acme(cast, ask, bobs):
    for path in (f"/{bobs[0]}", f"/{uuid7()}", "/nonsense"):
        answer = ask(path, cast.mallory)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert ask(f"?user_id={cast.bob.id}", cast.mallory).json["data"] == []
    assert {one["user_id"] for one in ask("", cast.mallory).json["data"]} == {str(cast.mallory.id)}
