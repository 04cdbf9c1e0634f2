"""Rule 11: whoever registered an address that is not theirs keeps no way in once its owner signs in by mail."""

import pytest

from app.auth import errors
from app.auth.login import Attempt
from app.auth.registration import NewAccount
from tests.auth.linking import Links, code_in, found, refusal_of
from tests.cast import an_origin

EMAIL = "victim@wary.example"
THIEFS = "three uncommon gherkins"


@pytest.fixture
def squatted(services, cast, letters):
    """``squatted(**settings)``: a tenant where a thief has registered somebody else's address."""

    def squatted(**settings):
        tenant = found(cast, **settings).tenant
        services.registration.register(tenant, NewAccount(email=EMAIL, password=THIEFS), origin=an_origin())
        letters.deliver().clear()
        return tenant

    return squatted


def knows(services, tenant, password=THIEFS):
    attempt = Attempt(email=EMAIL, password=password)
    return refusal_of(services.login.with_password, tenant, attempt, origin=an_origin()) is None


def test_where_addresses_are_verified_the_owner_chooses_a_password_first(squatted, services, letters):
    tenant = squatted()
    Links(services, tenant, letters).ask(EMAIL)
    mail = letters.to(EMAIL)
    assert "/verify-email?token=" in mail.text
    token = letters.token_to(EMAIL)
    services.verification.verify(
        tenant, token=token, challenges=[], new_password="another set of radishes", origin=an_origin()
    )
    assert not knows(services, tenant)


def test_where_they_are_not_the_owner_is_not_left_beside_a_thief(squatted, services, letters):
    tenant = squatted(email_verification_required=False)
    links = Links(services, tenant, letters)
    challenge = links.ask(EMAIL)
    mail = letters.to(EMAIL)
    if "/magic-link?token=" in mail.text:
        assert links.type(code_in(mail), challenge)
    else:
        assert "/verify-email?token=" in mail.text
        services.verification.verify(
            tenant,
            token=letters.token_to(EMAIL),
            challenges=[],
            new_password="another set of radishes",
            origin=an_origin(),
        )
    assert not knows(services, tenant)


def test_the_thief_cannot_use_a_link_that_the_owner_asked_for(squatted, services, letters):
    tenant = squatted()
    links = Links(services, tenant, letters)
    links.ask(EMAIL)
    letters.deliver()
    thief = links.ask(EMAIL)
    letters.deliver()
    for code in ("000000", "123456"):
        assert refusal_of(links.type, code, thief) is errors.InvalidCode
    assert links.wait(thief) is None
