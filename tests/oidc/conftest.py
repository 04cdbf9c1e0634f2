"""The visitors of ``tests/blueprints``, and what was written down."""

from tests.auth.conftest import happened
from tests.blueprints.conftest import browse, call, plain_logs, portal, strict
from tests.oidc.telling import listener

__all__ = ["browse", "call", "happened", "listener", "plain_logs", "portal", "strict"]
