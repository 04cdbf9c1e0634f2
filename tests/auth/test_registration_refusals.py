"""What a registration is refused for, in sentences that help, and where there is no verification."""

import pytest

from app.auth import errors
from app.auth.registration import NewAccount
from app.errors import InvalidInput
from tests.cast import an_origin

NEW = "petra velvet orbit 71"


@pytest.fixture
def register(services):
    def register(tenant, email="petra@acme.example", password=NEW, **wanted):
        return services.registration.register(
            tenant, NewAccount(email=email, password=password, **wanted), origin=an_origin()
        )

    return register


@pytest.mark.parametrize(
    ("wanted", "field", "code", "sentence"),
    [
        ({"password": "short"}, "password", "too_short", "Use at least 10 characters."),
        ({"password": "x" * 129}, "password", "too_long", "Use at most 128 characters."),
        ({"password": "password123"}, "password", "too_easy_to_guess", "This is too easy to guess."),
        ({"email": "petra"}, "email", "invalid_email", "Enter an email address, like ada@example.com."),
        ({"email": ""}, "email", "invalid_email", "Enter an email address, like ada@example.com."),
        ({"name": "x" * 201}, "name", "too_long", "Use at most 200 characters."),
        ({"name": "Petra\u202egro.live"}, "name", "invalid_name", "Use letters, digits and ordinary signs."),
        ({"name": "Petra\x00"}, "name", "invalid_name", "Use letters, digits and ordinary signs."),
    ],
)
def test_a_bad_field_is_named_with_a_sentence_and_never_repeated(cast, register, hasher, wanted, field, code, sentence):
    before = hasher.computed
    with pytest.raises(InvalidInput) as refusal:
        register(cast.acme, **wanted)
    (said,) = refusal.value.errors
    assert (said.field, said.code) == (field, code)
    assert said.detail.startswith(sentence)
    assert said.detail.endswith(".")
    for value in wanted.values():
        assert not value or value not in said.detail
    assert hasher.computed == before, "what is refused is not hashed"


def test_a_password_made_of_ones_own_words_is_refused(cast, register):
    tenant = cast.found(f"zanzibar-{cast.acme.slug[-8:]}", "Zanzibarium", password_min_score=0)
    for password in ("zanzibarium", "Zanzibarium1", "vasilopoulos!", "petra.novak@acme.example"):
        with pytest.raises(InvalidInput) as refusal:
            register(tenant, "petra.novak@acme.example", password, name="Petra Vasilopoulos")
        assert refusal.value.errors[0].code == "contains_own_words"


def test_a_refused_password_is_refused_for_a_known_address_too(cast, register):
    for email in (cast.ada.email, "petra@acme.example"):
        with pytest.raises(InvalidInput):
            register(cast.acme, email, "password123")


def test_nobody_registers_where_registration_is_closed(cast, register, services, letters):
    closed = services.tenant_administration.change_settings(cast.acme, {"registration_open": False})
    for email in (cast.ada.email, "petra@acme.example"):
        with pytest.raises(errors.RegistrationClosed):
            register(closed, email)
    assert not letters.deliver()


def test_nobody_registers_at_a_suspended_tenant(cast, register, services):
    services.tenant_administration.suspend(cast.acme)
    suspended = services.tenants.by_header(cast.acme.slug)
    assert suspended.suspended
    with pytest.raises(errors.TenantSuspended):
        register(suspended)


def test_without_verification_registering_signs_in_at_once(cast, services, register, letters):
    lax = cast.found(f"lax-{cast.acme.slug[-8:]}", "Lax", email_verification_required=False)
    signed_in = register(lax, name="Petra", wants_tokens=True).signed_in
    scope = services.sessions.by_token(lax, signed_in.tokens.access_token, origin=an_origin())
    assert (scope.email, scope.email_verified, scope.roles) == ("petra@acme.example", False, ("member",))
    browser = register(lax, "otto@acme.example").signed_in
    assert services.sessions.by_cookie(lax, browser.cookie, origin=an_origin()).email == "otto@acme.example"
    assert not letters.deliver()


def test_without_verification_a_known_address_is_taken_and_stays_as_it_is(cast, register, guess):
    lax = cast.found(f"lax-{cast.acme.slug[-8:]}", "Lax", email_verification_required=False)
    register(lax)
    with pytest.raises(errors.EmailTaken) as refusal:
        register(lax, "PETRA@acme.example", "another passphrase 812")
    assert (refusal.value.status, refusal.value.code) == (409, "email_taken")
    assert guess(lax, "petra@acme.example", NEW) is None


def test_a_disabled_account_that_was_never_verified_cannot_be_registered_anew(cast, register, services, guess, letters):
    register(cast.acme)
    letters.deliver().clear()
    services.users.disable(cast.acme, email="petra@acme.example")
    register(cast.acme, password="second chosen passphrase 2")
    assert guess(cast.acme, "petra@acme.example", "second chosen passphrase 2") is errors.InvalidCredentials
    assert not letters.deliver()


def test_every_registration_is_audited_the_refused_ones_too(cast, register, happened):
    register(cast.acme)
    register(cast.acme, cast.ada.email)
    trail = [(event, outcome) for event, outcome, _ in happened(cast.acme) if event == "user.registered"]
    assert trail[:2] == [("user.registered", "refused"), ("user.registered", "success")]


def test_no_password_rests_in_any_row(cast, register, owner):
    register(cast.acme, name="Petra")
    rows = owner.execute(
        "SELECT (SELECT json_agg(u) FROM users u), (SELECT json_agg(o) FROM outbox o),"
        " (SELECT json_agg(a) FROM audit_events a), (SELECT json_agg(l) FROM link_requests l)"
    ).fetchall()
    assert NEW not in repr(rows)
