"""Whether this installation is well: for load balancers, for ``portico doctor`` and for metrics."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from app.clock import Clock, wall_clock
from app.outbox import Drainer
from app.storage import migrate, sessions
from app.storage.pool import Pool, connect_once
from app.storage.redis import Redis
from app.storage.unit import Units

_WORST_CLOCK_SKEW_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. ``needed``: without it nothing can be answered."""

    name: str
    well: bool
    needed: bool
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What metrics ask of the database."""

    active_sessions: int
    outbox_waiting: int
    outbox_age_s: float


class Health:
    """Looks, without changing anything."""

    def __init__(self, pool: Pool, units: Units, *, redis: Redis, drainer: Drainer, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._units = units
        self._redis = redis
        self._drainer = drainer
        self._clock = clock

    def readiness(self) -> list[Check]:
        """What a load balancer has to know. Redis is not needed: sign-in works without it."""
        return [
            _checked("database", self._database, needed=True),
            _checked("migrations", self._migrations, needed=True),
            _checked("redis", self._redis_answers, needed=False),
        ]

    def examination(self, *, patient: bool = False) -> list[Check]:
        """Readiness, and what only people can mend. Nothing is asked of a database that is away.

        ``patient``: it may be starting, and is waited for as long as a load balancer would.
        """
        database = _checked("database", self._database if patient else self._opens, needed=True)
        look = _checked if database.well else _unchecked
        return [
            database,
            look("migrations", self._migrations, needed=True),
            _checked("redis", self._redis_answers, needed=False),
            look("role", self._role, needed=True),
            look("clock", self._clocks, needed=False),
            look("outbox", self._outbox, needed=False),
        ]

    def facts(self) -> Facts:
        now = self._clock()
        with self._units.platform() as unit:
            active = sessions.count_live_unscoped(unit.db, now=now)
        backlog = self._drainer.backlog()
        return Facts(
            active_sessions=active,
            outbox_waiting=backlog.waiting,
            outbox_age_s=(now - backlog.oldest_due_at).total_seconds() if backlog.oldest_due_at else 0.0,
        )

    def _opens(self) -> str:
        connect_once(self._pool)
        return ""

    def _database(self) -> str:
        with self._pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")
        return ""

    def _migrations(self) -> str:
        found = migrate.current(self._pool)
        return "" if found == migrate.head() else f"at {found}, not at {migrate.head()}: run `portico migrate`"

    def _redis_answers(self) -> str:
        self._redis.ping()
        return ""

    def _role(self) -> str:
        return "" if migrate.is_harmless(self._pool) else "DATABASE_URL logs in as an owner or superuser"

    def _clocks(self) -> str:
        with self._pool.connection(timeout=2) as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        theirs: datetime = row[0] if row else self._clock()
        skew = abs((self._clock() - theirs).total_seconds())
        return "" if skew < _WORST_CLOCK_SKEW_S else f"{skew:.1f} s apart from the database's"

    def _outbox(self) -> str:
        facts = self.facts()
        return "" if facts.outbox_age_s < 60 else f"the oldest promise waits since {facts.outbox_age_s:.0f} s"  # noqa: PLR2004 - a minute


def _checked(name: str, look: Callable[[], str], *, needed: bool) -> Check:
    said = "does not answer"
    with suppress(Exception):
        said = look()
    return Check(name=name, well=not said, needed=needed, said=said)


def _unchecked(name: str, _: Callable[[], str], *, needed: bool) -> Check:
    return Check(name=name, well=False, needed=needed, said="not checked: no database")
