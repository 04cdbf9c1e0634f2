"""What becomes of those who have left: the mail that lets them come back, and the end of everything personal."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from app import crypto, events
from app.auth.lockout import common_lane, device_lane
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin
from app.storage import leaving, links, users
from app.storage.base import Db
from app.storage.unit import Units
from app.tenancy import Tenant
from app.users.farewell import PURPOSE

_log = structlog.get_logger()
_MOST = 100


class FarewellMail:
    """Keeps the promise ``mail.account_deleted``. Runs in the worker, so that the secret rests nowhere."""

    def __init__(self, units: Units, *, post: Post, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """A link that is good until the account is erased; nothing, when they have stayed or gone."""
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=UUID(payload["user_id"]))
            if user is None or user.erase_at is None:
                return
            links.mint(
                unit.db,
                tenant_id=tenant.id,
                new_id=uuid7(),
                user_id=user.id,
                purpose=PURPOSE,
                secret_digest=crypto.digest(secret),
                challenge_digest=None,
                sent_to=user.email,
                now=self._clock(),
                expires_at=user.erase_at,
            )
        letter = Letter(
            template="account_deleted",
            to=user.email,
            name=user.name,
            link=f"{tenant.origin}/keep-account?token={secret}",
            at=f"{user.erase_at:%d %B %Y}".lstrip("0"),
        )
        self._post.send(tenant, letter)


class Erasure:
    """Erases who has left."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def erase_due(self) -> int:
        """Erase those whose two weeks are over, a bounded number at a time. Returns how many went.

        Each in a transaction of their own: what fails for one does not keep the others.
        """
        with self._units.platform() as unit:
            due = leaving.due_unscoped(unit.db, now=self._clock(), most=_MOST)
        return sum(self._try(tenant_id, user_id) for tenant_id, user_id in due)

    def _try(self, tenant_id: UUID, user_id: UUID) -> bool:
        try:
            return self._erase(tenant_id, user_id)
        except Exception:  # noqa: BLE001 - see above; the next round tries again
            _log.exception("somebody could not be erased", tenant=str(tenant_id), user=str(user_id))
            return False

    def _erase(self, tenant_id: UUID, user_id: UUID) -> bool:
        """``False`` when they have come back in the meantime."""
        now = self._clock()
        with self._units.platform() as unit:
            devices = leaving.device_digests(unit.db, tenant_id=tenant_id, user_id=user_id)
            # Their row first: whoever follows the link at this moment waits for it, and finds nobody.
            gone = leaving.erase(unit.db, tenant_id=tenant_id, user_id=user_id, now=now)
            if gone is None:
                return False
            email, key = gone
            lanes = [common_lane(key), *(device_lane(key, digest) for digest in devices)]
            leaving.forget_guesses(unit.db, tenant_id=tenant_id, lanes=lanes)
            _forget(unit.db, tenant_id, user_id, spellings={email.lower(), key})
            row = events.row(Event.USER_DELETED, now=now, actor=SYSTEM, origin=Origin(), subject_id=user_id)
            events.record(unit, tenant_id=tenant_id, rows=[row])
        return True


def _forget(db: Db, tenant_id: UUID, user_id: UUID, *, spellings: set[str]) -> None:
    leaving.forget_in_trail(db, tenant_id=tenant_id, user_id=user_id)
    leaving.forget_requests(db, tenant_id=tenant_id, user_id=user_id, spellings=spellings)
    leaving.forget_promises(db, tenant_id=tenant_id, user_id=user_id, spellings=spellings)
