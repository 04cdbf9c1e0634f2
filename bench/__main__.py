"""``python -m bench``: start everything, measure in rounds, print a table."""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bench import applications, limits, openid, peer, people, report, stack
from bench.load import OPERATIONS, ensure_wrk
from bench.provider import Provider
from bench.rounds import STORM, Bench

NAMES = ("argon2", "update", *OPERATIONS, STORM, *openid.REQUESTS)
Rival = tuple[Provider, stack.Server] | None
_GROUPS = {"oidc": openid.REQUESTS}


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
        _peer(everything, wanted) as rival,
    ):
        people.populate(services, people=wanted.users)
        apps = applications.register(services, algorithm=wanted.signing)
        bench = Bench(
            stack=everything,
            services=services,
            limits=machine,
            folder=Path(folder),
            users=wanted.users,
            connections=wanted.connections,
            seconds=wanted.seconds,
            provider=lambda web: applications.provider(web, apps),
            peer=rival,
        )
        facts = report.machine()
        bench.round([name for name in wanted.only if name in OPERATIONS or name in openid.REQUESTS], seconds=1)
        stack.analyze(everything)
        memory = {str(web.variant): web.memory() for web in everything.webs}
        shown = {str(web.variant): report.memory(web) for web in everything.webs}
        if rival:
            memory["peer"] = rival[1].memory()
            shown = {name: f"{said}\n{report.memory(rival[1])}" for name, said in shown.items()}
        results = []
        for number in range(wanted.rounds):
            print(f"round {number + 1} of {wanted.rounds}", file=sys.stderr)
            results += [{"round": number, **result} for result in bench.round(wanted.only)]
        return _say(
            results, variants=list(map(str, variants)), memory=shown, facts={**facts, "memory": memory, **vars(wanted)}
        )


def _peer(everything: stack.Stack, wanted: argparse.Namespace) -> AbstractContextManager[Rival]:
    """The peer, where something is asked of it."""
    if wanted.no_peer or not any(name in openid.REQUESTS for name in wanted.only):
        return nullcontext()
    return peer.running(everything, workers=wanted.workers, people=wanted.users, algorithm=wanted.signing)


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
    parser.add_argument(
        "--signing", default="ES256", choices=["ES256", "RS256"], help="what OpenID tokens are signed with"
    )
    parser.add_argument("--no-peer", action="store_true", help="measure no other provider beside ours")
    parser.add_argument(
        "--only",
        nargs="+",
        default=list(NAMES),
        choices=[*NAMES, *_GROUPS],
        metavar="NAME",
        help=", ".join([*NAMES, *(f"{group} (all of those)" for group in _GROUPS)]),
    )
    wanted = parser.parse_args()
    wanted.only = list(dict.fromkeys(name for said in wanted.only for name in _GROUPS.get(said, [said])))
    return wanted


if __name__ == "__main__":
    sys.exit(main())
