"""What was taken back counts nowhere any more: each event against each thing that an application may hold."""

import pytest

from app.auth.errors import InvalidToken
from app.oidc.application_details import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code
from tests.oidc.device_flow import Device, allow
from tests.oidc.exchanging import INVOICES, desk, sam
from tests.oidc.issued import issued
from tests.oidc.managing import Manager
from tests.oidc.programs import Program

__all__ = ["desk", "sam"]


@pytest.fixture
def ada(services, cast):
    return Manager(services, cast.ada)


def test_a_key_that_is_gone_verifies_nothing_although_its_tokens_were_seen_before(services, cast, clock, owner):
    token = issued(services, cast.bob, an_application(services, cast.acme)).access_token
    services.openid.access_tokens.verify(cast.acme, token)
    owner.execute("DELETE FROM signing_keys WHERE tenant_id = %s", (cast.acme.id,))
    clock.forward(seconds=61)
    with pytest.raises(InvalidToken):
        services.openid.access_tokens.verify(cast.acme, token)


def test_nor_does_one_of_our_own_api(services, cast, clock, owner, token):
    services.signer.verify(cast.acme, token)
    owner.execute("DELETE FROM signing_keys WHERE tenant_id = %s", (cast.acme.id,))
    clock.forward(seconds=61)
    with pytest.raises(InvalidToken):
        services.signer.verify(cast.acme, token)


def test_switched_off_and_on_again_no_code_of_before_counts(services, app, cast, ada):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    ada.disable(notes.id)
    ada.enable(notes.id)
    answer = TokenClient(app, cast.acme, notes).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("decided", [True, False])
def test_nor_does_a_device_that_was_allowed_or_waits(services, app, cast, ada, browse, decided):
    grants = (AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE)
    tv = an_application(services, cast.acme, type="native", grant_types=grants)
    device = Device(app, cast.acme, tv)
    device.begin()
    bob = browse(cast.acme)
    bob.sign_in(cast.bob)
    if decided:
        allow(bob, device.codes["user_code"])
    ada.disable(tv.id)
    ada.enable(tv.id)
    if not decided:
        assert bob.post("/device", {"code": device.codes["user_code"]}).status_code == 422
    assert device.poll().json["error"] == "invalid_grant"


def test_ghsa_895x_a_scope_that_was_taken_from_an_application_tells_nothing_any_more(services, app, cast, ada):
    notes = an_application(services, cast.acme)
    program, token = Program(app, cast.acme.origin, notes), issued(services, cast.bob, notes).access_token
    assert program.get("/oauth2/userinfo", token=token).json["email"] == cast.bob.email
    ada.change(notes.id, {"scopes": ("openid", "profile")})
    told = program.get("/oauth2/userinfo", token=token).json
    assert told["sub"] == str(cast.bob.id)
    assert "email" not in told
    assert program.ask("/oauth2/introspect", token=token).json["scope"] == "openid profile"


def test_acting_for_somebody_ends_with_the_grant_by_which_one_acts(services, cast, desk, sam):
    sams = desk.token_of(sam)
    made = desk.got(desk.token_of(cast.bob), actor=sams).json["access_token"]
    onward = desk.got(made, resource=INVOICES).json["access_token"]
    with services.units.begin(cast.acme.id) as unit:
        services.openid.revoking.grant(unit, cast.acme, sams.grant_id, now=services.ports.clock())
    for token in (made, onward):
        with pytest.raises(InvalidToken):
            services.openid.access_tokens.verify(cast.acme, token)


def test_by_which_grant_one_acts_is_told_to_nobody(services, app, cast, desk, sam):
    made = desk.got(desk.token_of(cast.bob), actor=desk.token_of(sam)).json["access_token"]
    onward = desk.got(made, resource=INVOICES).json["access_token"]
    for token in (made, onward):
        told = Program(app, cast.acme.origin, desk.agent).ask("/oauth2/introspect", token=token)
        assert told.json["active"]
        assert "gid" not in told.text


def test_what_one_application_asked_for_by_name_is_not_told_to_another_that_exchanges(services, app, cast, desk):
    claims = {"userinfo": {"email": None}}
    theirs = desk.an_agent("Ours", first_party=True, serves=(cast.acme.origin,))
    token = desk.token_of(cast.bob, application=desk.notes, scopes=("openid",), claims=claims)
    made = desk.got(token, by=theirs).json["access_token"]
    told = Program(app, cast.acme.origin, theirs).get("/oauth2/userinfo", token=made)
    assert told.json == {"sub": str(cast.bob.id)}


@pytest.mark.parametrize("left", [{"scopes": ("openid", "email")}, {"grant_types": (AUTHORIZATION_CODE,)}])
def test_a_refresh_token_that_its_application_may_not_use_any_more_is_not_active(services, app, cast, ada, left):
    notes = an_application(services, cast.acme)
    token = issued(services, cast.bob, notes).refresh_token
    ask = Program(app, cast.acme.origin, notes).ask
    ada.change(notes.id, {"scopes": ("openid", "offline_access")})
    assert ask("/oauth2/introspect", token=token).json["scope"] == "openid offline_access"
    ada.change(notes.id, left)
    assert ask("/oauth2/introspect", token=token).json == {"active": False}
    assert TokenClient(app, cast.acme, notes).refresh(token).status_code == 400


def test_a_token_that_says_very_much_can_be_given_back_too(services, app, cast):
    """CVE-2020-15223: nothing is said to be revoked that is not."""
    scopes = ("openid", *(f"{number:03}:{'x' * 96}" for number in range(99)))
    notes = an_application(services, cast.acme, scopes=scopes)
    program, token = (
        Program(app, cast.acme.origin, notes),
        issued(services, cast.bob, notes, scopes=scopes).access_token,
    )
    assert program.ask("/oauth2/introspect", token=token).json["active"]
    assert program.ask("/oauth2/revoke", token=token).status_code == 200
    assert not program.ask("/oauth2/introspect", token=token).json["active"]
