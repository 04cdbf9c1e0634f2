"""Codes and refresh tokens of people who may not sign in any more, although their session was not ended for it."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code, redeemed

GRANT = (400, "invalid_grant")
CHANGES = {
    "disabled": "UPDATE users SET disabled_at = now() WHERE id = %s",
    "leaving": "UPDATE users SET leaving_at = now() WHERE id = %s",
    "cut off": "UPDATE users SET not_before = now() + interval '1 minute' WHERE id = %s",
    "not verified": "UPDATE users SET email_verified_at = NULL WHERE id = %s",
    "another's": "UPDATE sessions SET revoked_at = now(), revoked_reason = 'test' WHERE user_id = %s",
    "aged": "UPDATE sessions SET created_at = created_at - interval '8 days' WHERE user_id = %s",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_code_is_worth_nothing_then(services, app, cast, owner, change):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    owner.execute(CHANGES[change], (cast.bob.id,))
    answer = TokenClient(app, cast.acme, notes).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == GRANT
    families = owner.execute("SELECT count(*) FROM refresh_families WHERE id = %s", (code.grant_id,)).fetchone()
    assert families == (0,)


@pytest.mark.parametrize("change", CHANGES)
def test_a_refresh_token_is_worth_nothing_then(services, app, cast, owner, change):
    notes = an_application(services, cast.acme)
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    owner.execute(CHANGES[change], (cast.bob.id,))
    answer = client.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json["error"]) == GRANT


def test_a_session_of_somebody_else_is_none(services, app, cast):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    services.sessions.end_all(cast.acme, code.scope, current_too=True)
    cast.ada.sign_in()
    answer = TokenClient(app, cast.acme, notes).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == GRANT
