"""The visitors of ``tests/blueprints``."""

from tests.blueprints.conftest import browse, call, plain_logs, portal, strict

__all__ = ["browse", "call", "plain_logs", "portal", "strict"]
