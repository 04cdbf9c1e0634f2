"""Ada, who creates things over Acme's API under keys of her own."""

import pytest

from tests.blueprints.conftest import browse, call, plain_logs, portal
from tests.cast import an_origin

__all__ = ["browse", "call", "plain_logs", "portal"]

APP = {"name": "Zettelkasten", "type": "web", "redirect_uris": ["https://notes.example/cb"]}
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


@pytest.fixture
def token(acme, cast):
    return acme.tokens(cast.ada)["access_token"]


@pytest.fixture
def send(acme, token):
    """``send("/applications", {…}, key="…")`` as Ada, or with another's token or client."""
    own = token

    def send(path, json=None, *, key=KEY, token=None, client=acme, **more):
        return client.post(path, json, token=token or own, headers={"Idempotency-Key": key}, **more)

    return send


@pytest.fixture
def names(owner, cast):
    """The names of a tenant's applications."""

    def names(tenant=cast.acme):
        found = owner.execute("SELECT name FROM applications WHERE tenant_id = %s ORDER BY created_at", [tenant.id])
        return [name for (name,) in found.fetchall()]

    return names


@pytest.fixture
def scope(services, cast, token):
    return services.sessions.by_token(cast.acme, token, origin=an_origin())


@pytest.fixture
def claim(services, scope):
    """What Ada gets who sends something under a key."""

    def claim(content=b"some", *, key=KEY, scope=scope, on=services):
        return on.idempotency.claim(scope, key=key, content=content)

    return claim
