"""Registering: one answer for everybody, one account for each address, and the owner learns by mail."""

import pytest

from app import crypto
from app.auth import errors
from app.auth.registration import NewAccount
from tests.cast import PASSWORD, an_origin

NEW = "petra velvet orbit 71"


@pytest.fixture
def register(services):
    def register(tenant, email, password=NEW, **wanted):
        return services.registration.register(
            tenant, NewAccount(email=email, password=password, **wanted), origin=an_origin()
        )

    return register


@pytest.fixture
def verify(services):
    def verify(tenant, token, challenge=None, new_password=None):
        return services.verification.verify(
            tenant,
            token=token,
            challenges=[crypto.digest(challenge)] if challenge else [],
            new_password=new_password,
            origin=an_origin(),
        )

    return verify


def test_somebody_new_registers_verifies_and_signs_in(cast, register, verify, letters, guess):
    registered = register(cast.acme, "petra@acme.example", name="Petra")
    assert registered.signed_in is None
    assert guess(cast.acme, "petra@acme.example", NEW) is errors.EmailNotVerified
    mail = letters.to("petra@acme.example")
    assert cast.acme.origin in mail.text
    verify(cast.acme, letters.token_to("petra@acme.example"), registered.challenge)
    assert guess(cast.acme, "petra@acme.example", NEW) is None


def test_the_answer_is_the_same_for_a_new_an_unverified_and_a_verified_address(cast, register, hasher):
    answers, costs = [], []
    for email in ("petra@acme.example", "petra@acme.example", cast.ada.email):
        before = hasher.computed
        answers.append(register(cast.acme, email))
        costs.append(hasher.computed - before)
    assert costs == [1, 1, 1]
    assert {(len(answer.challenge), answer.signed_in) for answer in answers} == {(43, None)}


def test_a_verified_account_is_untouched_and_its_owner_is_told(cast, register, letters, guess):
    register(cast.acme, cast.ada.email, name="Not Ada")
    assert guess(cast.acme, cast.ada.email, PASSWORD) is None
    assert guess(cast.acme, cast.ada.email, NEW) is errors.InvalidCredentials
    mail = letters.to(cast.ada.email)
    assert "token=" not in mail.text
    assert f"{cast.acme.origin}/login" in mail.text


def test_the_challenge_of_a_refused_registration_opens_nothing(cast, register, verify, letters):
    registered = register(cast.acme, cast.ada.email)
    letters.deliver()
    with pytest.raises(errors.LinkExpired):
        verify(cast.acme, registered.challenge, registered.challenge)


def test_a_second_registration_replaces_the_first_and_kills_its_link(cast, register, verify, letters, guess):
    first = register(cast.acme, "petra@acme.example", "first chosen passphrase 1")
    link = letters.token_to("petra@acme.example")
    second = register(cast.acme, "petra@acme.example", "second chosen passphrase 2")
    for challenge in (first.challenge, second.challenge, None):
        with pytest.raises(errors.LinkExpired):
            verify(cast.acme, link, challenge)
    assert guess(cast.acme, "petra@acme.example", "first chosen passphrase 1") is errors.InvalidCredentials
    verify(cast.acme, letters.token_to("petra@acme.example"), second.challenge)
    assert guess(cast.acme, "petra@acme.example", "second chosen passphrase 2") is None


def test_a_replaced_registration_ends_the_sessions_and_tokens_of_the_first(cast, register, services):
    """They were begun while the tenant asked for no verification."""
    tenant = cast.found(f"lax-{cast.acme.slug[-8:]}", "Lax", email_verification_required=False)
    signed_in = register(tenant, "petra@acme.example", wants_tokens=True).signed_in
    strict = services.tenant_administration.change_settings(tenant, {"email_verification_required": True})
    assert services.sessions.introspect(strict, signed_in.tokens.access_token).active
    register(strict, "petra@acme.example", "second chosen passphrase 2")
    with pytest.raises(errors.InvalidToken):
        services.sessions.by_token(strict, signed_in.tokens.access_token, origin=an_origin())
    with pytest.raises(errors.InvalidRefreshToken):
        services.tokens.refresh(strict, signed_in.tokens.refresh_token, origin=an_origin())
    assert not services.sessions.introspect(strict, signed_in.tokens.access_token).active
