"""Promises that wait for other people's servers: last, side by side, and each of them once."""

from threading import Barrier, Lock

import pytest

from app.outbox import Drainer, Undeliverable


@pytest.fixture
def both(services):
    """A drainer for which ``call.test`` is slow and ``mail.test`` is not."""

    def both(quick, slow):
        keepers = {"mail.test": quick, "call.test": slow}
        return Drainer(services.units, keepers=keepers, clock=services.ports.clock, slow=["call.test"])

    return both


def test_they_are_waited_for_side_by_side(promise, both):
    together = Barrier(4, timeout=20)
    promise("call.test", number=4)
    assert both(lambda *_: None, lambda *_: together.wait()).drain() == 4


def test_whatever_else_is_due_goes_first_also_what_has_become_due_meanwhile(promise, both):
    order, lock = [], Lock()
    promise("call.test", number=9)
    promise(number=25)

    def call(*_):
        with lock:
            if "call" not in order:
                promise()
            order.append("call")

    assert both(lambda *_: order.append("mail"), call).drain() == 35
    assert order[:25] == ["mail"] * 25
    assert order.index("mail", 25) == 33, "before the ninth call"


def test_one_that_fails_is_put_off_alone(promise, both, entries, cast):
    promise("call.test", number=3)
    turns = iter([Undeliverable("gone"), None, OSError("away")])
    lock = Lock()

    def call(*_):
        with lock:
            refusal = next(turns)
        if refusal:
            raise refusal

    assert both(lambda *_: None, call).drain() == 1
    outcomes = sorted(entry["last_error"] or "" for entry in entries(cast.acme))
    assert outcomes == ["", "OSError: away", "Undeliverable: gone"]
