"""What an application may hold of somebody: families and codes, written down as if they had been granted."""

from datetime import timedelta

from app import crypto
from app.ids import uuid7
from app.storage import application_sessions, grants
from app.storage.hot_codes import NewCode, give
from tests.cast import an_origin
from tests.oidc.clients import an_application


def a_family(services, tenant, application, scope, *, scopes=("openid",)):
    """A grant that was redeemed within the session of ``scope``. Returns its id."""
    now, family_id = services.ports.clock(), uuid7()
    with services.units.begin(tenant.id) as unit:
        grants.add_family(
            unit.db,
            tenant_id=tenant.id,
            new_id=family_id,
            application_id=application.id,
            session_id=scope.session_id,
            secret_encrypted=b"x",
            offline=False,
            scopes=scopes,
            resources=(),
            claims={},
            dpop_jkt=None,
            auth_time=now,
            acr="1",
            amr=("pwd",),
            now=now,
            expires_at=now + timedelta(days=7),
        )
        application_sessions.used_in(
            unit.db, tenant_id=tenant.id, session_id=scope.session_id, application_id=application.id, now=now
        )
    return family_id


def a_code(services, tenant, application, scope):
    """A code that nobody has redeemed yet."""
    now = services.ports.clock()
    code = NewCode(
        id=uuid7(),
        secret_digest=crypto.digest(crypto.mint()),
        application_id=application.id,
        session_id=scope.session_id,
        user_id=scope.user_id,
        grant_id=uuid7(),
        redirect_uri="https://notes.example/cb",
        scopes=("openid",),
        resources=(),
        claims={},
        nonce=None,
        verifier_digest=None,
        dpop_jkt=None,
        auth_time=now,
        acr="1",
        amr=("pwd",),
        created_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    give(services.ports.pool, tenant_id=tenant.id, code=code, flow_id=None, by_consent=False)


def codes_left(owner, application):
    """How many of its codes could still be redeemed."""
    return owner.execute(
        "SELECT count(*) FROM authorization_codes WHERE application_id = %s AND spent_at IS NULL", [application.id]
    ).fetchone()[0]


def a_waiting_device(services, person):
    """An application that this person has allowed, and its device that waits for their word. Returns both."""
    application = an_application(services, person.tenant, type="native", redirect_uris=("com.example.tv:/cb",))
    scope, openid = person.scope(person.sign_in(tokens=False)), services.openid
    openid.consents.allow(person.tenant, scope, application.client, ["openid"])
    begun = openid.devices.begin(person.tenant, application.client, scope=None, origin=an_origin())
    return application, openid.devices.claim(person.tenant, scope, begun.user_code)
