"""An application that is switched off or removed while somebody is on the way to it: one waits for the other, in turn.

Whoever changes an application locks its row before what hangs on it, and so does everybody else: no two wait in a ring.
"""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from app import crypto
from app.errors import NotFound
from app.oidc.application_details import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN
from app.oidc.checks import Unproven
from app.oidc.requests import AuthorizationRequest
from app.storage import applications
from tests.cast import an_origin
from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.managing import Manager
from tests.waiting import until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
GRANTS = (AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE)


@pytest.fixture
def tv(services, cast):
    return an_application(services, cast.acme, type="native", name="TV", grant_types=GRANTS, first_party=True)


@pytest.fixture
def bob(cast):
    return cast.bob.scope(cast.bob.sign_in(tokens=False))


@pytest.fixture
def meanwhile(services, cast, tv, owner):
    """``meanwhile(act)``: begun while the application is locked, and done after it was switched off; what it raised."""

    def meanwhile(act):
        came = []

        def run():
            try:
                act()
            except (NotFound, Unproven, OperationalError) as error:
                came.append(error)

        with services.units.begin(cast.acme.id) as unit:
            applications.lock(unit.db, tenant_id=cast.acme.id, application_id=tv.id)
            thread = threading.Thread(target=run)
            thread.start()
            assert until(lambda: owner.execute(WAITING).fetchone()[0]), "nobody waits"
            services.openid.revoking.all_of(unit, cast.acme, tv.id, now=services.ports.clock())
            row = applications.by_id(unit.db, tenant_id=cast.acme.id, application_id=tv.id)
            row.disabled_at = services.ports.clock()
        thread.join()
        services.openid.clients.changed(cast.acme.id, tv.id)
        return came

    return meanwhile


def test_a_device_is_not_allowed_any_more(services, cast, tv, bob, meanwhile):
    devices = services.openid.devices
    begun = devices.begin(cast.acme, tv.client, scope="openid", origin=an_origin())
    grant_id = devices.claim(cast.acme, bob, begun.user_code)
    came = meanwhile(lambda: devices.decide(cast.acme, bob, grant_id, allow=True))
    assert [type(error) for error in came] == [NotFound]


def test_no_code_is_given_any_more(services, cast, tv, bob, meanwhile, owner):
    request = AuthorizationRequest(scopes=("openid",), redirect_uri=CALLBACK, state="s1", code_challenge="E" * 43)
    browser, flows = crypto.mint(), services.openid.flows
    begun = flows.new(tv.client, request)
    flows.keep(cast.acme, begun, browser)
    flow = flows.read(cast.acme, begun.id, browser)
    came = meanwhile(lambda: services.openid.authorization.advance(cast.acme, flow, bob))
    assert [isinstance(error, Unproven) for error in came] == [True]
    Manager(services, cast.ada).enable(tv.id)
    given = "SELECT count(*) FROM authorization_codes WHERE application_id = %s"
    assert owner.execute(given, [tv.id]).fetchone() == (0,)


@pytest.mark.parametrize("end", ["UPDATE sessions SET revoked_at = now()", "DELETE FROM sessions"])
@pytest.mark.parametrize("kept", [True, False])
def test_whoever_has_just_signed_out_gets_no_code_and_the_application_hears_why(
    services, cast, tv, bob, owner, end, kept
):
    request = AuthorizationRequest(redirect_uri=CALLBACK, scopes=("openid",), state="s1", code_challenge="E" * 43)
    flow = services.openid.flows.new(tv.client, request)
    if kept:
        services.openid.flows.keep(cast.acme, flow, secret := crypto.mint())
        flow = services.openid.flows.read(cast.acme, flow.id, secret)
    owner.execute(f"{end} WHERE id = %s", [bob.session_id])
    answer = services.openid.authorization._answering.code(cast.acme, flow, bob)
    assert (answer.parameters["error"], answer.parameters["state"]) == ("login_required", "s1")
    assert (
        owner.execute("SELECT count(*) FROM authorization_codes WHERE application_id = %s", [tv.id]).fetchone()[0] == 0
    )
