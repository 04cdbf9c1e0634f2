"""Back-channel logout: what becomes of what applications answer (section 2.8), and of those that are gone."""

import pytest

from app.outbound import GuardedHttp
from tests.oidc.telling import used_by
from tests.outbound.servers import answering


@pytest.fixture
def promise(owner, cast):
    """How Acme's only promise to an application stands: (delivered, failed, attempts, error)."""

    def promise():
        query = (
            "SELECT delivered_at IS NOT NULL, failed_at IS NOT NULL, attempts, last_error FROM outbox"
            " WHERE tenant_id = %s AND kind = 'oidc.backchannel_logout'"
        )
        return owner.execute(query, [cast.acme.id]).fetchone()

    return promise


def logged_out(services, cast, application):
    services.sessions.logout(cast.acme, used_by(services, cast.ada, application).scope)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_understood_is_understood(services, cast, listener, promise, status):
    listener.server.status = status
    logged_out(services, cast, listener.application(cast.acme))
    assert len(listener.told) == 1
    assert promise() == (True, False, 1, None)


@pytest.mark.parametrize("status", [302, 400, 404, 408, 429, 500, 501])
def test_anything_else_is_tried_again_and_given_up_some_day(services, cast, listener, promise, clock, status):
    listener.server.status = status
    listener.server.headers = {"Location": f"http://127.0.0.1:{listener.server.port}/elsewhere"}
    logged_out(services, cast, listener.application(cast.acme))
    assert len(listener.told) == 1
    assert promise() == (False, False, 1, f"NotTold: status {status}")
    for _ in range(12):
        clock.forward(hours=16)
        services.drainer.drain()
    assert promise()[:3] == (False, True, 9)
    assert {path for path, _ in listener.told} == {"/Notes"}


def test_an_application_that_is_gone_or_wants_to_hear_no_more_is_not_told(services, cast, listener, promise):
    notes = listener.application(cast.acme)
    scope = cast.ada.scope(cast.ada.sign_in())
    logged_out(services, cast, notes)
    services.openid.applications.change(cast.acme, scope, notes.id, {"backchannel_logout_uri": None})
    assert listener.told == []
    assert promise()[:2] == (True, False)


def test_an_application_that_was_deleted_meanwhile_is_not_told(services, cast, listener, promise):
    notes = listener.application(cast.acme)
    logged_out(services, cast, notes)
    services.openid.applications.delete(cast.acme, cast.ada.scope(cast.ada.sign_in()), notes.id)
    assert listener.told == []
    assert promise()[:2] == (True, False)


def test_where_we_do_not_call_nothing_is_tried_again(services, cast, listener, promise, owner):
    """The address was fit to be registered; what its name stands for is looked at with each call."""
    notes = listener.application(cast.acme)
    logged_out(services, cast, notes)
    owner.execute(
        "UPDATE applications SET backchannel_logout_uri = 'https://169.254.169.254/' WHERE id = %s", [notes.id]
    )
    services.openid.clients.changed(cast.acme.id, notes.id)
    assert listener.told == []
    assert promise()[:3] == (False, True, 1)
    assert "Undeliverable" in promise()[3]


def test_mail_does_not_wait_for_a_server_that_says_nothing(services, cast, letters, wired, listener, promise):
    """Whoever waits, waits last, and beside others: what else is due goes first."""
    http = GuardedHttp(services.settings.outbound_allow, patience=0.2, budget=0.2)
    portal, order = wired(http=http), []
    with answering() as port:
        notes = listener.application(cast.acme)
        portal.openid.applications.change(
            cast.acme,
            cast.ada.scope(cast.ada.sign_in()),
            notes.id,
            {"backchannel_logout_uri": f"http://127.0.0.1:{port}/"},
        )
        services.openid.clients.changed(cast.acme.id, notes.id)
        logged_out(services, cast, notes)
        services.recovery.ask(cast.acme, email=cast.bob.email, origin=cast.bob.scope(cast.bob.sign_in()).origin)
        post = http.post
        http.post = lambda *args, **more: order.append(len(letters)) or post(*args, **more)
        portal.drainer.drain()
    portal.news.stop()
    assert order
    assert order[0] == len(letters) > 0
    assert promise()[3].startswith("Unanswered")
