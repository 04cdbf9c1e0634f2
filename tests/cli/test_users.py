"""``portico user``."""

import pytest

from app.auth import errors
from app.errors import Problem
from tests.cast import PASSWORD

NEW = "petra velvet orbit 71"


@pytest.fixture
def user(portico, cast):
    def user(verb, email="petra@acme.example", *arguments, **how):
        return portico("user", verb, "--tenant", cast.acme.slug, "--email", email, *arguments, **how)

    return user


@pytest.fixture
def enter(cast):
    def enter(email=None, password=PASSWORD):
        try:
            person = cast.ada if email is None else type(cast.ada)(cast.acme, email, None, cast.services)
            person.sign_in(password=password)
        except Problem as refusal:
            return type(refusal)
        return None

    return enter


def test_an_account_is_made_with_a_password_from_standard_input(user, enter):
    made = user(
        "create", "petra@acme.example", "--name", "Petra", "--role", "admin", "--password-stdin", typed=f"{NEW}\n"
    )
    assert made.code == 0
    assert (made.json["email"], made.json["roles"], made.json["status"]) == ("petra@acme.example", ["admin"], "active")
    assert NEW not in made.out + made.err
    assert enter("petra@acme.example", NEW) is None


def test_an_account_without_a_password_is_made_too(user, enter):
    assert user("create").code == 0
    assert enter("petra@acme.example", "") is errors.InvalidCredentials


@pytest.mark.parametrize(
    ("arguments", "typed", "code"),
    [
        (("no address",), None, "invalid_input"),
        (("ada@acme.example",), None, "email_taken"),
        (("petra@acme.example", "--role", "emperor"), None, "invalid_input"),
        (("petra@acme.example", "--password-stdin"), "password1234\n", "invalid_input"),
        (("petra@acme.example", "--password-stdin"), "\n", "invalid_input"),
        (("petra@acme.example", "--password-stdin"), "", "invalid_input"),
    ],
)
def test_a_refusal_is_one_line_of_json_and_leaves_nothing(user, cast, owner, arguments, typed, code):
    refused = user("create", *arguments, typed=typed)
    assert refused.code == 1
    assert refused.out == ""
    assert f'"error": "{code}"' in refused.err
    assert len(refused.lines) == 1
    assert owner.execute("SELECT count(*) FROM users WHERE tenant_id = %s", [cast.acme.id]).fetchone() == (2,)


def test_without_json_a_refusal_is_one_sentence(user):
    refused = user("create", "no address", as_json=False)
    assert refused.lines == ["portico: --email: Enter an email address, like ada@example.com."]


def test_disabling_puts_them_out_and_enabling_lets_them_in_again(user, enter, cast):
    signed_in = cast.ada.sign_in()
    assert user("disable", cast.ada.email).json == {"email": cast.ada.email, "changed": True}
    assert user("disable", cast.ada.email).json["changed"] is False
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    assert enter() is errors.AccountDisabled
    assert user("enable", "ADA@acme.example").json["changed"] is True
    assert user("enable", cast.ada.email).json["changed"] is False
    assert enter() is None


def test_unlocking_opens_what_wrong_guesses_have_locked(user, enter, cast):
    for _ in range(5):
        enter(password="wrong")
    assert enter() is errors.InvalidCredentials
    assert user("unlock", cast.ada.email).json["changed"] is True
    assert enter() is None
    assert user("unlock", cast.bob.email).json["changed"] is False


@pytest.mark.parametrize("verb", ["disable", "enable", "unlock"])
def test_somebody_who_is_not_there_is_said_in_one_line(user, verb):
    refused = user(verb, "nobody@acme.example")
    assert (refused.code, len(refused.lines)) == (1, 1)
    assert "There is no account with this address." in refused.err


def test_somebody_of_another_tenant_is_not_there(user, cast):
    assert user("disable", cast.mallory.email).code == 1
    assert cast.mallory.sign_in()


def test_what_the_operator_did_is_in_the_audit_trail(user, cast, owner):
    user("create")
    user("disable")
    user("enable")
    rows = owner.execute(
        "SELECT event, actor_kind FROM audit_events WHERE tenant_id = %s AND event LIKE 'user.%%'"
        " ORDER BY at DESC LIMIT 3",
        [cast.acme.id],
    ).fetchall()
    assert rows == [("user.enabled", "system"), ("user.disabled", "system"), ("user.registered", "system")]
