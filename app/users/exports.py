"""A copy of everything that we hold on a person: asked for, built by the worker, fetched for a few days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app import events
from app.auth.freshness import Freshness
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.errors import NotFound, TooManyRequests
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import Scope
from app.storage import data_exports, users
from app.storage.data_exports import DataExport
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

LIFE = timedelta(days=7)
_PAUSE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """An export, as the one whom it is about sees it."""

    id: UUID
    status: Literal["pending", "ready"]
    asked_at: datetime
    expires_at: datetime


class Exports:
    """Asks for exports, lists them, and hands them over."""

    def __init__(
        self,
        units: Units,
        *,
        freshness: Freshness,
        outbox: Outbox,
        cipher: Cipher,
        clock: Clock = wall_clock,
        scale: float = 1,
    ) -> None:
        """``scale``: by how much the one a day is multiplied, as every limit is."""
        self._units = units
        self._freshness = freshness
        self._outbox = outbox
        self._cipher = cipher
        self._clock = clock
        self._pause = _PAUSE / scale

    def ask(self, tenant: Tenant, scope: Scope) -> ExportView:
        """Ask for an export of the caller's data.

        Raises ``StepUpRequired``, and ``TooManyRequests`` for a second one within a day.
        """
        self._freshness.require(tenant, scope)
        now, new_id = self._clock(), uuid7()
        with self._units.begin(scope.tenant_id) as unit:
            # Held, so that of two who ask at once one waits, and sees the other's.
            if users.lock(unit.db, tenant_id=scope.tenant_id, user_id=scope.user_id) is None:
                raise NotFound
            self._pace(unit, scope, now=now)
            export = data_exports.add(
                unit.db,
                tenant_id=scope.tenant_id,
                new_id=new_id,
                user_id=scope.user_id,
                now=now,
                expires_at=now + LIFE,
            )
            self._outbox.put(unit, tenant_id=scope.tenant_id, kind="export.build", export_id=new_id)
            return _view(export)

    def list(self, scope: Scope) -> list[ExportView]:
        """The caller's exports, newest first."""
        with self._units.read(scope.tenant_id) as db:
            rows = data_exports.of_person(db, tenant_id=scope.tenant_id, user_id=scope.user_id, now=self._clock())
        return [_view(row) for row in rows]

    def fetch(self, tenant: Tenant, scope: Scope, export_id: UUID) -> bytes:
        """The content of one, as JSON.

        Raises ``StepUpRequired``, and ``NotFound`` when it is not the caller's, not ready, or has expired.
        """
        self._freshness.require(tenant, scope)
        now = self._clock()
        with self._units.begin(scope.tenant_id) as unit:
            export = data_exports.by_id(unit.db, tenant_id=scope.tenant_id, export_id=export_id, now=now)
            if export is None or export.user_id != scope.user_id or export.content_encrypted is None:
                raise NotFound
            row = events.row(
                Event.DATA_EXPORTED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
                impersonator_id=scope.impersonator_id,
                stage="fetched",
            )
            events.record(unit, tenant_id=scope.tenant_id, rows=[row])
        return self._cipher.decrypt(export.content_encrypted, place=place(scope.tenant_id, export_id))

    def _pace(self, unit: Unit, scope: Scope, *, now: datetime) -> None:
        before = data_exports.of_person(unit.db, tenant_id=scope.tenant_id, user_id=scope.user_id, now=now)
        wait = (before[0].asked_at + self._pause - now).total_seconds() if before else 0
        if wait > 0:
            raise TooManyRequests("You can ask for one copy of your data a day.", retry_after=int(wait) + 1)


def place(tenant_id: UUID, export_id: UUID) -> str:
    """Where the content belongs: encrypted for one row, it does not open in another."""
    return f"data_exports:{tenant_id}:{export_id}"


def _view(export: DataExport) -> ExportView:
    return ExportView(
        id=export.id,
        status="ready" if export.ready_at else "pending",
        asked_at=export.asked_at,
        expires_at=export.expires_at,
    )
