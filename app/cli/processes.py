"""The processes of an installation."""

import signal
import sys
import threading
from collections.abc import Mapping

from app.cli._frame import ENVIRON, command, fail, main, open_services
from app.embedded.environment import complete
from app.settings import load


@command(main, "dev")
def dev() -> None:
    """Start everything for development: databases, web server, worker and scheduler."""
    from app.embedded import supervisor

    sys.exit(supervisor.run(ENVIRON))


@command(main, "web")
def web() -> None:
    """Serve pages and the API."""
    from app import logs, serving

    environ = complete(ENVIRON)
    settings = load(environ)
    logs.configure(level=settings.log_level, plain=settings.env == "development")
    with open_services(patient=True) as services:
        if settings.env == "production" and not all(
            check.well for check in services.health.examination(patient=True) if check.needed
        ):
            fail("unfit", "run `portico doctor` to see what is missing", as_json=False)
    sys.exit(serving.serve(settings, environ))


@command(main, "worker")
def worker() -> None:
    """Keep promises: send mail."""
    run_worker(ENVIRON)


@command(main, "scheduler")
def scheduler() -> None:
    """Wake workers for what was missed, publish revocations, clean up. Any number may run: one is active."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_services(application="portico-scheduler", log=True, patient=True) as services:
        services.upkeep.run(stop)


@command(main, "metrics")
def metrics() -> None:
    """Serve /metrics on METRICS_PORT. `portico web` starts this by itself."""
    from app import exporter

    with open_services(application="portico-metrics", log=True, patient=True) as services:
        exporter.serve(services)


def run_worker(environ: Mapping[str, str]) -> None:
    """Be an RQ worker until told to stop; wait for a Redis that is away."""
    from app import jobs, logs
    from app.queue import work
    from app.storage import redis
    from app.wiring import real_ports, wire

    settings = load(complete(environ))
    logs.configure(level=settings.log_level, plain=settings.env == "development")
    services = wire(settings, real_ports(settings, application="portico-worker", connections=4))
    services.news.start()
    jobs.prepare(services)
    work(lambda: redis.connect(settings.redis_url.get_secret_value(), patience=None))
