"""Classes D and I: whatever ends something, all that an application holds of it is dead, and all at once.

Each row is an event, and everything that may be out is tried after it: the access token at userinfo, introspection and
exchange, the refresh token, a code that nobody has redeemed, and a device that was allowed.
"""

import pytest

from app.oidc.application_details import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE
from tests.cast import PASSWORD, an_origin
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code
from tests.oidc.device_flow import Device, allow
from tests.oidc.exchanging import ACCESS
from tests.oidc.issued import issued
from tests.oidc.managing import Manager
from tests.oidc.programs import Program

NEW = "seven quiet otters 52"
GRANTS = (AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE)
INACTIVE = {"active": False}


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, grant_types=GRANTS)


@pytest.fixture
def tv(services, cast):
    grants = (AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE)
    return an_application(services, cast.acme, type="native", name="TV", grant_types=grants)


class Held:
    """All that may be out of Bob's, in one session. ``alive``: the names of what still opens something."""

    def __init__(self, services, app, cast, browse, notes, tv):
        browser = browse(cast.acme)
        browser.sign_in(cast.bob)
        self.scope = services.sessions.by_cookie(cast.acme, browser.cookie("portico_session"), origin=an_origin())
        self.got = issued(services, cast.bob, notes, scope=self.scope)
        self.client = TokenClient(app, cast.acme, notes)
        self.program = Program(app, cast.acme.origin, notes)
        self.device = Device(app, cast.acme, tv)
        self.device.begin()
        allow(browser, self.device.codes["user_code"])
        self.code = a_code(services, Within(cast.bob, self.scope), notes)

    def alive(self):
        token, refresh = self.got.access_token, self.got.refresh_token
        traded = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS}
        opened = {
            "userinfo": self.program.get("/oauth2/userinfo", token=token),
            "exchange": self.client.post(traded),
            "code": self.client.post(self.code.fields),
            "device": self.device.poll(),
        }
        for name, one in (("access token", token), ("refresh token", refresh)):
            said = self.program.ask("/oauth2/introspect", token=one)
            if said.status_code == 200 and said.json != INACTIVE:
                yield f"introspection of the {name}"
        opened["refresh"] = self.client.refresh(refresh)
        yield from (name for name, answer in opened.items() if answer.status_code == 200)


class Within:
    """Somebody, in a session that they have."""

    def __init__(self, person, scope):
        self.tenant, self._scope = person.tenant, scope

    def sign_in(self):
        return None

    def scope(self, _):
        return self._scope


@pytest.fixture
def held(services, app, cast, browse, notes, tv):
    return Held(services, app, cast, browse, notes, tv)


@pytest.fixture
def events(services, cast, letters, notes, tv):
    acme, bob = cast.acme, cast.bob

    def elsewhere():
        return bob.scope(bob.sign_in(tokens=False))

    def reset(_):
        services.recovery.ask(acme, email=bob.email, origin=an_origin())
        services.recovery.reset(acme, token=letters.token_to(bob.email), new_password=NEW, origin=an_origin())

    def change(_):
        scope = elsewhere()
        services.password_change.change(acme, scope, password=PASSWORD, new_password=NEW, keep_sessions=False)

    def consent(scope):
        for one in (notes, tv):
            services.openid.consents.allow(acme, scope, one.client, ("openid",))
            services.openid.consents.revoke(acme, scope, one.id)

    def managed(verb, *arguments):
        ada = Manager(services, cast.ada)
        for one in (notes, tv):
            getattr(ada, verb)(one.id, *arguments)

    return {
        "signed out": lambda scope: services.sessions.logout(acme, scope),
        "session revoked": lambda scope: services.sessions.end(acme, elsewhere(), scope.session_id),
        "everywhere": lambda _: services.sessions.end_all(acme, elsewhere(), current_too=True),
        "disabled": lambda _: services.users.disable(acme, email=bob.email),
        "leaving": lambda _: services.farewell.leave(acme, elsewhere(), confirmation=bob.email),
        "locked down": lambda _: services.lock_down.from_inside(acme, elsewhere()),
        "password reset": reset,
        "password changed": change,
        "consent revoked": consent,
        "applications disabled": lambda _: managed("disable"),
        "disabled and enabled": lambda _: (managed("disable"), managed("enable")),
        "applications deleted": lambda _: managed("delete"),
        "tenant suspended": lambda _: services.tenant_administration.suspend(acme),
    }


EVENTS = [
    "signed out",
    "session revoked",
    "everywhere",
    "disabled",
    "leaving",
    "locked down",
    "password reset",
    "password changed",
    "consent revoked",
    "applications disabled",
    "disabled and enabled",
    "applications deleted",
    "tenant suspended",
]


def test_until_then_all_of_it_opens_something(held):
    assert len(set(held.alive())) == 7


@pytest.mark.parametrize("event", EVENTS)
def test_after_it_nothing_does(held, events, event):
    events[event](held.scope)
    assert list(held.alive()) == []
