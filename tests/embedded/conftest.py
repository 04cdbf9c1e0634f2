"""Servers for this folder: real, in the temporary directory, never written through to the disk."""

import pytest

from app.embedded import postgres, redis


@pytest.fixture
def start_postgres():
    """Start one, and see to it that none stays behind."""
    started = []

    def start(data_dir):
        started.append(postgres.start(data_dir, settings={"fsync": "off"}))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def start_redis():
    """Start one, and see to it that none stays behind."""
    started = []

    def start(data_dir, **options):
        started.append(redis.start(data_dir, **options))
        return started[-1]

    yield start
    for server in started:
        server.kill()
