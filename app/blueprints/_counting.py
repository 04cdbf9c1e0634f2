"""How limits are counted: in Redis; while it is away, in each process and tighter, never not at all."""

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, g
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerSecond

from app.blueprints import _context
from app.blueprints._lots import Lots, largest_for
from app.errors import TooManyRequests
from app.settings import Settings
from app.wiring import REDIS_PATIENCE_S, RedisAway, limit_counts_uri

V = TypeVar("V", bound=Callable[..., object])
MARK = "limits"
_PREFIX = "portico:limit"
_LOOK_AGAIN_S = 1.0
# While Redis is away each process counts for itself; all together let through this share of the limit.
_DEGRADED = 0.8
_log = structlog.get_logger()
_PATIENCE: Any = {"socket_timeout": REDIS_PATIENCE_S, "socket_connect_timeout": REDIS_PATIENCE_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``amount`` in ``window`` seconds for each key. ``when`` says whether this request counts at all."""

    name: str
    amount: int
    window: int
    key: Callable[[], str]
    when: Callable[[], bool] = lambda: True


def client() -> str:
    """The client: its IPv4 address or IPv6 /64."""
    address = _context.client_ip()
    return "client:unknown" if address is None else f"client:{_network(address)}"


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    return str(ipaddress.ip_network(f"{address}/{64 if ':' in address else 32}", strict=False))


def limited(*limits: Limit) -> Callable[[V], V]:
    """Mark a view; the application applies the limits when it is built."""

    def mark(view: V) -> V:
        setattr(view, MARK, limits)
        return view

    return mark


@dataclass(frozen=True, slots=True)
class _Counted:
    """A limit, as this request has left it. ``reset_at``: seconds since the epoch."""

    name: str
    item: RateLimitItem
    remaining: int
    reset_at: float

    @property
    def wait(self) -> int:
        return max(1, int(self.reset_at - time.time()) + 1)


class _Counter:
    """Counts requests with what Flask-Limiter keeps: the storage, the strategy, and the fallback in memory.

    The evaluation is ours: Flask-Limiter's own resolves every limit anew for each request, asks Redis again for the
    headers, and takes any exception at all for its storage's.
    """

    def __init__(self, limiter: Limiter, settings: Settings) -> None:
        self._limiter = limiter
        self._degraded_cost = math.ceil(settings.web_workers / _DEGRADED)
        self._scale = settings.rate_limit_scale
        self._look_again_at = 0.0
        self._lots = Lots()

    def item(self, limit: Limit) -> RateLimitItem:
        return RateLimitItemPerSecond(max(1, round(limit.amount * self._scale)), limit.window)

    def count(self, limit: Limit, item: RateLimitItem) -> _Counted:
        """Count this request. Raises ``TooManyRequests`` when it is one too many."""
        names = (_PREFIX, _safe_key(limit), limit.name)
        if ahead := self._lots.take(names, window=limit.window):
            return _Counted(limit.name, item, *ahead)
        largest = largest_for(min(limit.amount, item.amount))
        size = self._lots.size(names, largest=largest)
        got = self._hit(item, names, size)
        if not got and size > 1:
            got = self._hit(item, names, 1)
        window = self._limiter.limiter.get_window_stats(item, *names)
        counted = _Counted(limit.name, item, window.remaining + max(0, got - 1), window.reset_time)
        if not got:
            g.limit = counted
            raise TooManyRequests(retry_after=counted.wait)
        if largest > 1:
            self._lots.put(names, size=got, remaining=window.remaining, reset_at=window.reset_time)
        return counted

    def _hit(self, item: RateLimitItem, names: tuple[str, ...], size: int) -> int:
        """How many of ``size`` are within the limit, all or none; while Redis is away, this one request alone.

        They are counted in Redis; while that is away, in this process, where each request counts for more.

        Flask-Limiter has no public word for "my storage is away", nor for "it is back".
        """
        limiter = self._limiter
        if limiter._storage_dead and time.monotonic() >= self._look_again_at:  # noqa: SLF001
            self._look_again_at = time.monotonic() + _LOOK_AGAIN_S
            limiter._storage_dead = not limiter.storage.check()  # noqa: SLF001
        if not limiter._storage_dead:  # noqa: SLF001
            try:
                return size if limiter.limiter.hit(item, *names, cost=size) else 0
            except RedisAway as error:
                _log.warning("limits are counted in this process", error=type(error).__name__)
                limiter._storage_dead = True  # noqa: SLF001
                self._look_again_at = time.monotonic() + _LOOK_AGAIN_S
        return int(limiter.limiter.hit(item, *names, cost=self._degraded_cost))


def register(app: Flask, settings: Settings) -> None:
    """Apply what views are marked with. After every blueprint has been registered."""
    limiter = Limiter(
        key_func=client,
        storage_uri=limit_counts_uri(settings.redis_url.get_secret_value()),
        storage_options=_PATIENCE,
        strategy="sliding-window-counter",
        in_memory_fallback_enabled=True,
        headers_enabled=False,
    )
    # Its own hooks would resolve limits for every request, static files too: they go to an application that gets none.
    limiter.init_app(Flask("limits"))
    counter = _Counter(limiter, settings)
    for endpoint, view in list(app.view_functions.items()):
        if limits := getattr(view, MARK, ()):
            app.view_functions[endpoint] = _counted(view, counter, limits)
    app.extensions["portico_limiter"] = limiter


def add_headers(response: Response) -> None:
    """``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers-10), and the older X- headers."""
    counted: _Counted | None = g.get("limit")
    if counted is None:
        return
    item = counted.item
    seconds = max(0, int(counted.reset_at - time.time()) + 1)
    response.headers.extend(
        {
            "RateLimit-Policy": f'"{counted.name}";q={item.amount};w={item.get_expiry()}',
            "RateLimit": f'"{counted.name}";r={counted.remaining};t={seconds}',
            "X-RateLimit-Limit": str(item.amount),
            "X-RateLimit-Remaining": str(counted.remaining),
            "X-RateLimit-Reset": str(int(counted.reset_at)),
        }
    )


def _counted(view: Callable[..., Any], counter: _Counter, limits: tuple[Limit, ...]) -> Callable[..., Any]:
    """The view, behind its limits. The first that counts is the one that the headers tell of."""
    items = tuple((limit, counter.item(limit)) for limit in limits)

    @wraps(view)
    def behind(**arguments: Any) -> Any:
        for limit, item in items:
            if _applies(limit):
                counted = counter.count(limit, item)
                g.setdefault("limit", counted)
        return view(**arguments)

    return behind


def _safe_key(limit: Limit) -> str:
    try:
        return limit.key()
    except Exception:  # noqa: BLE001 - the view will meet the same, and say it
        return client()


def _applies(limit: Limit) -> bool:
    try:
        return limit.when()
    except Exception:  # noqa: BLE001 - as above; what cannot be read counts
        return True
