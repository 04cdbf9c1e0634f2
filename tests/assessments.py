"""Assessments as the gate stores them, made to order."""

from datetime import timedelta

from app.auth.risk import Factor, Signals
from app.ids import uuid7
from app.storage import risk_assessments


def assessed(services, person, *, ago=timedelta(), signals=None, score=0, level="low", **changes):
    """Store one of ``person``'s, and hand over its id."""
    row = {
        "id": str(uuid7()),
        "at": (services.ports.clock() - ago).isoformat(),
        "signals": (signals or Signals()).to_json(),
        "factors": [Factor(name="new_device", points=score, why="New.").to_json()] if score else [],
        "score": score,
        "level": level,
        "mode": "enforce",
        "outcome": "allowed",
        "ip": "192.0.2.7",
        "network": "192.0.2.7",
        "country": "Germany",
        "city": "Berlin",
        "latitude": 52.5,
        "longitude": 13.4,
        "user_agent": "Firefox",
        **changes,
    }
    with services.units.begin(person.tenant.id) as unit:
        risk_assessments.add(unit.db, tenant_id=person.tenant.id, user_id=person.id, assessment=row)
    return row["id"]
