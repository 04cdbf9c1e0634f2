"""How risky a sign-in is: what is observed of it, weighed as the tenant weighs it, as a row to be stored."""

from datetime import datetime

from app.auth import risk
from app.auth.arriving import Assessed
from app.auth.visits import network_of, visits_of
from app.ids import uuid7
from app.places import Places
from app.scope import Origin
from app.storage.hot import Arrival
from app.tenancy import Tenant


class Assessor:
    """Assesses sign-ins."""

    def __init__(self, *, places: Places, burst: int) -> None:
        """``burst``: so many sign-ins within an hour are many."""
        self._places = places
        self._burst = burst

    def assess(self, tenant: Tenant, arrival: Arrival, *, now: datetime, origin: Origin, browser: bool) -> Assessed:
        """What is thought of a sign-in whose first factor was right.

        In shadow mode it is stored and changes nothing. A browser that the owner vouched for by mail is not stopped.
        """
        settings, place, network = tenant.settings, self._places.look_up(origin.ip), network_of(origin.ip)
        signals = risk.observe(
            now=now,
            network=network,
            place=place,
            user_agent=origin.user_agent,
            browser=browser,
            known_device=arrival.known_device,
            history=visits_of(arrival.history),
            recent=arrival.recent,
        )
        found = risk.assess(
            signals,
            settings.risk_weights,
            medium=settings.risk_medium,
            high=settings.risk_high,
            unusual_hour=settings.risk_unusual_hour,
            burst=self._burst,
        )
        row = {
            "id": str(uuid7()),
            "at": now.isoformat(),
            "signals": signals.to_json(),
            "factors": [factor.to_json() for factor in found.factors],
            "score": found.score,
            "level": found.level,
            "mode": settings.risk_mode,
            "outcome": "allowed",
            "ip": origin.ip,
            "network": network,
            "country": (place.country or None) if place else None,
            "city": (place.city or None) if place else None,
            "latitude": place.latitude if place else None,
            "longitude": place.longitude if place else None,
            "user_agent": origin.user_agent,
        }
        if settings.risk_mode != "enforce":
            return Assessed(level="low", row=row)
        return Assessed(level="medium" if found.level == "high" and arrival.cleared else found.level, row=row)
