"""What is counted, right with several processes (``PROMETHEUS_MULTIPROC_DIR``). No tenant and no person is a label."""

from collections.abc import Callable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

REQUESTS = Counter("portico_requests_total", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "portico_request_seconds",
    "Time to answer, by route.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
SIGN_INS = Counter("portico_sign_ins_total", "Sign-ins tried.", ["method", "result"])
REFUSALS = Counter("portico_refusals_total", "Requests refused, by problem code.", ["code"])
HASHES_WAITING = Gauge(
    "portico_hashes_waiting", "Password hashes asked for and not yet computed.", multiprocess_mode="livesum"
)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Facts(Protocol):
    """What is read from the database when somebody scrapes."""

    @property
    def active_sessions(self) -> int: ...
    @property
    def outbox_waiting(self) -> int: ...
    @property
    def outbox_age_s(self) -> float: ...


class _AtScrape(Collector):
    def __init__(self, read: Callable[[], Facts]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        facts = self._read()
        yield GaugeMetricFamily("portico_active_sessions", "Sessions that are live.", facts.active_sessions)
        yield GaugeMetricFamily("portico_outbox_waiting", "Promises due and not kept.", facts.outbox_waiting)
        yield GaugeMetricFamily("portico_outbox_age_seconds", "Since when the oldest is due.", facts.outbox_age_s)


def in_several_processes() -> bool:
    """Whether the metrics were made to be shared: decided when prometheus_client was imported."""
    return bool(values.ValueClass.__name__ == "MmapedValue")


def exposition(read: Callable[[], Facts], *, processes: bool) -> bytes:
    """Everything, in the text format. ``processes``: whether several processes write into a shared directory."""
    registry = CollectorRegistry()
    registry.register(_AtScrape(read))
    if processes:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)
