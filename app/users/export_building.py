"""Building an export, and telling the person that it is ready: the worker's part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app import events
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.email.post import Letter, Post
from app.events import Event
from app.outbox import Outbox
from app.scope import SYSTEM, Origin
from app.storage import data_exports, users
from app.storage.data_exports import DataExport
from app.storage.unit import Unit, Units
from app.tenancy import Tenant
from app.users import dossier
from app.users.dossier import Subject
from app.users.exports import LIFE, place


class ExportBuilder:
    """Keeps the promises ``export.build`` and ``mail.data_export``. Runs in the worker."""

    def __init__(self, units: Units, *, outbox: Outbox, cipher: Cipher, post: Post, clock: Clock = wall_clock) -> None:
        self._units = units
        self._outbox = outbox
        self._cipher = cipher
        self._post = post
        self._clock = clock

    def build_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Gather, encrypt, keep, and promise the mail. Once: an export that is ready, or has gone, stays as it is."""
        now, export_id = self._clock(), UUID(payload["export_id"])
        with self._units.read(tenant.id) as db:
            export = data_exports.by_id(db, tenant_id=tenant.id, export_id=export_id, now=now)
            if export is None or export.ready_at:
                return
            found = dossier.gather(Subject(db=db, tenant_id=tenant.id, user_id=export.user_id, now=now))
        about = {"service": tenant.name, "address": tenant.origin, "user_id": export.user_id, "made_at": now}
        clear = orjson.dumps({"about": about, "data": found}, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
        sealed = self._cipher.encrypt(clear, place=place(tenant.id, export_id))
        with self._units.begin(tenant.id) as unit:
            self._finish(unit, tenant, export, sealed, now=now)

    def _finish(self, unit: Unit, tenant: Tenant, export: DataExport, sealed: bytes, *, now: datetime) -> None:
        ready = data_exports.finish(
            unit.db,
            tenant_id=tenant.id,
            export_id=export.id,
            content_encrypted=sealed,
            now=now,
            expires_at=now + LIFE,
        )
        if ready is None:
            return
        row = events.row(
            Event.DATA_EXPORTED, now=now, actor=SYSTEM, origin=Origin(), subject_id=export.user_id, stage="built"
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        self._outbox.put(unit, tenant_id=tenant.id, kind="mail.data_export", export_id=export.id)

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Tell the person that their export is ready; nobody, when it or they have gone."""
        now = self._clock()
        with self._units.read(tenant.id) as db:
            export = data_exports.by_id(db, tenant_id=tenant.id, export_id=UUID(payload["export_id"]), now=now)
            user = export and users.by_id(db, tenant_id=tenant.id, user_id=export.user_id)
        if export and user and not user.leaving_at:
            link = f"{tenant.origin}/account/data/exports/{export.id}"
            letter = Letter(template="data_export", to=user.email, name=user.name, link=link, expires_in="7 days")
            self._post.send(tenant, letter)
