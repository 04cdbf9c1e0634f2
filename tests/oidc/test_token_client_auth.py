"""Clients that show a secret, or only their name (RFC 6749, section 2.3)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code, basic
from tests.waiting import until

ASK = {"grant_type": "client_credentials"}


def refused(answer):
    """And it is told what to come with, whatever it has tried (RFC 9110, section 15.5.2)."""
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture
def client(app, cast):
    return TokenClient(app, cast.acme)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_client_with_a_secret_gets_in_however_it_sends_it_and_not_without(services, client, cast, method):
    robot = an_application(
        services, cast.acme, type="machine", scopes=("invoices:read",), token_endpoint_auth_method=method
    )
    in_form = ASK | {"client_id": robot.client_id, "client_secret": robot.secret}
    by_basic, by_post = (
        client.post(ASK, headers={"Authorization": basic(robot.client_id, robot.secret)}),
        client.post(in_form),
    )
    assert [by_basic.status_code, by_post.status_code] == [200, 200]
    refused(client.post(ASK | {"client_id": robot.client_id}))


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic Zm9v",  # no colon
        "Basic OnNlY3JldA==",  # no name
        "Basic " + "A" * 4000,
        "Basic /////w==",  # no UTF-8
        "Basic JWZmOmE=",  # %ff:a
        "Bearer",
        "Bearer x",
        "DPoP x",
        "nonsense",
        "basic  Zm9vOmJhcg==",
    ],
)
def test_a_header_that_cannot_be_read_is_a_failure_to_authenticate(client, header):
    refused(client.post(ASK, headers={"Authorization": header}))


def test_both_parts_of_basic_are_form_encoded(services, client, cast):
    robot = an_application(services, cast.acme, type="machine")
    encoded = robot.client_id.replace("-", "%2D"), robot.secret.replace("_", "%5F").replace("-", "%2d")
    assert client.post(ASK, headers={"Authorization": basic(*encoded)}).status_code == 200
    assert client.post(ASK, headers={"Authorization": basic(*encoded).replace("Basic", "bAsIc")}).status_code == 200


def test_two_methods_at_once_are_one_too_many(services, client, cast):
    robot = an_application(services, cast.acme, type="machine")
    header = {"Authorization": basic(robot.client_id, robot.secret)}
    both = ASK | {"client_id": robot.client_id, "client_secret": robot.secret}
    with_assertion = {"client_assertion": "a.b.c", "client_assertion_type": "x"}
    for answer in (
        client.post(both, headers=header),
        client.post(ASK | with_assertion, headers=header),
        client.post(both | with_assertion),
        client.post(ASK | {"client_id": "another"}, headers=header),
    ):
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert client.post(ASK | {"client_id": robot.client_id}, headers=header).status_code == 200


def test_strangers_read_like_a_wrong_secret(services, client, cast, owner):
    robot, theirs = (an_application(services, tenant, type="machine") for tenant in (cast.acme, cast.globex))
    off = an_application(services, cast.acme, type="machine", name="Off")
    owner.execute("UPDATE applications SET disabled_at = now() WHERE id = %s", (off.id,))
    services.openid.clients.changed(cast.acme.id, off.id)
    texts = {
        client.post(ASK, headers={"Authorization": basic(name, secret)}).text
        for name, secret in (
            (robot.client_id, "wrong"),
            (robot.client_id, robot.secret + "x"),
            (robot.client_id.upper(), robot.secret),
            (theirs.client_id, theirs.secret),
            (off.client_id, off.secret),
            ("unknown", "x"),
            (str(cast.bob.id), "x"),
        )
    }
    assert len(texts) == 1
    refused(client.post(ASK))


def test_two_secrets_count_and_an_expired_one_does_not(services, app, cast, owner, clock):
    robot = an_application(services, cast.acme, type="machine")
    ada = cast.ada.scope(cast.ada.sign_in())
    added = services.openid.applications.add_secret(cast.acme, ada, robot.id, overlap_hours=1)
    client = TokenClient(app, cast.acme)
    tries = [{"Authorization": basic(robot.client_id, secret)} for secret in (robot.secret, added.client_secret)]
    assert until(lambda: all(client.post(ASK, headers=header).status_code == 200 for header in tries))
    clock.forward(hours=1, seconds=1)
    assert [client.post(ASK, headers=header).status_code for header in tries] == [401, 200]


def test_when_a_secret_was_last_used_is_written_down_once_a_minute(services, client, cast, owner):
    robot = an_application(services, cast.acme, type="machine")

    def last_used():
        found = "SELECT last_used_at FROM application_secrets WHERE application_id = %s"
        return owner.execute(found, (robot.id,)).fetchone()[0]

    header = {"Authorization": basic(robot.client_id, robot.secret)}
    assert last_used() is None
    client.post(ASK, headers=header)
    first = last_used()
    assert first is not None
    client.post(ASK, headers=header)
    assert last_used() == first


def test_a_failure_leaves_a_mark_without_the_secret(services, client, cast, owner):
    robot = an_application(services, cast.acme, type="machine")
    client.post(ASK, headers={"Authorization": basic(robot.client_id, "pcs_guessed")})
    rows = owner.execute(
        "SELECT actor_kind, actor_id, outcome, details::text FROM audit_events WHERE tenant_id = %s AND event = %s",
        (cast.acme.id, "login.failed"),
    ).fetchall()
    assert [(kind, id_, outcome) for kind, id_, outcome, _ in rows] == [("application", robot.id, "refused")]
    assert "wrong secret" in rows[0][3]
    assert "pcs_" not in rows[0][3]


def test_a_public_client_only_names_itself(services, app, cast):
    page = an_application(services, cast.acme, type="spa")
    client = TokenClient(app, cast.acme)
    fields = a_code(services, cast.bob, page).fields | {"client_id": page.client_id}
    refused(client.post(fields | {"client_secret": "x"}))
    refused(client.post(fields, headers={"Authorization": basic(page.client_id, "x")}))
    assert client.post(fields | {"client_secret": ""}).status_code == 200


def test_a_confidential_client_has_to_prove_itself_to_redeem_and_to_refresh(services, app, cast):
    notes = an_application(services, cast.acme)
    code, client, nobody = (
        a_code(services, cast.bob, notes),
        TokenClient(app, cast.acme, notes),
        TokenClient(app, cast.acme),
    )
    refused(nobody.post(code.fields | {"client_id": notes.client_id}))
    tokens = client.post(code.fields).json
    refused(nobody.refresh(tokens["refresh_token"], client_id=notes.client_id))
    refused(nobody.refresh(tokens["refresh_token"]))
