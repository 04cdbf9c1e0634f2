"""Applications that want to be told when somebody signs out, and what they hear."""

from types import SimpleNamespace
from urllib.parse import parse_qs

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.outbound.servers import receiving


class Listener:
    """A server that applications are told at: each at a path of its own."""

    def __init__(self, services, server):
        self.services = services
        self.server = server

    def application(self, tenant, name="Notes", **more):
        uri = f"http://127.0.0.1:{self.server.port}/{name}"
        return an_application(self.services, tenant, name=name, backchannel_logout_uri=uri, **more)

    @property
    def heard(self):
        """(path, logout token) of each call, once the worker has worked."""
        self.services.drainer.drain()
        return [(path, parse_qs(body.decode())["logout_token"][0]) for path, _, body in self.server.got]

    @property
    def told(self):
        """(path, sid) of each call."""
        return [(path, said(token)["sid"]) for path, token in self.heard]


@pytest.fixture
def listener(services):
    with receiving() as server:
        yield Listener(services, server)


def said(token):
    """The claims of a token, unproven."""
    return jwt.decode(token, options={"verify_signature": False})


def signed_in(browser, person):
    """The caller that somebody is in a browser."""
    browser.sign_in(person)
    return person.scope(SimpleNamespace(cookie=browser.cookie("portico_session")))


def used_by(services, person, *applications, browser=None):
    """The sign-in of somebody who uses these applications in it, and the ID token that the first was given."""
    scope = signed_in(browser, person) if browser else person.scope(person.sign_in(tokens=False))
    got = [issued(services, person, application, scope=scope) for application in applications]
    return SimpleNamespace(scope=scope, id=str(scope.session_id), id_token=got[0].id_token, first=got[0])
