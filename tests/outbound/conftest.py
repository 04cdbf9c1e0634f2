"""Somebody else's server for each test."""

import pytest

from app import networks
from app.outbound import GuardedHttp
from tests.outbound.servers import receiving


@pytest.fixture
def receiver():
    with receiving() as server:
        yield server


@pytest.fixture
def caller():
    """``caller("127.0.0.0/8", …)``: the port, with what it may reach besides the internet."""

    def build(*allow, **more):
        return GuardedHttp([networks.read(text) for text in allow], **more)

    return build
