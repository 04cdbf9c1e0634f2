"""Asking for a reset: the same row for everybody, and a mail to owners alone, which the worker decides."""

import pytest

from app import crypto
from app.auth.registration import NewAccount
from tests.auth.steps import (
    ask_reset,
    reset_link,
)
from tests.cast import an_origin


@pytest.fixture
def tokens(owner, cast):
    """The reset links that rest in Acme's tables: their digests."""

    def tokens():
        query = "SELECT secret_digest FROM one_time_tokens WHERE tenant_id = %s AND purpose = 'password_reset'"
        return [bytes(row[0]) for row in owner.execute(query, [cast.acme.id])]

    return tokens


@pytest.fixture
def kinds(cast, services):
    """An address of each kind."""
    cast.person(cast.acme, "gone@acme.example")
    services.users.disable(cast.acme, email="gone@acme.example")
    cast.person(cast.acme, "social@acme.example", password=None)
    new = NewAccount(email="fresh@acme.example", password="petra velvet orbit 71")
    services.registration.register(cast.acme, new, origin=an_origin())
    leaver = cast.person(cast.acme, "leaver@acme.example")
    services.farewell.leave(cast.acme, leaver.scope(leaver.sign_in()), confirmation="leaver@acme.example")
    return ["nobody", "bob", "gone", "social", "fresh", "leaver"]


def test_asking_writes_the_same_row_and_the_same_promise_for_everybody(cast, owner, kinds, letters, tokens):
    letters.deliver()
    owner.execute("DELETE FROM link_requests WHERE tenant_id = %s", [cast.acme.id])
    for local in kinds:
        ask_reset(cast.bob, f"{local}@acme.example")
    rows = owner.execute(
        "SELECT r.purpose, r.registration, r.challenge_digest, r.channel, r.ip, r.user_agent,"
        " round(extract(epoch FROM r.expires_at - r.created_at)), o.kind, array_length(array(SELECT"
        " jsonb_object_keys(o.payload)), 1) FROM link_requests r JOIN outbox o"
        " ON o.payload ->> 'request_id' = r.id::text WHERE r.tenant_id = %s",
        [cast.acme.id],
    ).fetchall()
    assert len(rows) == len(kinds)
    assert len(set(rows)) == 1
    assert tokens() == [], "nothing is minted before the worker has decided"


def test_the_worker_writes_to_owners_alone_and_to_each_what_they_can_use(cast, kinds, letters):
    letters.deliver().clear()
    for local in kinds:
        ask_reset(cast.bob, f"{local}@acme.example")
    mails = {mail.to: mail.text for mail in letters.deliver()}
    assert mails.keys() == {"bob@acme.example", "social@acme.example", "fresh@acme.example"}
    assert "/verify-email?token=" in mails["fresh@acme.example"]
    assert "/reset-password" not in mails["fresh@acme.example"]


def test_the_secret_is_in_the_mail_and_nowhere_else(cast, letters, tokens, owner):
    token = reset_link(cast.bob, letters)
    assert tokens() == [crypto.digest(token)]
    for table in ("one_time_tokens", "link_requests", "outbox", "audit_events"):
        rows = owner.execute(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", [cast.acme.id])
        assert not [row for (row,) in rows if token in row], table


def test_the_link_is_the_tenants_own(cast, letters):
    reset_link(cast.bob, letters)
    assert f"{cast.acme.origin}/reset-password?token=" in letters.to(cast.bob.email).text


def test_a_worker_that_comes_too_late_writes_to_nobody(cast, letters, clock):
    ask_reset(cast.bob)
    clock.forward(minutes=61)
    assert [mail for mail in letters.deliver() if cast.acme.origin in mail.text] == []
