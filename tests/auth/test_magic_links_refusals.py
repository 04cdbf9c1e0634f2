"""A mailed link or code gets nobody past what the gate owes, and dies with what it was mailed for."""

import pytest

from app.auth import errors
from tests.auth.linking import Links, found, refusal_of
from tests.cast import PASSWORD, an_origin

NEW = "another set of radishes"


@pytest.fixture(params=["link", "code", "approval"])
def way(request, links, cast):
    """The three ways to use one mail: call it, and hear the refusal, or ``None`` when it let Ada in."""
    challenge, token, code = links.mailed(cast.ada)

    def way(person=None, **origin):
        if request.param == "link":
            return refusal_of(links.follow, token, challenge, **origin)
        if request.param == "code":
            return refusal_of(links.type, code, challenge, **origin)
        if refused := refusal_of(links.approve, token, links.number(challenge)):
            return refused
        try:
            return None if links.wait(challenge, **origin) else errors.LinkExpired
        except errors.Problem as refusal:
            return type(refusal)

    return way


EXPIRED = {errors.LinkExpired, errors.InvalidCode}


def test_a_disabled_person_is_refused(way, cast, services, sessions_of):
    services.users.disable(cast.acme, email=cast.ada.email)
    assert way() is errors.AccountDisabled
    assert sessions_of(cast.ada) == 0


def test_somebody_who_is_leaving_is_refused(way, cast, services, sessions_of):
    cast.person(cast.acme, "other.owner@acme.example", role="owner")
    scope = cast.ada.scope(cast.ada.sign_in())
    services.farewell.leave(cast.acme, scope, confirmation=cast.ada.email)
    assert way() in {errors.AccountLeaving, *EXPIRED}


def test_an_unverified_address_is_refused_even_if_a_link_had_gone_out(way, cast, owner, sessions_of):
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.ada.id])
    assert way() is errors.EmailNotVerified
    assert sessions_of(cast.ada) == 0


def test_cve_2026_9798_a_locked_lane_refuses_them_too_and_reads_like_wrong(way, cast, knock, sessions_of):
    knock(times=5)
    assert way() in EXPIRED
    assert sessions_of(cast.ada) == 0


def test_a_known_device_comes_in_although_strangers_locked_theirs(links, cast, knock):
    device = cast.ada.sign_in().device
    knock(times=5)
    challenge, token, _ = links.mailed(cast.ada, device=device)
    assert refusal_of(links.follow, token, challenge, device=device) is None


def test_a_new_password_kills_what_was_mailed_before(way, cast, services, letters):
    services.recovery.ask(cast.acme, email=cast.ada.email, origin=an_origin())
    services.recovery.reset(cast.acme, token=letters.token_to(cast.ada.email), new_password=NEW, origin=an_origin())
    assert way() in EXPIRED


def test_a_changed_password_kills_what_was_mailed_before(way, cast, services):
    scope = cast.ada.scope(cast.ada.sign_in())
    services.password_change.change(cast.acme, scope, password=PASSWORD, new_password=NEW, keep_sessions=True)
    assert way() in EXPIRED


def test_an_address_that_they_have_left_gets_nobody_in(way, cast, services, letters):
    scope = cast.ada.scope(cast.ada.sign_in())
    services.email_change.ask(cast.acme, scope, email="ada@new.example")
    services.email_change.confirm(cast.acme, scope, token=letters.token_to("ada@new.example"))
    assert way() in EXPIRED


def test_this_was_not_me_kills_what_an_intruder_had_mailed(way, cast, services, letters):
    cast.ada.sign_in()
    cast.ada.sign_in()
    alert = next(mail for mail in letters.deliver() if "secure-account" in mail.text)
    token = alert.text.split("secure-account?token=")[1].split()[0]
    services.lock_down.by_link(cast.acme, token=token, origin=an_origin())
    assert way() in EXPIRED


def test_a_suspended_tenant_lets_nobody_in(way, cast, services):
    services.tenant_administration.suspend(cast.acme)
    assert way() is errors.TenantSuspended


def test_a_tenant_that_refuses_a_session_too_many_refuses_this_one(cast, services, letters):
    zoe = found(cast, most_sessions=1, session_limit="refuse_new")
    links = Links(services, zoe.tenant, letters)
    zoe.sign_in()
    challenge, token, _ = links.mailed(zoe)
    assert refusal_of(links.follow, token, challenge) is errors.SessionLimitReached


def test_a_refusal_leaves_a_mark(way, cast, services, happened):
    services.users.disable(cast.acme, email=cast.ada.email)
    way()
    assert ("login.blocked", "refused", "enabled_account") in happened(cast.acme)
