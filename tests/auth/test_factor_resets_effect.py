"""What a reset of factors does when its time has come: once, whole, and not where it turns out not to be needed."""

from app.auth import errors
from app.errors import NotFound
from tests.auth.factored import NOTHING, add_app, use_app
from tests.auth.steps import is_in, links_to, outcome, refreshes
from tests.cast import an_origin


def test_nothing_happens_before_its_time(under_way, sweep, had, resets, clock):
    before = had()
    clock.forward(hours=23, minutes=59)
    sweep()
    assert had() == before != NOTHING
    assert resets() == [(False, False)]


def test_everything_is_gone_and_the_password_is_the_same(cast, under_way, sweep, had, active, clock, letters, happened):
    clock.forward(hours=24, seconds=1)
    letters.deliver()
    letters.clear()
    sweep()
    assert had() == NOTHING
    assert not is_in(cast.bob, under_way)
    assert not refreshes(cast.bob, under_way)
    assert not active(cast.bob, under_way)
    assert [mail.to for mail in letters.deliver() if cast.acme.origin in mail.text] == [cast.bob.email]
    assert links_to(letters, cast.bob.email, "/secure-account")
    assert cast.bob.sign_in()
    trail = happened(cast.acme)
    assert trail.count(("second_factor.removed", "success", "reset")) == 1, "one that was never confirmed was none"
    assert ("passkey.removed", "success", "reset") in trail
    assert ("session.revoked", "success", "factor_reset") in trail
    assert ("device.forgotten", "success", "distrusted") in trail


def test_it_happens_once(under_way, sweep, resets, clock, cast, had, owner):
    clock.forward(hours=25)
    sweep()
    add_app(cast.bob)
    sweep()
    assert had()["totp_authenticators"] == 1
    assert resets() == [(False, True)]


def test_too_late_is_too_late(services, cast, under_way, sweep, clock, letters):
    token = links_to(letters, cast.bob.email, "/keep-factors")[-1]
    clock.forward(hours=24, seconds=1)
    sweep()
    no, ada = services.factor_resets.cancel_by_link, cast.ada.scope(cast.ada.sign_in())
    assert outcome(no, cast.acme, token=token, origin=an_origin()) is errors.LinkExpired
    assert outcome(services.factor_resets.cancel, cast.acme, ada, cast.bob.id) is NotFound


def test_whoever_has_used_an_app_since_has_not_lost_it(cast, under_way, sweep, had, resets, clock, happened):
    clock.forward(hours=1)
    use_app(cast.bob, cast.bob.app)
    clock.forward(hours=24)
    sweep()
    assert resets() == [(True, False)]
    assert had()["totp_authenticators"] == 2
    assert happened(cast.acme)[0] == ("user.updated", "success", "factor_used")


def test_an_account_that_is_switched_off_keeps_its_protection(services, cast, under_way, sweep, had, resets, clock):
    services.users.disable(cast.acme, email=cast.bob.email)
    clock.forward(hours=25)
    sweep()
    assert (resets(), had()["passkeys"]) == ([(True, False)], 1)


def test_whoever_leaves_keeps_theirs_and_whoever_is_gone_is_no_trouble(cast, under_way, sweep, resets, clock, owner):
    owner.execute("UPDATE users SET leaving_at = now() WHERE id = %s", [cast.bob.id])
    clock.forward(hours=25)
    sweep()
    assert resets() == [(True, False)]
    owner.execute("DELETE FROM users WHERE id = %s", [cast.bob.id])
    sweep()
    assert resets() == []


def test_a_paused_tenant_waits_and_keeps_nobody_else_waiting(services, cast, under_way, sweep, resets, clock):
    services.tenant_administration.suspend(cast.acme)
    clock.forward(hours=25)
    sweep()
    assert resets() == [(False, False)]
    services.tenant_administration.activate(cast.acme)
    sweep()
    assert resets() == [(False, True)]
