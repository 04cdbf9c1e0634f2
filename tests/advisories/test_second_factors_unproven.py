"""Factors of those who have not proven who they are, or who are being shut out at this very moment."""

import json
import threading

import pytest

from app.auth import errors
from app.auth.factor_changes import FactorChanges
from tests.advisories.test_second_factors_taken_back import strange  # noqa: F401 - a fixture
from tests.auth.apps import Apps, refused
from tests.auth.factored import left_of
from tests.auth.holding import Holder
from tests.auth.second_steps import challenge_of, with_app
from tests.auth.steps import links_to
from tests.blueprints.pressing import options
from tests.cast import an_origin
from tests.soft_passkey import SoftPasskey
from tests.waiting import until


@pytest.fixture
def unproven(cast, services, owner):
    """A stranger has registered an address that is not theirs; the tenant lets them in without proof of it."""
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.bob.id])
    tenant = services.tenant_administration.change_settings(cast.acme, {"email_verification_required": False})
    cast.bob.tenant = tenant
    return tenant


def test_allauth_64_2_1_no_passkey_waits_for_the_owner_of_an_address(unproven, cast, services):
    """It would be a way in that stays when they come (and an app would shut them out)."""
    scope = cast.bob.scope(cast.bob.sign_in())
    assert refused(services.passkeys.ask_own, unproven, scope) is errors.EmailNotVerified
    assert refused(services.own_apps.begin, unproven, scope) is errors.EmailNotVerified


def test_nor_one_that_was_asked_for_before(cast, services, owner):
    held = Holder(services, cast.bob)
    asked = held.ask_to_add()
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.bob.id])
    assert refused(held.add, asked=asked) is errors.EmailNotVerified
    assert held.list() == []


def test_on_the_way_in_they_prove_the_address_first(unproven, cast, services, browse):
    services.tenant_administration.change_settings(unproven, {"second_factor": "required"})
    browser = browse(unproven)
    assert browser.sign_in(cast.bob).location == "/login/enrolment"
    assert options(browser, "/login/enrolment/passkey-options").status_code == 403
    assert browser.post("/login/enrolment/app/begin").location == "/login/verify"


def test_cve_2022_42731_what_was_asked_of_a_new_passkey_is_good_for_one(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    asked = options(browser, "/account/passkeys/options").json
    made = [SoftPasskey(origin=browser.origin).create(asked) for _ in range(2)]
    said = [browser.post("/account/passkeys", {"credential": json.dumps(one)}).status_code for one in made]
    assert said == [303, 422]


@pytest.fixture
def meanwhile(monkeypatch, cast, services, letters):
    """The account is locked down just while a factor is being added: its row is held by whoever does it first."""

    def meanwhile(act):
        token = links_to(letters, cast.bob.email, "/secure-account")[-1]
        at_work, go_on, heard = threading.Event(), threading.Event(), []
        taken_back = FactorChanges.taken_back

        def slowly(self, *arguments, **more):
            taken_back(self, *arguments, **more)
            at_work.set()
            go_on.wait(5)

        monkeypatch.setattr(FactorChanges, "taken_back", slowly)
        shutting = threading.Thread(
            target=services.lock_down.by_link, args=[cast.acme], kwargs={"token": token, "origin": an_origin()}
        )
        adding = threading.Thread(target=lambda: heard.append(refused(act)))
        shutting.start()
        at_work.wait(5)
        adding.start()
        assert not until(lambda: heard, seconds=0.5), "it waits"
        go_on.set()
        shutting.join()
        adding.join()
        return heard[0]

    return meanwhile


def test_a_stranger_who_is_shut_out_meanwhile_leaves_no_passkey(cast, strange, meanwhile):  # noqa: F811
    cast.bob.sign_in(tokens=False)
    stranger = cast.bob.sign_in()
    assert meanwhile(lambda: strange(stranger)) is errors.InvalidToken
    assert left_of(cast.bob)["passkeys"] == 0


def test_nor_an_app(cast, services, meanwhile):
    cast.bob.sign_in(tokens=False)
    scope = cast.bob.scope(cast.bob.sign_in())
    begun = services.own_apps.begin(cast.acme, scope)
    code = Apps(services).code(begun)
    assert meanwhile(lambda: services.own_apps.confirm(cast.acme, scope, begun.id, code=code)) in {
        errors.InvalidToken,
        errors.InvalidCode,
    }
    assert left_of(cast.bob)["totp_authenticators"] == 0


def test_nor_backup_codes(cast, services, clock, meanwhile):
    apped = with_app(cast.bob, clock)
    clock.forward(days=1)
    apped.sign_in()
    scope = cast.bob.scope(apped.sign_in())
    assert meanwhile(lambda: services.backup_codes.make(cast.acme, scope)) is errors.InvalidToken
    assert left_of(cast.bob)["backup_code_sets"] == 0


@pytest.fixture
def on_the_way(cast, services):
    """A stranger who knows the password is asked to set up a factor; somebody was warned of a sign-in before."""
    cast.bob.sign_in(tokens=False)
    cast.bob.sign_in()
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": "required"})
    return challenge_of(cast.bob.sign_in, refusal=errors.SecondFactorEnrolmentRequired)


def test_nor_an_app_that_is_set_up_on_the_way_in(cast, services, on_the_way, meanwhile):
    how = {"for_api": True, "origin": an_origin()}
    begun = services.enrolment.begin_app(cast.bob.tenant, on_the_way, **how)
    code, confirm = Apps(services).code(begun), services.enrolment.confirm_app
    assert meanwhile(lambda: confirm(cast.bob.tenant, on_the_way, code=code, **how)) is errors.InvalidCode
    assert left_of(cast.bob)["totp_authenticators"] == 0


def test_nor_a_passkey_there(cast, services, on_the_way, meanwhile):
    how = {"for_api": True, "origin": an_origin()}
    asked = services.enrolment.ask_passkey(cast.bob.tenant, on_the_way, **how)
    made, add = SoftPasskey(origin=cast.acme.origin).create(asked.options), services.enrolment.add_passkey
    assert meanwhile(lambda: add(cast.bob.tenant, on_the_way, credential=made, **how)) is errors.PasskeyRefused
    assert left_of(cast.bob)["passkeys"] == 0
