"""Where a second factor is required and there is none, setting one up is a step of the gate."""

import pyotp
import pytest

from app.auth import errors
from tests.auth.linking import Links, refusal_of
from tests.auth.second_steps import challenge_of, with_app
from tests.cast import an_origin
from tests.waiting import at_once


@pytest.fixture
def require(cast, services):
    """Acme asks for a second factor."""

    def require(**more):
        tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": "required", **more})
        cast.ada.tenant = cast.bob.tenant = tenant
        return tenant

    return require


def enrol(services, tenant, challenge, clock, *, for_api=True):
    made = services.enrolment.begin_app(tenant, challenge, for_api=for_api, origin=an_origin())
    code = pyotp.TOTP(made.secret).at(clock())
    return services.enrolment.confirm_app(tenant, challenge, code=code, for_api=for_api, origin=an_origin())


def asked(person, **how):
    return challenge_of(person.sign_in, refusal=errors.SecondFactorEnrolmentRequired, **how)


def test_whoever_has_none_sets_one_up_and_is_in_with_both(cast, services, require, clock):
    tenant = require()
    signed_in = enrol(services, tenant, asked(cast.bob), clock)

    scope = cast.bob.scope(signed_in)
    assert (scope.acr, scope.amr) == ("2", ("pwd", "otp", "mfa"))
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in()


def test_the_refusal_says_what_can_be_set_up(cast, require):
    require()
    with pytest.raises(errors.SecondFactorEnrolmentRequired) as refusal:
        cast.bob.sign_in()
    assert refusal.value.members["methods"] == ["passkey", "totp"]
    assert refusal.value.members["skip_until"] is None


def test_every_way_in_ends_at_the_same_gate(cast, services, require, letters):
    tenant = require()
    links = Links(services, tenant, letters)
    kept, token, _ = links.mailed(cast.bob)
    assert refusal_of(links.follow, token, kept) is errors.SecondFactorEnrolmentRequired
    assert refusal_of(cast.bob.sign_in, tokens=False) is errors.SecondFactorEnrolmentRequired


def test_it_can_be_required_of_a_role_alone(cast, services):
    tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor_roles": ["owner"]})
    cast.ada.tenant = cast.bob.tenant = tenant
    assert cast.bob.sign_in()
    assert refusal_of(cast.ada.sign_in) is errors.SecondFactorEnrolmentRequired


def test_where_it_is_off_nothing_is_asked_but_of_whoever_has_one(cast, services, clock):
    with_app(cast.ada, clock)
    tenant = services.tenant_administration.change_settings(
        cast.acme, {"second_factor": "off", "second_factor_roles": ["member"]}
    )
    cast.ada.tenant = cast.bob.tenant = tenant
    assert cast.bob.sign_in()
    assert refusal_of(cast.ada.sign_in) is errors.SecondFactorRequired


def test_within_the_days_of_grace_it_can_be_put_off_and_they_count_down(cast, services, require, clock):
    tenant = require(second_factor_grace_days=7)
    first = asked(cast.bob, tokens=False)
    waiting = services.enrolment.waiting(tenant, first, for_api=False, origin=an_origin())
    assert services.enrolment.skip_until(tenant, waiting) > clock()
    assert services.enrolment.skip(tenant, first, origin=an_origin()).cookie

    clock.forward(days=6, hours=23)
    assert services.enrolment.skip(tenant, asked(cast.bob, tokens=False), origin=an_origin())
    clock.forward(hours=2)
    over = asked(cast.bob, tokens=False)
    with pytest.raises(errors.SecondFactorEnrolmentRequired):
        services.enrolment.skip(tenant, over, origin=an_origin())


def test_a_program_is_let_in_within_the_days_of_grace_and_not_after(cast, require, clock):
    require(second_factor_grace_days=7)
    assert cast.bob.sign_in()
    clock.forward(days=8)
    assert refusal_of(cast.bob.sign_in) is errors.SecondFactorEnrolmentRequired


def test_without_grace_nothing_can_be_put_off(cast, services, require):
    tenant = require()
    with pytest.raises(errors.SecondFactorEnrolmentRequired):
        services.enrolment.skip(tenant, asked(cast.bob, tokens=False), origin=an_origin())


def test_a_challenge_is_good_for_one_session(cast, services, require, clock):
    tenant = require()
    challenge = asked(cast.bob)
    enrol(services, tenant, challenge, clock)
    with pytest.raises(errors.InvalidCode):
        enrol(services, tenant, challenge, clock)


def test_a_wrong_first_code_enrols_nothing(cast, services, require, owner):
    tenant = require()
    challenge = asked(cast.bob)
    services.enrolment.begin_app(tenant, challenge, for_api=True, origin=an_origin())
    with pytest.raises(errors.InvalidCode):
        services.enrolment.confirm_app(tenant, challenge, code="000000", for_api=True, origin=an_origin())
    assert owner.execute(
        "SELECT count(*) FROM totp_authenticators WHERE user_id = %s AND confirmed_at IS NOT NULL", [cast.bob.id]
    ).fetchone() == (0,)


def test_the_challenge_of_a_second_step_sets_nothing_up(cast, services, clock):
    """Whoever has only the password of somebody with a factor adds none of their own."""
    bob = with_app(cast.bob, clock)
    challenge = bob.first()
    with pytest.raises(errors.InvalidCode):
        services.enrolment.begin_app(cast.acme, challenge, for_api=True, origin=an_origin())
    with pytest.raises(errors.InvalidCode):
        services.enrolment.ask_passkey(cast.acme, challenge, for_api=True, origin=an_origin())
    with pytest.raises(errors.InvalidCode):
        services.enrolment.skip(cast.acme, challenge, origin=an_origin())


def test_an_unusual_sign_in_proves_the_mailbox_before_it_sets_anything_up(cast, services, require):
    cast.bob.sign_in()
    require(risk_medium=1)
    assert refusal_of(cast.bob.sign_in) is errors.EmailCodeRequired


def test_a_challenge_from_before_the_owner_set_one_up_sets_up_no_other(cast, services, require, clock):
    """A thief with the password waits with a challenge; the owner comes, and sets up their own app."""
    tenant = require()
    thief, late = asked(cast.bob), asked(cast.bob)
    made = services.enrolment.begin_app(tenant, late, for_api=True, origin=an_origin())
    with_app(cast.bob, clock)

    with pytest.raises(errors.InvalidCode):
        services.enrolment.begin_app(tenant, thief, for_api=True, origin=an_origin())
    with pytest.raises(errors.InvalidCode):
        services.enrolment.ask_passkey(tenant, thief, for_api=True, origin=an_origin())
    code = pyotp.TOTP(made.secret).at(clock())
    with pytest.raises(errors.InvalidCode):
        services.enrolment.confirm_app(tenant, late, code=code, for_api=True, origin=an_origin())
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in()


def test_at_the_very_moment_one_of_two_sets_one_up(cast, services, require, clock):
    tenant = require()
    challenges = [asked(cast.bob) for _ in range(2)]
    made = [services.enrolment.begin_app(tenant, one, for_api=True, origin=an_origin()) for one in challenges][-1]
    code = pyotp.TOTP(made.secret).at(clock())

    def confirm(challenge):
        return services.enrolment.confirm_app(tenant, challenge, code=code, for_api=True, origin=an_origin())

    outcomes = at_once(*[lambda one=one: confirm(one) for one in challenges])
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
