"""What happens when the gate stays shut: it leaves a mark, and says how to go on where one can."""

from datetime import datetime
from typing import NoReturn

from app import events
from app.auth.arriving import Proof, enrolment_due
from app.auth.factors import enrollable, methods_for
from app.auth.pending import PendingLogins, ProvenStep
from app.auth.stages import REFUSALS, Step
from app.events import Event
from app.metrics import SIGN_INS
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import lockout_lanes, risk_assessments
from app.storage.hot import Arrival
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

EMAIL_CODE = "email_code"
# The steps that one can go on from, as the pending sign-in names them.
_KEPT: dict[Step, ProvenStep] = {
    Step.SECOND_FACTOR: "second_factor",
    Step.EMAIL_CODE: "email_code",
    Step.ENROLMENT: "enrolment",
}


class Owing:
    """Refuses at the gate."""

    def __init__(self, units: Units, *, pending: PendingLogins, outbox: Outbox) -> None:
        self._units = units
        self._pending = pending
        self._outbox = outbox

    def refuse(
        self, tenant: Tenant, arrival: Arrival, proof: Proof, step: Step, *, now: datetime, origin: Origin
    ) -> NoReturn:
        """Write down that ``step`` is owed, and raise its refusal.

        A second factor, a code by mail, a factor to set up: what was shown is kept behind a challenge for ten minutes;
        the code is mailed by the worker. Too risky: the owner is told. An address that was never confirmed, an account
        that is switched off: nothing but the mark. None of it counts as a failed guess: the first factor was right.
        """
        SIGN_INS.labels("+".join(proof.amr), step.value).inc()
        members: dict[str, object] = {}
        with self._units.begin(tenant.id) as unit:
            self._release(unit, tenant, proof)
            self._assessed(unit, tenant, arrival, proof, step, now=now, origin=origin)
            if (kept := _KEPT.get(step)) and arrival.user_id:
                members = self._keep(unit, tenant, arrival, proof, kept, now=now, origin=origin)
            event = Event.LOGIN_SECOND_FACTOR_REQUIRED if kept else Event.LOGIN_BLOCKED
            self._record(unit, tenant, arrival, event, reason=step.value, now=now, origin=origin)
        raise REFUSALS[step](log=f"owed {step}", members=members)

    def _keep(
        self,
        unit: Unit,
        tenant: Tenant,
        arrival: Arrival,
        proof: Proof,
        step: ProvenStep,
        *,
        now: datetime,
        origin: Origin,
    ) -> dict[str, object]:
        """Keep what was shown. Returns what the caller needs to go on."""
        outcome = "code_required" if _is_unusual(proof) else "allowed"
        challenge = self._pending.keep(unit, tenant, arrival, proof, step=step, outcome=outcome, flow_id=origin.flow_id)
        if step == EMAIL_CODE:
            self._outbox.put(unit, tenant_id=tenant.id, kind="mail.email_code", pending_id=challenge.id)
            return {"challenge": challenge.secret, "methods": [EMAIL_CODE]}
        if step == "second_factor":
            methods = methods_for(arrival, proof.amr, tenant.settings)
            if methods[0] == EMAIL_CODE:  # nothing stronger: there is no choice to wait for
                self._outbox.put(unit, tenant_id=tenant.id, kind="mail.email_code", pending_id=challenge.id)
            return {"challenge": challenge.secret, "methods": list(methods)}
        due = enrolment_due(tenant, arrival, now=now)
        skip_until = due.isoformat(timespec="seconds").replace("+00:00", "Z") if due > now else None
        return {"challenge": challenge.secret, "methods": list(enrollable(tenant.settings)), "skip_until": skip_until}

    def mark(
        self,
        tenant: Tenant,
        arrival: Arrival,
        proof: Proof,
        event: Event,
        *,
        reason: str,
        now: datetime,
        origin: Origin,
    ) -> None:
        """Write down that the gate stayed shut although nothing was owed."""
        with self._units.begin(tenant.id) as unit:
            self._release(unit, tenant, proof)
            self._record(unit, tenant, arrival, event, reason=reason, now=now, origin=origin)

    @staticmethod
    def _release(unit: Unit, tenant: Tenant, proof: Proof) -> None:
        if proof.lane and proof.stamp and proof.lane_open:
            lockout_lanes.release(unit.db, tenant_id=tenant.id, lane=proof.lane, stamp=proof.stamp)

    def _assessed(
        self, unit: Unit, tenant: Tenant, arrival: Arrival, proof: Proof, step: Step, *, now: datetime, origin: Origin
    ) -> None:
        """Store the assessment that led here, and tell the owner where it shut the gate."""
        assessed = proof.assessed
        outcome = _outcome(step, proof)
        if outcome is None or assessed is None or arrival.user_id is None:
            return
        risk_assessments.add(
            unit.db, tenant_id=tenant.id, user_id=arrival.user_id, assessment={**assessed.row, "outcome": outcome}
        )
        row = events.row(
            Event.RISK_ASSESSED,
            now=now,
            actor=ANYBODY,
            origin=origin,
            subject_id=arrival.user_id,
            outcome="refused",
            level=assessed.level,
            score=assessed.row["score"],
            assessment=assessed.row["id"],
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        if step is Step.BEARABLE_RISK:
            self._outbox.put(unit, tenant_id=tenant.id, kind="mail.sign_in_blocked", assessment_id=assessed.row["id"])

    @staticmethod
    def _record(
        unit: Unit, tenant: Tenant, arrival: Arrival, event: Event, *, reason: str, now: datetime, origin: Origin
    ) -> None:
        row = events.row(
            event,
            now=now,
            actor=ANYBODY,
            origin=origin,
            subject_id=arrival.user_id,
            outcome="refused",
            reason=reason,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])


def _outcome(step: Step, proof: Proof) -> str | None:
    """What became of the assessment: only what it led to by itself is stored before a session begins."""
    if step is Step.BEARABLE_RISK:
        return "blocked"
    return "code_required" if step in {Step.SECOND_FACTOR, Step.EMAIL_CODE} and _is_unusual(proof) else None


def _is_unusual(proof: Proof) -> bool:
    return proof.assessed is not None and proof.assessed.level == "medium"
