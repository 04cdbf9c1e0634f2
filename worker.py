"""The RQ worker: ``python worker.py`` or ``portico worker``."""

import os

from app.cli import run_worker

if __name__ == "__main__":
    run_worker(os.environ)
