"""What is refused or fails can be sent again; what was carried out never is, whatever died when."""

from contextlib import contextmanager

import pytest

from app.idempotency.errors import IdempotencyInProgress, IdempotencyKeyReused, IdempotencyOutcomeUnknown
from app.idempotency.service import Answer, Claim, Idempotency
from app.storage.pool import engine_over, open_pool
from app.storage.unit import Units
from tests.idempotency.conftest import APP


@pytest.fixture
def change(services, scope):
    """Something that is done in a unit, and what it comes to."""

    def change(name):
        services.profiles.change(scope, name=name)

    return change


@pytest.fixture
def name(owner, cast):
    return lambda: owner.execute("SELECT name FROM users WHERE id = %s", [cast.ada.id]).fetchone()[0]


@contextmanager
def after_all():
    """What goes wrong when all has been done."""
    yield
    raise RuntimeError("boom")


def test_a_refusal_frees_the_key_for_another_try(send, names):
    for wrong in ({"type": "teapot"}, {"redirect_uris": ["javascript:alert(1)"]}):
        assert send("/applications", {**APP, **wrong}).json["code"] == "invalid_input"
    assert send("/applications", APP).status_code == 201
    assert names() == [APP["name"]]


def test_after_stepping_up_the_same_request_is_carried_out(send, acme, cast, clock, names):
    clock.forward(minutes=11)
    refused = send("/applications", APP)
    assert (refused.status_code, refused.json["code"]) == (401, "insufficient_user_authentication")
    made = send("/applications", APP, token=acme.tokens(cast.ada)["access_token"])
    assert (made.status_code, "Idempotency-Replayed" in made.headers, len(names())) == (201, False, 1)


def test_a_failure_frees_it_too_where_nothing_had_come_of_it(services, claim, name):
    before = name()
    with pytest.raises(RuntimeError, match="boom"), services.idempotency.carrying_out(claim()):
        raise RuntimeError("boom")
    assert isinstance(claim(b"other"), Claim)
    assert name() == before


def test_after_a_commit_it_is_not_carried_out_again(services, claim, change, clock):
    with pytest.raises(RuntimeError, match="boom"), services.idempotency.carrying_out(claim()), after_all():
        change("Once")
    with pytest.raises(IdempotencyInProgress) as refusal:
        claim()
    assert refusal.value.retry_after == 1
    clock.forward(seconds=31)
    with pytest.raises(IdempotencyOutcomeUnknown):
        claim()
    with pytest.raises(IdempotencyKeyReused):
        claim(b"other")
    clock.forward(hours=24)
    assert isinstance(claim(), Claim)


def test_who_dies_before_the_commit_leaves_it_to_the_next(claim, clock):
    claim()
    with pytest.raises(IdempotencyInProgress):
        claim()
    clock.forward(seconds=31)
    with pytest.raises(IdempotencyKeyReused):
        claim(b"other")
    assert isinstance(claim(), Claim)
    with pytest.raises(IdempotencyInProgress):
        claim()


def test_who_comes_too_late_does_nothing_and_harms_nobody(services, claim, change, name, clock):
    slow = claim()
    clock.forward(seconds=31)
    quick = claim()
    with pytest.raises(IdempotencyInProgress), services.idempotency.carrying_out(slow):
        change("Slow")
    with services.idempotency.carrying_out(quick):
        change("Quick")
    services.idempotency.keep(slow, Answer(status=201, body=b"slow"))
    services.idempotency.keep(quick, Answer(status=201, body=b"quick"))
    assert (claim().body, name()) == (b"quick", "Quick")


def test_while_the_database_is_away_nothing_runs_and_no_answer_is_taken_back(settings, services, claim, scope):
    pool = open_pool(settings.database_url.get_secret_value(), most=1, application="away")
    cut_off = Idempotency(Units(engine_over(pool)), cipher=services.idempotency._cipher, secrets=["x"])
    held = claim()
    cut_off.keep(held, Answer(status=201, body=b"{}"))
    with pytest.raises(RuntimeError, match="boom"), cut_off.carrying_out(held):
        raise RuntimeError("boom")
    with pytest.raises(Exception, match="pool"):
        cut_off.claim(scope, key="a", content=b"")
