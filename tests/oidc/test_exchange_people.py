"""Acting for somebody (RFC 8693, section 1.1; security.md, 2c): who may, for whom, and what is written down."""

import pytest

from app.storage import audit
from app.users.activity import DONE, REFUSED
from tests.oidc.exchanging import desk, sam
from tests.oidc.programs import Program
from tests.oidc.telling import said

__all__ = ["desk", "sam"]


def trail(services, tenant, event="impersonation.started"):
    with services.units.read(tenant.id) as db:
        return [row for row in audit.newest(db, tenant_id=tenant.id, most=200) if row.event == event]


def test_the_token_is_the_subjects_and_names_who_acts(services, cast, desk, sam, app):
    sams = desk.token_of(sam)
    got = desk.got(desk.token_of(cast.bob), actor=sams, scope="openid roles")
    assert (got.claims["sub"], got.claims["roles"]) == (str(cast.bob.id), ["member"])
    assert got.claims["act"] == {
        "sub": str(sam.id),
        "sid": str(sams.scope.session_id),
        "gid": str(sams.grant_id),
        "client_id": desk.agent.client_id,
    }
    told = Program(app, cast.acme.origin, desk.agent).ask("/oauth2/introspect", token=got.json["access_token"]).json
    assert told["act"]["sub"] == str(sam.id)
    assert "refresh_token" not in got.json
    assert "id_token" not in got.json


def test_it_is_written_down_on_both_accounts_and_the_subject_is_told(services, cast, desk, sam, letters):
    desk.got(desk.token_of(cast.bob), actor=desk.token_of(sam))
    rows = trail(services, cast.acme)
    assert {row.subject_id for row in rows} == {cast.bob.id, sam.id}
    assert {row.actor_id for row in rows} == {sam.id}
    assert {row.details["acted_for"] for row in rows} == {str(cast.bob.id)}
    bobs, sams = (
        services.activity.entries(person.scope(person.sign_in()), after=None, limit=50)[0] for person in (cast.bob, sam)
    )
    (entry,) = [one for one in bobs if one.event == "impersonation.started"]
    assert (entry.title, entry.ip, entry.note) == ("Someone acted as you in an application", None, "Agent.")
    assert [one.title for one in sams if one.event == "impersonation.started"] == [
        "You acted for somebody else in an application"
    ]
    assert any("acted as you" in mail.text for mail in letters.deliver() if mail.to == cast.bob.email)


@pytest.mark.parametrize("role", ["member", "admin", "owner"])
def test_an_application_alone_is_written_down_too(services, cast, desk, role):
    person = cast.person(cast.acme, f"{role}@acme.example", role=role)
    desk.got(desk.token_of(person))
    (row,) = trail(services, cast.acme, "token.exchanged")
    assert (row.subject_id, row.actor_id, row.actor_kind) == (person.id, desk.agent.id, "application")
    assert trail(services, cast.acme) == []


def test_who_may_not_impersonate_does_not(services, cast, desk):
    eve = cast.person(cast.acme, "eve@acme.example")
    assert desk.refused(desk.token_of(cast.bob), actor=desk.token_of(eve)) == "invalid_request"
    rows = trail(services, cast.acme)
    assert {(row.subject_id, row.outcome) for row in rows} == {(cast.bob.id, "refused"), (eve.id, "refused")}
    assert {row.details["reason"] for row in rows} == {"lacks users:impersonate"}
    assert DONE.keys() & {row.event for row in rows} == REFUSED.keys() & {row.event for row in rows}


def test_what_counts_is_what_they_may_now(services, cast, desk, sam, owner):
    sams = desk.token_of(sam)
    assert desk.got(desk.token_of(cast.bob), actor=sams)
    owner.execute("DELETE FROM role_assignments WHERE user_id = %s", [sam.id])
    assert desk.refused(desk.token_of(cast.bob), actor=sams) == "invalid_request"


def test_nobody_acts_for_themselves(desk, sam):
    assert desk.refused(desk.token_of(sam), actor=desk.token_of(sam)) == "invalid_request"


def test_whoever_acts_for_somebody_already_does_not_act_for_another(cast, desk, sam):
    acting = desk.got(desk.token_of(cast.bob), actor=desk.token_of(sam)).json["access_token"]
    carol = cast.person(cast.acme, "carol@acme.example")
    assert desk.refused(desk.token_of(carol), actor=acting) == "invalid_request"
    assert desk.refused(acting, actor=desk.token_of(sam)) == "invalid_request"
    delegated = desk.got(desk.token_of(sam)).json["access_token"]
    assert desk.refused(desk.token_of(carol), actor=delegated) == "invalid_request"


def test_an_actors_token_has_to_be_in_force_and_the_clients_to_show(services, cast, desk, sam):
    foreign = desk.token_of(sam, application=desk.notes)
    assert desk.refused(desk.token_of(cast.bob), actor=foreign) == "invalid_request"
    sams = desk.token_of(sam)
    services.sessions.logout(cast.acme, sams.scope)
    assert desk.refused(desk.token_of(cast.bob), actor=sams) == "invalid_request"


@pytest.mark.parametrize(("named", "error"), [("sam", None), ("other", "invalid_request")])
def test_whom_the_subjects_token_names_may_act_and_nobody_else(services, cast, desk, sam, named, error):
    """``may_act`` (section 4.4): we put it into no token, and honour it in each."""
    claims = said(desk.token_of(cast.bob).access_token)
    claims["may_act"] = {"sub": str(sam.id) if named == "sam" else str(cast.ada.id)}
    token = services.key_ring.sign(cast.acme, claims, algorithm="RS256", kind="at+jwt")
    answer = desk.ask(token, actor=desk.token_of(sam))
    assert answer.json.get("error") == error
    assert desk.refused(token) == "invalid_request"
