"""News between processes over Redis pub/sub, with a pulse: who stops hearing it stops trusting its memory."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis import Redis

from app.storage.redis import Away

CHANNEL = "portico:news"
Handler = Callable[[Mapping[str, Any]], None]
_PULSE_S = 0.25
# Longer without a pulse, and what we remember may be out of date.
_STALE_S = 1.0
_log = structlog.get_logger()


class News:
    """One subscription for the process. ``fresh`` is true while nothing can have been missed."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._handlers: dict[str, Handler] = {}
        self._catch_up: list[Callable[[], None]] = []
        self._heard = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self._heard < _STALE_S

    def on(self, kind: str, handler: Handler, *, catch_up: Callable[[], None]) -> None:
        """Call ``handler`` for each piece of ``kind``; ``catch_up`` after every (re)connection, before trusting."""
        self._handlers[kind] = handler
        self._catch_up.append(catch_up)

    def tell(self, kind: str, **facts: Any) -> None:
        """Tell every process. Raises what Redis raises."""
        self._redis.publish(CHANNEL, json.dumps({"kind": kind, **facts}))

    def spread(self, kind: str, **facts: Any) -> None:
        """Tell every process, if that can be done: of what each remembers for a short while anyhow."""
        try:
            self.tell(kind, **facts)
        except Away:
            # Without Redis nobody hears a pulse either: whoever goes by ``fresh`` trusts no memory for longer.
            return

    def start(self) -> None:
        """Begin to listen, in a thread that ends with the process."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="news", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(2)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except Away as error:
                self._heard = 0.0
                _log.warning("news away", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever it was, we are deaf, say so, and try again
                self._heard = 0.0
                _log.exception("news stopped")
            self._stop.wait(_PULSE_S)

    def _listen(self) -> None:
        with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            self._await_subscription(subscription)
            for catch_up in self._catch_up:
                catch_up()
            self._heard = asked = time.monotonic()
            subscription.ping()
            while not self._stop.is_set():
                message = subscription.get_message(timeout=_PULSE_S)
                if message is not None:
                    self._take(message)
                if time.monotonic() - asked >= _PULSE_S:
                    subscription.ping()
                    asked = time.monotonic()

    @staticmethod
    def _await_subscription(subscription: Any) -> None:
        deadline = time.monotonic() + _STALE_S
        while time.monotonic() < deadline:
            message = subscription.get_message(timeout=_PULSE_S)
            if message and message["type"] == "subscribe":
                return
        raise TimeoutError("no answer to subscribe")

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "pong":
            self._heard = time.monotonic()
        elif message["type"] == "message":
            piece = json.loads(message["data"])
            if handler := self._handlers.get(piece.pop("kind")):
                handler(piece)
