"""``python -m bench``: start everything, measure in rounds, print a table."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from bench import limits, people, report, stack
from bench.load import OPERATIONS, ensure_wrk
from bench.rounds import STORM, Bench

NAMES = ("argon2", "update", *OPERATIONS, STORM)


def main() -> int:
    """Measure. 1 when a request failed, 2 when something is missing."""
    wanted = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    if missing := ensure_wrk():
        print(missing, file=sys.stderr)
        return 2
    variants = [
        stack.Variant(server=server, workers=wanted.workers, threads=threads)
        for server in wanted.server
        for threads in wanted.threads
    ]
    with (
        stack.running(variants) as everything,
        people.services_of(everything.environ) as services,
        limits.ready(everything.environ, everything.owner_url) as machine,
        tempfile.TemporaryDirectory(prefix="pbench-wrk-") as folder,
    ):
        people.populate(services, people=wanted.users)
        bench = Bench(
            stack=everything,
            services=services,
            limits=machine,
            folder=Path(folder),
            users=wanted.users,
            connections=wanted.connections,
            seconds=wanted.seconds,
        )
        facts = report.machine()
        bench.round([name for name in wanted.only if name in OPERATIONS], seconds=1)
        memory = {str(web.variant): web.memory() for web in everything.webs}
        shown = {str(web.variant): report.memory(web) for web in everything.webs}
        results = []
        for number in range(wanted.rounds):
            print(f"round {number + 1} of {wanted.rounds}", file=sys.stderr)
            results += [{"round": number, **result} for result in bench.round(wanted.only)]
        return _say(
            results, variants=list(map(str, variants)), memory=shown, facts={**facts, "memory": memory, **vars(wanted)}
        )


def _say(results: list[dict], *, variants: list[str], memory: dict[str, str], facts: dict) -> int:
    failed = 0
    for variant in variants:
        found = report.medians(results, variant)
        failed += sum(row.get("failed", 0) for row in found.values())
        print(f"\n{variant}\n\n{report.table(found)}\n\n{memory[variant]}")
    print(f"\n{report.save(results, **facts)}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6, help="how long each operation is measured in a round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--users", type=int, default=1100, help="how many people the tenant has")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="web processes (default: as many as cores)")
    parser.add_argument("--threads", type=int, nargs="+", default=[16], help="several are compared in the same run")
    parser.add_argument("--server", nargs="+", default=["granian"], choices=["granian", "gunicorn"])
    parser.add_argument("--only", nargs="+", default=list(NAMES), choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
