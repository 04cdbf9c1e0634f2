"""One gate: nothing else makes a session, and it lets in nobody who owes something (``test_stages``)."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.auth import errors
from app.auth.arriving import Proof
from app.ids import uuid7
from app.storage import hot
from tests.auth.owed import OWED
from tests.cast import an_origin

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("fact", "step", "refusal"), OWED)
def test_the_gate_itself_refuses_whoever_owes_something(services, cast, happened, fact, step, refusal):
    """Even a way in that forgets to ask cannot start a session; and it leaves a mark."""
    arrival, proof = _at_the_gate(services, cast.ada, fact)
    with pytest.raises(refusal):
        services.login._gate.admit(cast.ada.tenant, arrival, proof, origin=an_origin())
    cast.ada.tenant = services.tenant_administration.change_settings(cast.ada.tenant, {"second_factor": "optional"})
    assert step.value in [reason for _, outcome, reason in happened(cast.acme) if outcome == "refused"]
    assert not _sessions(services, cast.ada)


def test_only_one_statement_in_the_tree_inserts_sessions(owner):
    insert = re.compile(
        r"insert\s+into\s+sessions|insert\(\s*(?:sessions\.)?Session\s*\)|\bSession\([^)]*user_id", re.IGNORECASE
    )
    sources = [*ROOT.glob("app/**/*.py"), *ROOT.glob("migrations/**/*.sql"), *ROOT.glob("migrations/**/*.py")]
    found = [path.relative_to(ROOT).as_posix() for path in sources for _ in insert.findall(path.read_text())]
    # Each replaces the one before: what the database has is asked of it below.
    assert sorted(found) == [f"migrations/versions/{number}_sql/functions.sql" for number in ("0001", "0002", "0003")]
    functions = owner.execute("SELECT proname FROM pg_proc WHERE prosrc ~* 'insert +into +sessions'").fetchall()
    assert functions == [("hot_open_session",)]


def test_only_the_gate_calls_it():
    calls = [path.name for path in ROOT.glob("app/**/*.py") if "hot.open_session(" in path.read_text()]
    assert calls == ["gate.py"]


def _arrive(services, tenant, person):
    now = services.ports.clock()
    return hot.person(services.ports.pool, tenant_id=tenant.id, user_id=person.id, device_digest=None, now=now)


def _at_the_gate(services, person, fact):
    """(arrival, proof) of somebody whom nothing keeps out but this one fact."""
    gate, arrival, proof = services.login._gate, _arrive(services, person.tenant, person), Proof(amr=("pwd",))
    (name,) = fact
    if name == "risk":
        now = services.ports.clock()
        found = gate._assessor.assess(person.tenant, arrival, now=now, origin=an_origin(), browser=True)
        return arrival, replace(proof, assessed=replace(found, level=fact[name]))
    if name == "second_factor_available":
        return replace(arrival, totp=True), proof
    if name == "second_factor_required":
        person.tenant = _requiring(services, person.tenant)
        return arrival, proof
    if name in {"lane_open", "proven"}:
        return arrival, replace(proof, **fact)
    return replace(arrival, **{name.removeprefix("tenant_"): fact[name]}), proof


def _requiring(services, tenant):
    return services.tenant_administration.change_settings(tenant, {"second_factor": "required"})


def _sessions(services, person):
    scope = person.scope(person.sign_in())
    return [view for view in services.sessions.list(person.tenant, scope) if not view.current]


def test_the_gate_takes_no_stranger_of_another_tenant(services, cast):
    """The row is looked up under the tenant: Mallory's id is nobody at Acme."""
    hers, proof = _arrive(services, cast.globex, cast.mallory), Proof(amr=("pwd",))
    at_acme = _arrive(services, cast.acme, cast.mallory)
    assert (hers.user_id, at_acme.user_id) == (cast.mallory.id, None)
    for stranger in (hers, at_acme, replace(hers, user_id=uuid7())):
        with pytest.raises(errors.InvalidCredentials):
            services.login._gate.admit(cast.acme, stranger, proof, origin=an_origin())


def test_whoever_changed_while_being_proven_is_refused(services, cast, happened):
    """Another password since: what was checked is not what counts now."""
    arrival = _arrive(services, cast.acme, cast.ada)
    before = replace(arrival, password_changed_at=arrival.created_at.replace(year=2000))
    with pytest.raises(errors.InvalidCredentials):
        services.login._gate.admit(cast.acme, before, Proof(amr=("pwd",)), origin=an_origin())
    assert ("login.blocked", "refused", "changed_meanwhile") in happened(cast.acme)
    assert not _sessions(services, cast.ada)
