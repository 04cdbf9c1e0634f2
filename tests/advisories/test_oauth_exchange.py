"""Token exchange as others got it wrong (security.md, 2c and 4 H, J)."""

import pytest

from tests.oidc.exchanging import INVOICES, Desk, desk, sam, text
from tests.oidc.programs import Program
from tests.oidc.telling import said

__all__ = ["desk", "sam"]


@pytest.fixture
def elsewhere(services, app, cast):
    return Desk(services, app, cast.globex)


def test_cve_2026_9094_tokens_of_another_tenant_are_not_exchanged(cast, desk, elsewhere, sam):
    """Casdoor: an organisation's client traded the tokens of another's."""
    hers = elsewhere.token_of(cast.mallory)
    assert desk.refused(hers) == "invalid_request"
    assert desk.refused(desk.token_of(cast.bob), actor=hers) == "invalid_request"
    assert elsewhere.refused(desk.token_of(cast.bob), actor=hers) == "invalid_request"
    answer = elsewhere.ask(desk.token_of(cast.bob), by=desk.agent)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_cve_2026_9094_nor_one_that_says_it_is_ours(services, cast, desk, elsewhere):
    """Signed with a key of the other tenant's, with everything else as ours has it."""
    claims = said(desk.token_of(cast.ada).access_token)
    assert (
        desk.refused(services.key_ring.sign(cast.globex, claims, algorithm="RS256", kind="at+jwt")) == "invalid_request"
    )


def test_cve_2026_9097_a_token_that_was_revoked_is_not_exchanged(services, cast, desk, sam):
    """Casdoor: well signed was good enough."""
    for end in (
        lambda token: services.sessions.logout(cast.acme, token.scope),
        lambda token: desk_revokes(desk, token),
        lambda token: services.users.disable(cast.acme, email=cast.bob.email),
    ):
        token = desk.token_of(cast.bob)
        assert desk.got(token)
        end(token)
        assert desk.refused(token) == "invalid_request"
        assert desk.refused(token, actor=desk.token_of(sam)) == "invalid_request"


def desk_revokes(desk, token):
    answer = Program(desk.app, desk.tenant.origin, desk.agent).ask("/oauth2/revoke", token=text(token))
    assert answer.status_code == 200


def test_cve_2026_9097_nor_one_that_has_expired(cast, desk, clock):
    token = desk.token_of(cast.bob)
    clock.forward(minutes=16)
    assert desk.refused(token) == "invalid_request"


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_cve_2026_17526_nobody_acts_for_somebody_stronger(cast, desk, sam, role):
    """Keycloak: whoever might impersonate anybody might impersonate an administrator."""
    strong = cast.person(cast.acme, f"{role}@acme.example", role=role)
    assert desk.refused(desk.token_of(strong), actor=desk.token_of(sam)) == "invalid_request"


def test_cve_2026_17526_nor_an_owner_without_being_one(cast, desk):
    admin = cast.person(cast.acme, "alma@acme.example", role="admin")
    assert desk.refused(desk.token_of(cast.ada), actor=desk.token_of(admin)) == "invalid_request"
    olga = cast.person(cast.acme, "olga@acme.example", role="owner")
    assert desk.got(desk.token_of(cast.ada), actor=desk.token_of(olga))


def test_what_counts_is_the_subjects_power_now(services, cast, desk, sam, owner):
    token = desk.token_of(cast.bob)
    query = (
        "INSERT INTO role_assignments (tenant_id, user_id, role_id, granted_at)"
        " SELECT tenant_id, %s, id, now() FROM roles WHERE tenant_id = %s AND name = 'admin'"
    )
    owner.execute(query, [cast.bob.id, cast.acme.id])
    assert desk.refused(token, actor=desk.token_of(sam)) == "invalid_request"


def test_a_strangers_application_does_not_trade_what_it_picked_up(cast, desk):
    """Neither issued to it nor for it: whoever finds a token cannot make it theirs."""
    stranger = desk.an_agent("Stranger", serves=())
    token = desk.token_of(cast.bob, application=desk.notes, resources=(INVOICES,))
    assert desk.refused(token, by=stranger) == "invalid_request"
    assert desk.got(token)


def test_nothing_that_lasts_comes_of_it(services, cast, desk, sam):
    answer = desk.got(desk.token_of(cast.bob), actor=desk.token_of(sam)).json
    assert not {"refresh_token", "id_token"} & answer.keys()
    assert answer["expires_in"] <= 1800


def test_a_parameter_that_is_sent_twice_is_refused(cast, desk):
    token = text(desk.token_of(cast.bob))
    for name in ("subject_token", "actor_token", "scope", "requested_token_type"):
        answer = desk.ask(token, **{name: [token, token]})
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
