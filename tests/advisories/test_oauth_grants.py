"""Class I: faults of peers at their token endpoints, each by its id in security.md."""

import time

import pytest

from app import crypto
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code, basic, redeemed
from tests.oidc.signing import a_key, an_assertion, asserting, public_jwk
from tests.waiting import at_once, until

ASK = {"grant_type": "client_credentials"}
API = "https://api.example"


def said(answer):
    return answer.status_code, answer.json["error"]


def switched_off(services, owner, tenant, application):
    owner.execute("UPDATE applications SET disabled_at = now() WHERE id = %s", (application.id,))
    services.openid.clients.changed(tenant.id, application.id)


def test_ghsa_7w99_a_code_is_redeemed_once_in_a_race(services, app, cast):
    page = an_application(services, cast.acme, type="spa")
    code = a_code(services, cast.bob, page)
    answers = at_once(*[lambda: TokenClient(app, cast.acme, page).post(code.fields)] * 16)
    assert [answer.status_code for answer in answers].count(200) == 1


def test_ghsa_392p_parallel_refreshes_make_no_second_line(services, app, cast):
    page = an_application(services, cast.acme, type="spa")
    client, tokens, _ = redeemed(services, app, cast.bob, page)
    answers = at_once(*[lambda: TokenClient(app, cast.acme, page).refresh(tokens["refresh_token"])] * 16)
    children = {answer.json["refresh_token"] for answer in answers}
    assert len(children) == 1
    child = client.refresh(children.pop())
    assert child.status_code == 200
    assert said(client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert said(client.refresh(child.json["refresh_token"])) == (400, "invalid_grant")


def test_ghsa_pw9m_a_disabled_client_refreshes_nothing(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    switched_off(services, owner, cast.acme, notes)
    last = [tokens["refresh_token"]]

    def shut():
        answer = client.refresh(last[0])
        last[0] = answer.json.get("refresh_token", last[0])
        return said(answer) if answer.status_code != 200 else None

    assert until(shut) == (401, "invalid_client")


def test_ghsa_p2fr_a_resource_is_among_those_that_were_authorised(services, app, cast):
    notes = an_application(services, cast.acme, resources=(API, "https://other.example"))
    client = TokenClient(app, cast.acme, notes)
    code = a_code(services, cast.bob, notes, resources=(API,))
    for more in ("https://other.example", cast.acme.origin, [API, "https://other.example"], "*", API + "/"):
        assert said(client.post(code.fields | {"resource": more})) == (400, "invalid_target")
    assert client.post(code.fields | {"resource": API}).status_code == 200


def test_ghsa_3p3g_an_assertion_is_shown_once(services, app, cast):
    key = a_key()
    robot = a_signing_robot(services, cast, key)
    once = asserting(an_assertion(key, cast.acme, robot.client_id))
    client = TokenClient(app, cast.acme)
    assert [client.post(ASK | once).status_code for _ in range(2)] == [200, 401]


def test_cve_2025_2559_an_assertion_lives_five_minutes_at_most(services, app, cast, owner):
    key = a_key()
    robot = a_signing_robot(services, cast, key)
    client = TokenClient(app, cast.acme)
    for seconds in (330, 3600, 86_400 * 365 * 1000):
        far = an_assertion(key, cast.acme, robot.client_id, exp=int(time.time()) + seconds)
        assert said(client.post(ASK | asserting(far))) == (401, "invalid_client")
    kept = owner.execute("SELECT count(*) FROM shown_proofs WHERE tenant_id = %s", (cast.acme.id,)).fetchone()
    assert kept == (0,)


@pytest.mark.parametrize("scope", ["admin", "users:read", "openid", "INVOICES:READ", "invoices:read admin"])
def test_cve_2024_52287_scopes_are_limited_for_machines(services, app, cast, scope):
    robot = an_application(services, cast.acme, type="machine", scopes=("invoices:read",))
    assert said(TokenClient(app, cast.acme, robot).post(ASK | {"scope": scope})) == (400, "invalid_scope")


def test_dot_1617_the_grace_revives_no_old_generation(services, app, cast):
    client, first, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    second = client.refresh(first["refresh_token"]).json
    third = client.refresh(second["refresh_token"]).json
    assert said(client.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert said(client.refresh(third["refresh_token"])) == (400, "invalid_grant")


def test_cve_2026_4282_what_is_made_for_one_purpose_is_no_code(services, app, cast, letters):
    notes = an_application(services, cast.acme)
    client = TokenClient(app, cast.acme, notes)
    _, tokens, _ = redeemed(services, app, cast.bob, notes)
    own = cast.bob.sign_in()
    for other in (
        tokens["access_token"],
        tokens["refresh_token"],
        tokens["id_token"],
        notes.secret,
        own.tokens.access_token,
        own.tokens.refresh_token,
        cast.bob.sign_in(tokens=False).cookie,
        crypto.mint(),
    ):
        fields = {"grant_type": "authorization_code", "code": other, "redirect_uri": "https://notes.example/cb"}
        assert said(client.post(fields)) == (400, "invalid_grant")
        if other != tokens["refresh_token"]:
            assert said(client.refresh(other)) == (400, "invalid_grant")


@pytest.mark.parametrize("header", ["Bearer", "Bearer  ", "Basic %%%", "Basic", "\x7f", "Basic \t", "Digest a=b"])
def test_ghsa_xmf8_a_malformed_header_is_401_and_not_500(app, cast, header):
    answer = TokenClient(app, cast.acme).post(ASK, headers={"Authorization": header})
    assert said(answer) == (401, "invalid_client")


def test_no_client_of_another_tenant_gets_anything_here(services, app, cast):
    theirs = an_application(services, cast.globex, type="machine")
    answer = TokenClient(app, cast.acme).post(ASK, headers={"Authorization": basic(theirs.client_id, theirs.secret)})
    assert said(answer) == (401, "invalid_client")


def a_signing_robot(services, cast, key):
    return an_application(
        services,
        cast.acme,
        type="machine",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [public_jwk(key)]},
    )
