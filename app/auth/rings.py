"""What all signing has in common: a tenant's keys are remembered for a minute, and so is what they have signed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from app.auth.errors import InvalidToken
from app.clock import Clock
from app.storage.news import News

K = TypeVar("K")
# A key's id, and the claims that it has signed.
Signed = tuple[str, dict[str, Any]]
# As long as the longest token that a key has signed, whatever life its tenant chooses, and what relying apps remember.
RETIRING = timedelta(days=1, minutes=5)
_KEYS_LIVE = timedelta(seconds=60)
_ASK_AGAIN = timedelta(seconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Ring(Generic[K]):
    """A tenant's keys, as loaded at ``at``. ``active`` sign, by algorithm."""

    active: Mapping[str, K]
    by_id: Mapping[str, K]
    at: datetime


class Rings(Generic[K]):
    """Each tenant's ring, as ``load`` finds it; that is told which ring was known before. ``kind``: of news."""

    def __init__(self, load: Callable[[UUID, Ring[K] | None], Ring[K]], *, news: News, kind: str, clock: Clock) -> None:
        self._load = load
        self._news = news
        self._kind = kind
        self._clock = clock
        self._known: dict[UUID, Ring[K]] = {}
        self._asked_again: dict[UUID, datetime] = {}
        self._heard = 0
        news.on(kind, self._hear, catch_up=self._forget)

    def of(self, tenant_id: UUID) -> Ring[K]:
        known = self._known.get(tenant_id)
        return known if known and self._clock() - known.at < _KEYS_LIVE else self.anew(tenant_id)

    def anew(self, tenant_id: UUID) -> Ring[K]:
        """Whatever is remembered."""
        heard = self._heard
        ring = self._load(tenant_id, self._known.get(tenant_id))
        if heard == self._heard:  # else it may have changed while we read
            self._known[tenant_id] = ring
        return ring

    def changed(self, tenant_id: UUID) -> None:
        """Forget what was known, in every process. Called after the commit of the change."""
        self._forget(tenant_id)
        self._news.spread(self._kind, tenant_id=str(tenant_id))

    def key(self, tenant_id: UUID, kid: object) -> K:
        """The key named ``kid``. It is only ever looked up among the tenant's own, by the id it is filed under.

        Raises ``InvalidToken`` where there is none.
        """
        key = self.of(tenant_id).by_id.get(str(kid))
        now = self._clock()
        if key is None and now - self._asked_again.get(tenant_id, _LONG_AGO) > _ASK_AGAIN:
            # Made a moment ago by another process? Ask again: at most once a second, whatever names are made up.
            self._asked_again[tenant_id] = now
            key = self.anew(tenant_id).by_id.get(str(kid))
        if key is None:
            raise InvalidToken(log="unknown key")
        return key

    def _hear(self, facts: Mapping[str, Any]) -> None:
        self._forget(UUID(facts["tenant_id"]))

    def _forget(self, tenant_id: UUID | None = None) -> None:
        """What was known of one tenant, or of all; and what is being read at this moment."""
        self._heard += 1
        if tenant_id:
            self._known.pop(tenant_id, None)
        else:
            self._known.clear()


class KnownTokens:
    """Tokens that were verified, and what they say. What a key has signed counts no longer than the key."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Signed] = OrderedDict()
        self._lock = threading.Lock()

    def claims(self, name: bytes, *, keys: Container[str], check: Callable[[], Signed]) -> dict[str, Any]:
        """What the token called ``name`` says: as it was found before under one of ``keys``, else by ``check``."""
        known = self._known.get(name)
        if known is None or known[0] not in keys:
            known = check()
            with self._lock:
                self._known[name] = known
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return known[1]


def place(tenant_id: UUID, key_id: UUID) -> str:
    """Where a key rests: it is encrypted for there alone."""
    return f"signing_keys:{tenant_id}:{key_id}"
