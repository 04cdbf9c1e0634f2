"""A machine that signs who it is, and how it asks for tokens."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.signing import a_key, asserting, public_jwk

ASK = {"grant_type": "client_credentials"}


@pytest.fixture
def key():
    return a_key()


@pytest.fixture
def robot(services, cast, key):
    return a_robot(services, cast, public_jwk(key))


def a_robot(services, cast, *keys, **more):
    return an_application(
        services,
        cast.acme,
        type="machine",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": list(keys)},
        **more,
    )


@pytest.fixture
def ask(app, cast):
    def ask(assertion, **more):
        return TokenClient(app, cast.acme).post(ASK | asserting(assertion) | more)

    return ask


def refused(answer):
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    return True
