"""Many at once under one key: one is carried out."""

from app.idempotency.errors import IdempotencyInProgress
from app.idempotency.service import Claim
from tests.idempotency.conftest import APP
from tests.waiting import at_once


def test_of_eight_at_once_one_creates_and_the_others_are_told(send, names):
    answers = at_once(*[lambda: send("/applications", APP)] * 8)
    created = [
        answer for answer in answers if answer.status_code == 201 and "Idempotency-Replayed" not in answer.headers
    ]
    others = [answer for answer in answers if answer not in created]
    assert (len(created), names()) == (1, [APP["name"]])
    assert all(answer.headers.get("Idempotency-Replayed") or answer.headers["Retry-After"] == "1" for answer in others)
    assert {answer.json.get("code", "replayed") for answer in others} <= {"idempotency_in_progress", "replayed"}
    assert {answer.json["id"] for answer in others if answer.status_code == 201} <= {created[0].json["id"]}


def test_of_fifty_claims_one_is_given_and_again_when_it_was_given_up(claim, clock):
    for _ in range(2):
        said = at_once(*[claim] * 50)
        assert [type(one) for one in said if not isinstance(one, IdempotencyInProgress)] == [Claim]
        clock.forward(seconds=31)
