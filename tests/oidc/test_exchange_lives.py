"""An exchanged token lives no longer than what it was made of, and dies with it."""

import threading

import pytest

from app.auth.errors import InvalidToken
from tests.oidc.exchanging import INVOICES, Desk, desk, sam

__all__ = ["desk", "sam"]


def is_active(services, cast, token):
    try:
        services.openid.access_tokens.verify(cast.acme, token)
    except InvalidToken:
        return False
    return True


def test_it_ends_when_the_subjects_token_does(cast, desk, clock):
    token = desk.token_of(cast.bob)
    clock.forward(minutes=10)
    got = desk.got(token)
    assert 4 * 60 <= got.json["expires_in"] <= 5 * 60
    clock.forward(minutes=6)
    assert desk.refused(token) == "invalid_request"


def test_nobody_acts_for_longer_than_half_an_hour(services, app, cast):
    slow = cast.found(f"slow-{cast.acme.slug}", "Slow", access_token_minutes=240, risk_mode="off")
    desk = Desk(services, app, slow)
    bob, sam = cast.person(slow, "bob@slow.example"), cast.person(slow, "sam@slow.example", role="support")
    got = desk.got(desk.token_of(bob), actor=desk.token_of(sam))
    assert got.json["expires_in"] == 30 * 60
    assert desk.got(got.json["access_token"]).json["expires_in"] <= 30 * 60


@pytest.mark.parametrize("ends", ["session", "grant", "disabled"])
def test_it_dies_with_what_the_subject_takes_back(services, cast, desk, ends):
    token = desk.token_of(cast.bob)
    made = desk.got(token).json["access_token"]
    assert is_active(services, cast, made)
    if ends == "session":
        services.sessions.logout(cast.acme, token.scope)
    elif ends == "grant":
        with services.units.begin(cast.acme.id) as unit:
            services.openid.revoking.grant(unit, cast.acme, token.grant_id, now=services.ports.clock())
    else:
        services.users.disable(cast.acme, email=cast.bob.email)
    assert not is_active(services, cast, made)
    assert desk.refused(token) == "invalid_request"
    assert desk.refused(made) == "invalid_request"


def test_it_dies_with_the_sign_in_of_who_acts(services, cast, desk, sam):
    sams = desk.token_of(sam)
    made = desk.got(desk.token_of(cast.bob), actor=sams).json["access_token"]
    onward = desk.got(made, resource=INVOICES).json["access_token"]
    services.sessions.logout(cast.acme, sams.scope)
    assert not is_active(services, cast, made)
    assert not is_active(services, cast, onward)


def test_it_dies_with_the_application_that_it_was_made_for(services, cast, desk):
    agent = desk.an_agent("Short-lived")
    token = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,))
    made = desk.got(token, by=agent, resource=INVOICES).json["access_token"]
    services.openid.applications.delete(cast.acme, cast.ada.scope(cast.ada.sign_in()), agent.id)
    services.openid.clients.changed(cast.acme.id, agent.id)
    assert not is_active(services, cast, made)
    assert is_active(services, cast, token.access_token)


def test_signing_out_and_exchanging_at_once_leave_no_token_in_force(services, cast, desk):
    for _ in range(5):
        token, made, barrier = desk.token_of(cast.bob), [], threading.Barrier(3)

        def exchange(token=token, made=made, barrier=barrier):
            barrier.wait()
            answer = desk.ask(token)
            made += [answer.json["access_token"]] if answer.status_code == 200 else []

        def leave(token=token, barrier=barrier):
            barrier.wait()
            services.sessions.logout(cast.acme, token.scope)

        threads = [threading.Thread(target=one) for one in (exchange, exchange, leave)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not any(is_active(services, cast, one) for one in made)
