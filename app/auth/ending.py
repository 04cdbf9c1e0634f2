"""Ending sessions, the same wherever it happens: the rows, their families, the blacklist, the audit trail."""

from datetime import datetime, timedelta
from uuid import UUID

from app import events
from app.auth.blacklist import Blacklist
from app.events import Event
from app.outbox import Outbox
from app.scope import Actor, Origin
from app.storage import sessions, users
from app.storage.unit import Unit
from app.tenancy import Tenant

# Tokens are refused a little longer than they could live: clocks differ.
_SKEW = timedelta(minutes=1)


class Ending:
    """Ends sessions, within the unit of whatever ends them."""

    def __init__(self, *, blacklist: Blacklist, outbox: Outbox) -> None:
        self._blacklist = blacklist
        self._outbox = outbox

    def end(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID,
        *,
        now: datetime,
        reason: str,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None = None,
        keep: UUID | None = None,
    ) -> int:
        """End one session of a person, or all of them but ``keep``. Returns how many were live until now."""
        ended = sessions.revoke(
            unit.db, tenant_id=tenant.id, user_id=user_id, now=now, reason=reason, session_id=session_id, keep=keep
        )
        if ended:
            # The database promises that their applications are told.
            self._outbox.promised(unit)
            self.refuse(unit, tenant, kind="sid", subjects=[session.id for session in ended], now=now)
            rows = [
                events.row(
                    Event.SESSION_REVOKED,
                    now=now,
                    actor=actor,
                    origin=origin,
                    subject_id=user_id,
                    session_id=session.id,
                    reason=reason,
                )
                for session in ended
            ]
            events.record(unit, tenant_id=tenant.id, rows=rows)
        return len(ended)

    def made_room(self, tenant: Tenant, sessions: list[UUID], *, now: datetime) -> None:
        """Tell of sessions that ended because another began (``hot.open_session`` has written everything)."""
        if sessions:
            self._blacklist.announce(
                tenant_id=tenant.id, kind="sid", subjects=sessions, at=now, life=self.token_life(tenant)
            )

    @staticmethod
    def token_life(tenant: Tenant) -> timedelta:
        """How long a token that is about now could live."""
        return tenant.settings.access_token_life + _SKEW

    def cut(self, unit: Unit, tenant: Tenant, user_id: UUID, *, now: datetime) -> None:
        """No session and no token of theirs that began before ``now`` counts any more, even one that we overlook."""
        users.end_tokens_before(unit.db, tenant_id=tenant.id, user_id=user_id, moment=now)
        self.refuse(unit, tenant, kind="user", subjects=[user_id], now=now)

    def refuse(self, unit: Unit, tenant: Tenant, *, kind: str, subjects: list[UUID], now: datetime) -> None:
        """Put tokens on the blacklist by one of their names, for as long as they could live."""
        self._blacklist.revoke(
            unit, tenant_id=tenant.id, kind=kind, subjects=subjects, at=now, life=self.token_life(tenant)
        )
