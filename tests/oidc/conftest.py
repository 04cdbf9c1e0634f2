"""The visitors of ``tests/blueprints``, and what was written down."""

from tests.auth.conftest import happened
from tests.blueprints.conftest import browse, call, plain_logs, portal, strict

__all__ = ["browse", "call", "happened", "plain_logs", "portal", "strict"]
