"""Guessing at codes: one budget for each account, whichever door, channel or sign-in (security.md, 4 F)."""

import json

import pytest

from app.auth import errors
from app.auth.showing_again import Shown
from tests.auth.apps import Apps
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.auth.second_steps import with_app
from tests.blueprints.pressing import options
from tests.cast import PASSWORD, an_origin


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


def wrong(bob, times):
    for _ in range(times):
        assert refusal_of(bob.answer, bob.first(), bob.wrong()) is errors.InvalidCode


def test_ezbookkeeping_signing_in_again_gives_no_new_guesses_at_backup_codes(bob, cast, services):
    codes = Apps(services).make(cast.bob)
    for _ in range(5):
        assert refusal_of(bob.answer, bob.first(), "AAAAA-AAAAA", method="backup_code") is errors.InvalidCode
    assert refusal_of(bob.answer, bob.first(), codes[0], method="backup_code") is errors.InvalidCode


def test_cve_2024_32868_wrong_at_one_door_is_counted_at_each(bob, cast, browse, call):
    """CVE-2025-64102, allauth 65.2.0: pages and API, the door, and confirming that it is you."""
    signed_in = bob.sign_in()
    api, browser = call(cast.acme), browse(cast.acme)
    browser.sign_in(cast.bob)
    browser.post("/login/second-factor", {"method": "totp", "code": bob.wrong()})
    half = api.login(cast.bob).json["challenge"]
    api.post("/auth/second-factor", {"challenge": half, "method": "totp", "code": bob.wrong()})
    token = signed_in.tokens.access_token
    for _ in range(3):
        shown = {"password": PASSWORD, "method": "totp", "code": bob.wrong()}
        assert api.post("/auth/reauthenticate", shown, token=token).json["code"] == "invalid_code"

    right = {"method": "totp", "code": bob.code()}
    assert api.post("/auth/second-factor", {"challenge": half, **right}).json["code"] == "invalid_code"
    assert api.post("/auth/reauthenticate", {"password": PASSWORD, **right}, token=token).status_code == 401
    assert browser.post("/login/second-factor", right).status_code == 422
    assert browser.get("/account").location == "/login"


def test_nor_is_a_second_app_confirmed_meanwhile(bob, cast, services):
    scope = cast.bob.scope(bob.sign_in())
    begun = services.own_apps.begin(cast.acme, scope)
    wrong(bob, 5)
    code = Apps(services).code(begun)
    assert refusal_of(services.own_apps.confirm, cast.acme, scope, begun.id, code=code) is errors.InvalidCode


def test_a_reset_of_the_password_gives_no_new_guesses(bob, cast, letters, services):
    """Whoever reads the mail would have as many as they like."""
    wrong(bob, 5)
    services.recovery.ask(cast.acme, email=cast.bob.email, origin=an_origin())
    token = letters.token_to(cast.bob.email)
    services.recovery.reset(cast.acme, token=token, new_password="seven quiet otters 52", origin=an_origin())
    challenge = bob.first(password="seven quiet otters 52")
    assert refusal_of(bob.answer, challenge, bob.code()) is errors.InvalidCode


def test_without_the_password_nobody_guesses_and_nobody_is_kept_out(bob, cast, owner, guess, call, browse):
    """CVE-2024-1722: a lock-out as denial of service."""
    api, browser = call(cast.acme), browse(cast.acme)
    guess(cast.acme, cast.bob.email, "not his password")
    browser.post("/login", {"email": cast.bob.email})
    for code in ("123456", "000000"):
        for challenge in ("", "x" * 43, cast.bob.email, str(cast.bob.id)):
            api.post("/auth/second-factor", {"challenge": challenge, "method": "totp", "code": code})
        browser.post("/login/second-factor", {"method": "totp", "code": code})
    assert owner.execute("SELECT count(*) FROM code_guesses WHERE user_id = %s", [cast.bob.id]).fetchone()[0] == 0
    assert bob.sign_in().session_id


def test_whoever_uses_up_the_guesses_does_not_keep_the_owner_from_their_passkey(cast, services, browse, strict):
    """Neither the lock nor the limit: nobody guesses at a passkey."""
    key = Holder(services, cast.bob).add()
    thief, owner = browse(cast.acme, on=strict), browse(cast.acme, on=strict)
    Apps(services).make(cast.bob)
    thief.sign_in(cast.bob)
    heard = [thief.post("/login/second-factor", {"method": "backup_code", "code": "AAAAAAAAAA"}) for _ in range(12)]
    assert heard[-1].status_code == 429
    owner.sign_in(cast.bob)
    asked = options(owner, "/login/second-factor/passkey-options")
    assert asked.status_code == 200
    answer = owner.post("/login/second-factor", {"method": "passkey", "credential": json.dumps(key.get(asked.json))})
    assert (answer.status_code, answer.location) == (303, "/account")


def test_while_codes_are_refused_a_fresh_password_alone_makes_nothing_fresh(bob, cast, services):
    signed_in = bob.sign_in()
    scope = cast.bob.scope(signed_in)
    wrong(bob, 5)
    shown = Shown(password=PASSWORD, method="totp", code=bob.code())
    prove, token = services.reauthentication.prove, signed_in.tokens.access_token
    assert refusal_of(prove, cast.acme, scope, shown, token=token) is errors.InvalidCode
    assert cast.bob.scope(signed_in).auth_time == scope.auth_time
