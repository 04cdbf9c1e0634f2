"""Proof Key for Code Exchange at the token endpoint (RFC 7636, section 4.5; RFC 9700, section 2.1.1)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import VERIFIER, TokenClient, a_code, challenge_of


def redeem(services, app, cast, application, *, verifier, **columns):
    code = a_code(services, cast.bob, application, **columns)
    fields = code.fields | {"code_verifier": verifier}
    return TokenClient(app, cast.acme, application).post({k: v for k, v in fields.items() if v is not None})


@pytest.mark.parametrize("type_", ["web", "spa", "native"])
@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "",
        "another-verifier-of-forty-three-characters-1",
        VERIFIER.upper(),
        VERIFIER + "\n",
        challenge_of(VERIFIER),
        "short",
        "x" * 129,
    ],
)
def test_the_verifier_has_to_be_the_one_that_was_promised(services, app, cast, type_, verifier):
    application = an_application(services, cast.acme, type=type_)
    answer = redeem(services, app, cast, application, verifier=verifier)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_a_short_verifier_is_refused_although_it_fits(services, app, cast):
    application = an_application(services, cast.acme)
    answer = redeem(services, app, cast, application, verifier="short", verifier_digest=challenge_of("short"))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_plain_is_never_what_was_meant(services, app, cast):
    application = an_application(services, cast.acme)
    answer = redeem(services, app, cast, application, verifier=VERIFIER, verifier_digest=VERIFIER)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("type_", ["web", "spa"])
def test_a_verifier_for_a_code_without_challenge_is_a_downgrade(services, app, cast, type_):
    application = an_application(services, cast.acme, type=type_)
    answer = redeem(services, app, cast, application, verifier=VERIFIER, verifier_digest=None)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_a_confidential_client_that_was_let_off_needs_none(services, app, cast):
    application = an_application(services, cast.acme, require_pkce=False)
    answer = redeem(services, app, cast, application, verifier=None, verifier_digest=None)
    assert answer.status_code == 200


@pytest.mark.parametrize("type_", ["web", "spa"])
def test_a_code_without_challenge_is_nothing_to_whoever_has_to_send_one(services, app, cast, type_):
    application = an_application(services, cast.acme, type=type_)
    answer = redeem(services, app, cast, application, verifier=None, verifier_digest=None)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
