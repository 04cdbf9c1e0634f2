"""The visitors of ``tests/blueprints``, Acme's API, and what a forger wishes for."""

import pytest

from tests.auth.conftest import guess, happened
from tests.blueprints.conftest import browse, call, plain_logs, portal, strict

__all__ = ["browse", "call", "guess", "happened", "plain_logs", "portal", "strict"]


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def token(acme, cast):
    return acme.tokens(cast.ada)["access_token"]


@pytest.fixture
def key(services, cast, token):
    """Acme's own secret: what is signed with it is refused for its content alone."""
    return services.signer._rings.of(cast.acme.id).active["HS256"]
