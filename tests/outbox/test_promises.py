"""What is promised, and what of it rests in the database."""

import json

import pytest

from app.auth.errors import RefreshTokenReused
from app.ids import uuid7
from app.outbox import Outbox
from tests.cast import an_origin

KIND = "mail.test"


def test_a_promise_of_a_rolled_back_change_never_was(services, cast, entries):
    outbox, asked = Outbox(services.ports.queue), len(services.ports.queue)
    with pytest.raises(ZeroDivisionError), services.units.begin(cast.acme.id) as unit:  # noqa: PT012 - it fails at its end
        outbox.put(unit, tenant_id=cast.acme.id, kind=KIND, id=uuid7())
        raise ZeroDivisionError
    assert entries(cast.acme) == []
    assert len(services.ports.queue) == asked


def test_payloads_hold_ids_and_words_and_never_a_secret_or_an_address(register, cast, services, entries):
    register()
    signed_in = cast.ada.sign_in()
    token = services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin()).refresh_token
    services.tokens.refresh(cast.acme, token, origin=an_origin())
    with pytest.raises(RefreshTokenReused):
        services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin())
    found = entries(cast.acme)
    assert {entry["kind"] for entry in found} == {"mail.verification", "mail.security_alert"}
    assert {key for entry in found for key in entry["payload"]} == {"request_id", "user_id", "reason"}
    assert "@" not in json.dumps([entry["payload"] for entry in found])
    assert all(len(value) <= 36 for entry in found for value in entry["payload"].values())


def test_the_error_that_is_kept_holds_no_secret(promise, drainer, entries, cast):
    def fail(*_):
        raise ConnectionError("x" * 5000)

    promise()
    drainer(fail).drain()
    assert len(entries(cast.acme)[0]["last_error"]) <= 500
