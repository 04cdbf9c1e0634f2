"""Proof that an address is theirs.

1. Unknown, stale, used or replaced links are expired links; so is one sent to an address they have left.
2. In the browser that registered a link just verifies.
3. Elsewhere, without a password: it asks for one, and the link stays good.
4. Elsewhere, with the password chosen at registration: verified.
5. Elsewhere, with another one: it replaces the first, and every session ends.
"""

import pytest

from app.auth import errors
from app.errors import InvalidInput
from tests.auth.petra import EMAIL, MINE
from tests.cast import an_origin

OTHER = "another passphrase 812"


@pytest.mark.parametrize("token", ["", "never issued", "x" * 5000, "é"])
def test_1_an_unknown_link_is_expired(verify, cast, token):
    with pytest.raises(errors.LinkExpired):
        verify(token, "some challenge", MINE)


def test_1_a_link_lives_for_a_day(register, verify, letters, clock):
    challenge = register()
    token = letters.token_to(EMAIL)
    clock.forward(hours=24, seconds=1)
    with pytest.raises(errors.LinkExpired):
        verify(token, challenge)


def test_1_a_used_link_is_expired(register, verify, letters):
    challenge = register()
    token = letters.token_to(EMAIL)
    assert verify(token, challenge) == EMAIL
    with pytest.raises(errors.LinkExpired):
        verify(token, challenge)


def test_1_only_the_newest_link_works(register, verify, letters, services, cast):
    challenge = register()
    first = letters.token_to(EMAIL)
    services.verification.resend(cast.acme, email=EMAIL, origin=an_origin())
    second = letters.token_to(EMAIL)
    assert first != second
    with pytest.raises(errors.LinkExpired):
        verify(first, challenge)
    assert verify(second, challenge) == EMAIL


def test_1_a_link_sent_to_an_address_they_have_left_is_expired(register, verify, letters, owner, cast):
    challenge = register()
    token = letters.token_to(EMAIL)
    owner.execute(
        "UPDATE users SET email = 'new@acme.example', email_key = 'new@acme.example'"
        " WHERE tenant_id = %s AND email_key = %s",
        [cast.acme.id, EMAIL],
    )
    with pytest.raises(errors.LinkExpired):
        verify(token, challenge)


def test_1_a_link_for_acme_does_not_open_globex(register, verify, letters, cast):
    challenge = register()
    with pytest.raises(errors.LinkExpired):
        verify(letters.token_to(EMAIL), challenge, tenant=cast.globex)


def test_2_in_the_browser_that_registered_it_just_verifies(register, verify, letters, guess, cast, happened):
    challenge = register()
    verify(letters.token_to(EMAIL), challenge)
    assert guess(cast.acme, EMAIL, MINE) is None
    assert ("user.email_verified", "success", None) in happened(cast.acme)


@pytest.mark.parametrize("challenge", [None, "made up"])
def test_3_elsewhere_it_asks_for_a_password_and_stays_good(register, verify, letters, challenge):
    mine = register()
    token = letters.token_to(EMAIL)
    with pytest.raises(errors.PasswordRequired) as refusal:
        verify(token, challenge)
    assert [said.field for said in refusal.value.errors] == ["new_password"]
    assert verify(token, mine) == EMAIL


def test_4_elsewhere_the_password_of_the_registration_verifies(register, verify, letters, guess, cast, happened):
    register()
    verify(letters.token_to(EMAIL), None, MINE)
    assert guess(cast.acme, EMAIL, MINE) is None
    assert ("user.password_changed", "success", None) not in happened(cast.acme)


def test_5_elsewhere_another_password_replaces_the_first(register, verify, letters, guess, cast, happened):
    register()
    verify(letters.token_to(EMAIL), None, OTHER)
    assert guess(cast.acme, EMAIL, OTHER) is None
    assert guess(cast.acme, EMAIL, MINE) is errors.InvalidCredentials
    assert ("user.password_changed", "success", None) in happened(cast.acme)


def test_5_a_weak_replacement_is_refused_and_the_link_stays_good(register, verify, letters):
    register()
    token = letters.token_to(EMAIL)
    with pytest.raises(InvalidInput) as refusal:
        verify(token, None, "password123")
    assert refusal.value.errors[0].field == "new_password"
    assert verify(token, None, OTHER) == EMAIL
