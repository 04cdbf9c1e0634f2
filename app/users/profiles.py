"""People change what is said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import events
from app.auth.registration import clean_name
from app.clock import Clock, wall_clock
from app.errors import NotFound, gather
from app.events import Event
from app.scope import Scope
from app.storage import hot_people, users
from app.storage.pool import Pool
from app.storage.unit import Units
from app.users.profile import Changes, differences, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Name and profile, as they are now."""

    name: str
    profile: Mapping[str, Any]


class Profiles:
    """Reads and changes the caller's own."""

    def __init__(self, pool: Pool, units: Units, *, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._units = units
        self._clock = clock

    def read(self, scope: Scope) -> Mapping[str, Any]:
        """What the caller says of themselves."""
        row = hot_people.person(self._pool, tenant_id=scope.tenant_id, user_id=scope.user_id)
        return row.profile if row else {}

    def change(self, scope: Scope, *, name: str | None = None, changes: Changes | None = None) -> Changed:
        """Change the name, parts of the profile, or both; what is ``None`` stays. Raises ``InvalidInput``.

        The audit trail learns which parts have changed, never what they say.
        """
        now = self._clock()
        with self._units.begin(scope.tenant_id) as unit:
            user = users.lock(unit.db, tenant_id=scope.tenant_id, user_id=scope.user_id)
            if user is None:
                raise NotFound
            after = _checked(user.name, user.profile, name, changes)
            parts = [*(["name"] if after.name != user.name else []), *differences(user.profile, after.profile)]
            if not parts:
                return after
            users.describe(
                unit.db,
                tenant_id=scope.tenant_id,
                user_id=scope.user_id,
                name=after.name,
                profile=after.profile,
                now=now,
            )
            row = events.row(
                Event.USER_UPDATED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
                changed=" ".join(parts),
            )
            events.record(unit, tenant_id=scope.tenant_id, rows=[row])
        return after


def _checked(name: str, profile: Mapping[str, Any], wanted: str | None, changes: Changes | None) -> Changed:
    """Everything that is wrong is said at once."""
    found: dict[str, Any] = {"name": name, "profile": profile}

    def check_name() -> None:
        if wanted is not None:
            found["name"] = clean_name(wanted)

    def check_profile() -> None:
        if changes is not None:
            found["profile"] = merged(profile, changes)

    gather(check_name, check_profile)
    return Changed(**found)
