"""What no longer counts although its signature and its times still do.

PostgreSQL remembers, in the transaction of the revocation. Redis answers fast, and carries a marker of completeness:
that a key is absent proves nothing unless the marker is there, and where it is missing Redis is filled again before it
is believed. A web process keeps a copy, told of changes by news, and believes it only while it hears the news' pulse.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.storage import revocations
from app.storage.news import News
from app.storage.redis import Away, Fuse, Redis
from app.storage.revocations import Revocation
from app.storage.unit import Unit, Units

Fact = tuple[UUID, str, UUID]
NEWS = "revoked"
_MARKER = "portico:revoked:complete"
_FILLING = "portico:revoked:filling"
# The kind that refuses what was issued before it, and nothing after.
_EVERYTHING = "user"
# Sets the marker only if nobody emptied Redis since the filling began.
_COMPLETE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[2], '1') return 1 end return 0"
# A filling that began earlier must not put an earlier moment over a later one.
_KEEP_LATEST = """
local known = redis.call('GET', KEYS[1])
if not known or tonumber(known) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2]) end
"""
_log = structlog.get_logger()


class Blacklist:
    """Revokes and answers whether something is revoked."""

    def __init__(self, units: Units, *, redis: Redis, news: News, clock: Clock = wall_clock) -> None:
        self._units = units
        self._redis = redis
        self._news = news
        self._clock = clock
        self._fuse = Fuse()
        self._copy: dict[Fact, tuple[float, float]] = {}
        self._lock = threading.Lock()
        news.on(NEWS, self._hear, catch_up=self._copy_all)

    def revoke(
        self, unit: Unit, *, tenant_id: UUID, kind: str, subjects: Sequence[UUID], at: datetime, life: timedelta
    ) -> None:
        """Refuse these from ``at`` on, as long as a token for them may live.

        ``kind``: ``jti``, ``sid`` and ``grant`` refuse a token, a session, or all that an application got for one code;
        ``user`` refuses every token issued before ``at`` to a person, or to an application for itself.
        """
        if not subjects:
            return
        expires_at = at + life
        revocations.add(
            unit.db, tenant_id=tenant_id, kind=kind, subjects=subjects, revoked_at=at, expires_at=expires_at
        )
        facts = [(tenant_id, kind, subject) for subject in subjects]
        unit.after_commit(partial(self._publish, facts, at, expires_at))

    def announce(self, *, tenant_id: UUID, kind: str, subjects: Sequence[UUID], at: datetime, life: timedelta) -> None:
        """Tell of revocations that are committed already."""
        self._publish([(tenant_id, kind, subject) for subject in subjects], at, at + life)

    def is_revoked(self, *, tenant_id: UUID, names: Mapping[str, UUID], issued_at: float) -> bool:
        """Whether a token with these names (kind to id) no longer counts.

        ``issued_at``: its ``iat``, seconds since the epoch.
        """
        facts: list[Fact] = [(tenant_id, kind, subject) for kind, subject in names.items()]
        if self._news.fresh:
            known = [self._copy.get(fact) for fact in facts]
            moments = [moment[0] if moment else None for moment in known]
        else:
            moments = self._ask(facts)
        found = dict(zip(names, moments, strict=True))
        # Tokens carry whole seconds, so the second of the cut cannot be told apart: those who sign in again within it
        # must get in, and whoever was in before it is refused by their session, which was revoked with the cut.
        before = found.pop(_EVERYTHING, None)
        return any(moment is not None for moment in found.values()) or (before is not None and issued_at < int(before))

    def publish_missed(self) -> int:
        """Tell Redis what it has not confirmed: the sweep's part. Returns how many there were."""
        with self._units.platform() as unit:
            missed = revocations.unpublished_unscoped(unit.db, before=self._clock())
        for row in missed:
            self._publish([(row.tenant_id, row.kind, row.subject)], row.revoked_at, row.expires_at)
        return len(missed)

    def _publish(self, facts: list[Fact], at: datetime, expires_at: datetime) -> None:
        self._remember(facts, at, expires_at)
        try:
            self._fuse(partial(self._tell, facts, at, expires_at))
        except Away as error:
            _log.warning("blacklist not published", error=type(error).__name__, count=len(facts))
            return
        with self._units.platform() as unit:
            revocations.published_unscoped(unit.db, facts=facts, now=self._clock())

    def _tell(self, facts: list[Fact], at: datetime, expires_at: datetime) -> None:
        self._store([(fact, at, expires_at) for fact in facts])
        names = [[str(tenant_id), kind, str(subject)] for tenant_id, kind, subject in facts]
        self._news.tell(NEWS, facts=names, at=at.timestamp(), until=expires_at.timestamp())

    def _store(self, rows: Sequence[tuple[Fact, datetime, datetime]]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            for fact, at, expires_at in rows:
                pipeline.eval(_KEEP_LATEST, 1, _key(fact), at.timestamp(), int(expires_at.timestamp() * 1000))
            pipeline.execute()

    def _ask(self, facts: list[Fact]) -> list[float | None]:
        try:
            return self._fuse(partial(self._ask_redis, facts))
        except Away:
            with self._units.read(facts[0][0]) as db:
                rows = revocations.among(
                    db, tenant_id=facts[0][0], facts=[fact[1:] for fact in facts], now=self._clock()
                )
            found = {(row.tenant_id, row.kind, row.subject): row.revoked_at.timestamp() for row in rows}
            return [found.get(fact) for fact in facts]

    def _ask_redis(self, facts: list[Fact]) -> list[float | None]:
        names = [_MARKER, *map(_key, facts)]
        marker, *moments = self._redis.mget(names)
        if marker is None:
            self._fill()
            marker, *moments = self._redis.mget(names)
            if marker is None:
                raise ConnectionError("Redis was emptied again")
        return [float(moment) if moment is not None else None for moment in moments]

    def _fill(self) -> None:
        ticket = str(uuid7())
        self._redis.set(_FILLING, ticket, ex=60)
        self._store([((row.tenant_id, row.kind, row.subject), row.revoked_at, row.expires_at) for row in self._all()])
        self._redis.eval(_COMPLETE, 2, _FILLING, _MARKER, ticket)

    def _all(self) -> list[Revocation]:
        with self._units.platform() as unit:
            return revocations.all_unscoped(unit.db, now=self._clock())

    def _copy_all(self) -> None:
        fresh = {
            (row.tenant_id, row.kind, row.subject): (row.revoked_at.timestamp(), row.expires_at.timestamp())
            for row in self._all()
        }
        with self._lock:
            self._copy = fresh | self._unexpired()

    def _hear(self, piece: Mapping[str, Any]) -> None:
        facts: list[Fact] = [(UUID(tenant), kind, UUID(subject)) for tenant, kind, subject in piece["facts"]]
        with self._lock:
            self._copy.update(dict.fromkeys(facts, (piece["at"], piece["until"])))
            if len(self._copy) % 1000 == 0:
                self._copy = self._unexpired()

    def _remember(self, facts: list[Fact], at: datetime, expires_at: datetime) -> None:
        with self._lock:
            self._copy.update(dict.fromkeys(facts, (at.timestamp(), expires_at.timestamp())))

    def _unexpired(self) -> dict[Fact, tuple[float, float]]:
        now = self._clock().timestamp()
        return {fact: times for fact, times in self._copy.items() if times[1] > now}


def _key(fact: Fact) -> str:
    tenant_id, kind, subject = fact
    return f"portico:revoked:{tenant_id}:{kind}:{subject}"
