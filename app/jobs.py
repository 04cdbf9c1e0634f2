"""What the worker runs: one line each. ``prepare`` hands over the services once, when the process starts."""

from app.queue import Job
from app.wiring import Services

_services: list[Services] = []


def prepare(services: Services) -> None:
    _services[:] = [services]


def drain_outbox() -> int:
    """Keep every promise that is due. Asking again while this runs makes another run."""
    services = _services[0]
    services.ports.queue.begun(Job.DRAIN_OUTBOX)
    return services.drainer.drain()
