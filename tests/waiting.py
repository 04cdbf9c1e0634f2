"""News travels: a moment may pass until every process has heard."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor


def until(ask, *, seconds=3):
    """Ask until the answer is yes, and hand it over; after so long, whatever it was."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def at_once(*acts):
    """Do all of it at the same moment; what came of each, refusals among it."""
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the test asks what came of it
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
