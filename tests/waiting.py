"""News travels: a moment may pass until every process has heard."""

import time


def until(ask, *, seconds=3):
    """Ask until the answer is yes, and hand it over; after so long, whatever it was."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer
