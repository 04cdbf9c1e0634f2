"""Nobody keeps a way into an address that they do not own, however they time it (product.md, rule 11)."""

import pytest

from app.auth import errors
from app.auth.registration import NewAccount
from tests.auth.petra import EMAIL, MINE
from tests.cast import an_origin

THEIRS = "stranger brought this 99"


def test_a_stranger_who_registered_first_loses_the_account_to_my_password(register, verify, letters, guess, cast):
    register(THEIRS)
    verify(letters.token_to(EMAIL), None, MINE)
    assert guess(cast.acme, EMAIL, THEIRS) is errors.InvalidCredentials
    assert guess(cast.acme, EMAIL, MINE) is None


def test_a_stranger_who_registers_after_me_cannot_ride_on_my_click(register, verify, letters, guess, cast):
    mine = register(MINE)
    register(THEIRS)
    with pytest.raises(errors.PasswordRequired):
        verify(letters.token_to(EMAIL), mine)
    verify(letters.token_to(EMAIL), mine, MINE)
    assert guess(cast.acme, EMAIL, THEIRS) is errors.InvalidCredentials


class DeafAtFirst:
    """A relay that is away for the first mail."""

    def __init__(self, letters):
        self.letters = letters
        self.away = True

    def carry(self, mail):
        if self.away:
            self.away = False
            raise ConnectionError("the relay is away")
        self.letters.carry(mail)


def test_nor_when_my_mail_was_late_and_came_after_theirs(register, verify, letters, cast, wired, clock):
    """The worker mints my link after the stranger's registration has replaced my password."""
    worker = wired(carrier=DeafAtFirst(letters)).drainer
    mine = register(MINE)
    worker.drain()
    register(THEIRS)
    worker.drain()
    clock.forward(minutes=1)
    worker.drain()
    with pytest.raises((errors.PasswordRequired, errors.LinkExpired)):
        verify(letters.token_to(EMAIL), mine)


def test_nor_when_the_worker_comes_to_my_request_only_after_theirs(register, verify, letters, cast, owner):
    mine = register(MINE)
    owner.execute("UPDATE outbox SET due_at = due_at + interval '1 second' WHERE tenant_id = %s", [cast.acme.id])
    register(THEIRS)
    letters.deliver()
    letters.drain()
    owner.execute("UPDATE outbox SET due_at = now() WHERE tenant_id = %s AND delivered_at IS NULL", [cast.acme.id])
    with pytest.raises((errors.PasswordRequired, errors.LinkExpired)):
        verify(letters.token_to(EMAIL), mine)


def test_a_link_asked_for_again_is_bound_like_the_one_before(register, verify, services, letters, cast):
    mine = register(MINE)
    letters.deliver()
    services.verification.resend(cast.acme, email=EMAIL, origin=an_origin())
    token = letters.token_to(EMAIL)
    with pytest.raises(errors.PasswordRequired):
        verify(token)
    assert verify(token, mine) == EMAIL


def test_asking_again_after_a_strangers_registration_does_not_bind_to_mine(
    register, verify, services, letters, cast, owner
):
    """My link is minted, their request is put off by a relay that is away, and "again" overtakes it."""
    mine = register(MINE)
    letters.deliver()
    register(THEIRS)
    owner.execute(
        "UPDATE outbox SET due_at = due_at + interval '1 minute' WHERE tenant_id = %s AND delivered_at IS NULL",
        [cast.acme.id],
    )
    services.verification.resend(cast.acme, email=EMAIL, origin=an_origin())
    letters.deliver()
    with pytest.raises(errors.PasswordRequired):
        verify(letters.token_to(EMAIL), mine)


def test_the_stranger_cannot_unbind_my_link_by_asking_again(register, verify, services, letters, cast):
    mine = register(MINE)
    for _ in range(3):
        services.verification.resend(cast.acme, email=EMAIL, origin=an_origin())
    assert verify(letters.token_to(EMAIL), mine) == EMAIL


def test_a_replaced_password_ends_sessions_and_refuses_tokens(register, verify, letters, services, cast):
    """Begun while the tenant asked for no verification."""
    lax = cast.found(f"lax-{cast.acme.slug[-8:]}", "Lax", email_verification_required=False)
    new = NewAccount(email=EMAIL, password=THEIRS, wants_tokens=True)
    tokens = services.registration.register(lax, new, origin=an_origin()).signed_in.tokens
    strict = services.tenant_administration.change_settings(lax, {"email_verification_required": True})
    services.verification.resend(strict, email=EMAIL, origin=an_origin())
    verify(letters.token_to(EMAIL), None, MINE, tenant=strict)
    with pytest.raises(errors.InvalidToken):
        services.sessions.by_token(strict, tokens.access_token, origin=an_origin())
    assert not services.sessions.introspect(strict, tokens.access_token).active
    with pytest.raises(errors.InvalidRefreshToken):
        services.tokens.refresh(strict, tokens.refresh_token, origin=an_origin())
