"""Signing in with a password: who gets in, and that all the others pay and hear the same."""

import unicodedata

import pytest

from app.auth import errors
from app.auth.login import Attempt
from app.errors import Problem
from tests.cast import PASSWORD, an_origin


def test_the_right_password_starts_a_session_with_a_cookie(cast, services):
    signed_in = cast.ada.sign_in(tokens=False)
    assert signed_in.tokens is None
    assert signed_in.person.email == cast.ada.email
    scope = services.sessions.by_cookie(cast.acme, signed_in.cookie, origin=an_origin())
    assert (scope.user_id, scope.amr, scope.acr) == (cast.ada.id, ("pwd",), "1")


def test_an_api_client_gets_tokens_and_no_cookie(cast):
    signed_in = cast.ada.sign_in()
    assert signed_in.cookie is None
    assert cast.ada.scope(signed_in).roles == ("owner",)


def test_the_address_may_be_typed_in_any_case_and_with_space_around(cast, guess):
    assert guess(cast.acme, "  ADA@Acme.EXAMPLE ", PASSWORD) is None


def test_a_sign_in_is_audited_with_where_it_came_from(cast, happened):
    cast.ada.sign_in()
    assert {("login.succeeded", "success", None), ("session.created", "success", None)} <= set(happened(cast.acme))


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@acme.example", "not her password at all"),
        ("nobody@acme.example", PASSWORD),
        ("mallory@globex.example", PASSWORD),
        ("not an address", PASSWORD),
        ("", PASSWORD),
        ("ada@acme.example", ""),
        ("ada@acme.example", PASSWORD + " "),
        ("ada@acme.example", PASSWORD.upper()),
    ],
)
def test_wrong_unknown_and_foreign_are_refused_in_the_same_words(cast, services, email, password):
    assert cast.mallory.tenant is cast.globex
    with pytest.raises(Problem) as refusal:
        services.login.with_password(cast.acme, Attempt(email=email, password=password), origin=an_origin())
    assert type(refusal.value) is errors.InvalidCredentials
    assert (refusal.value.detail, refusal.value.errors, refusal.value.members) == ("", (), {})


def test_an_account_without_a_password_cannot_be_entered_with_any(cast, services, guess):
    services.users.create(cast.acme, email="sso@acme.example", password=None)
    for password in ("", PASSWORD, "nobody has this password"):
        assert guess(cast.acme, "sso@acme.example", password) is errors.InvalidCredentials


def test_every_refusal_costs_exactly_one_hash(cast, services, guess, hasher, owner):
    services.users.create(cast.acme, email="sso@acme.example", password=None)
    services.users.disable(cast.acme, email=cast.bob.email)
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.ada.id])
    guess(cast.acme, "warm-up@acme.example", "x")
    costs = {}
    for email in (cast.ada.email, cast.bob.email, "sso@acme.example", "nobody@acme.example", "no address"):
        for password in ("wrong", PASSWORD, "x" * 100_000):
            before = hasher.computed
            assert guess(cast.acme, email, password) is not None
            costs[email, password[:5]] = hasher.computed - before
    assert set(costs.values()) == {1}, costs


def test_the_first_unknown_address_after_a_start_costs_one_hash_too(cast, wired, guess, hasher):
    """Else whoever asks first after a restart can tell."""
    fresh = wired()
    before = hasher.computed
    guess(cast.acme, "nobody@acme.example", "wrong", portal=fresh)
    assert hasher.computed - before == 1


def test_a_disabled_account_is_told_so_only_to_whoever_knows_the_password(cast, services, guess, happened):
    services.users.disable(cast.acme, email=cast.ada.email)
    assert guess(cast.acme, cast.ada.email, "wrong") is errors.InvalidCredentials
    assert guess(cast.acme, cast.ada.email, PASSWORD) is errors.AccountDisabled
    assert ("login.blocked", "refused", "enabled_account") in happened(cast.acme)


def test_an_unverified_account_is_told_so_only_to_whoever_knows_the_password(cast, guess, owner):
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.ada.id])
    assert guess(cast.acme, cast.ada.email, "wrong") is errors.InvalidCredentials
    for _ in range(7):
        assert guess(cast.acme, cast.ada.email, PASSWORD) is errors.EmailNotVerified, "a right password never locks"


def test_a_suspended_tenant_lets_nobody_in_whatever_is_typed(cast, services, guess):
    signed_in = cast.ada.sign_in()
    services.tenant_administration.suspend(cast.acme)
    for email, password in ((cast.ada.email, PASSWORD), (cast.ada.email, "wrong"), ("nobody@acme.example", "x")):
        assert guess(cast.acme, email, password) is errors.TenantSuspended
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    assert guess(cast.globex, cast.mallory.email, PASSWORD) is None


def test_mallory_cannot_enter_acme_with_her_password_at_globex(cast, guess):
    cast.person(cast.globex, "ada@acme.example", password="quite another passphrase")
    assert guess(cast.acme, "ada@acme.example", "quite another passphrase") is errors.InvalidCredentials
    assert guess(cast.globex, "ada@acme.example", "quite another passphrase") is None


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_is_the_same_however_the_keyboard_composes_it(cast, guess, form):
    composed = "Žluťoučký kůň — 10"
    cast.person(cast.acme, "petr@acme.example", password=unicodedata.normalize("NFC", composed))
    assert guess(cast.acme, "petr@acme.example", unicodedata.normalize(form, composed)) is None


def test_compatibility_forms_are_different_passwords(cast, guess):
    cast.person(cast.acme, "petr@acme.example", password="ﬁsh and chips for ①")
    assert guess(cast.acme, "petr@acme.example", "fish and chips for 1") is errors.InvalidCredentials
    assert guess(cast.acme, "petr@acme.example", "ﬁsh and chips for ①") is None


def test_a_password_of_256_characters_works_and_a_longer_one_is_merely_wrong(cast, guess):
    longest = "correct horse " * 18 + "abcd"
    cast.person(cast.acme, "long@acme.example", password=longest)
    assert len(longest) == 256
    assert guess(cast.acme, "long@acme.example", longest) is None
    assert guess(cast.acme, "long@acme.example", longest + "!") is errors.InvalidCredentials
    assert guess(cast.acme, "long@acme.example", longest * 4000) is errors.InvalidCredentials


@pytest.mark.parametrize("text", ["\x00", "a\x00b@acme.example", "ada@acme.example\x00", "ada\ud800@x"])
def test_text_that_the_database_cannot_hold_is_merely_a_wrong_address(cast, guess, text):
    """JSON can say \\u0000 and lone surrogates, and the API hands on what was typed as the address."""
    assert guess(cast.acme, text, PASSWORD) is errors.InvalidCredentials


def test_a_password_with_a_nul_in_it_is_merely_wrong(cast, guess):
    assert guess(cast.acme, cast.ada.email, PASSWORD + "\x00") is errors.InvalidCredentials
