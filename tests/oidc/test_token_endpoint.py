"""The token endpoint as HTTP (RFC 6749, sections 3.2 and 5.2)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code

ASK = {"grant_type": "client_credentials"}


@pytest.fixture
def client(services, app, cast):
    return TokenClient(app, cast.acme, an_application(services, cast.acme, type="machine"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_nothing_but_post(app, cast, method):
    answer = app.test_client().open("/oauth2/token", method=method, base_url=cast.acme.origin)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "grant_type",
    [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        'made up "<script>',
        "Authorization_Code",
        "é",
    ],
)
def test_grants_that_we_do_not_have_are_named_as_such(client, grant_type):
    answer = client.post({"grant_type": grant_type, "username": "a", "password": "b"})
    assert (answer.status_code, answer.json) == (400, {"error": "unsupported_grant_type"})


@pytest.mark.parametrize("fields", [{}, {"grant_type": ""}, {"code": "x"}])
def test_a_request_without_grant_type_is_malformed(client, fields):
    answer = client.post(fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "scope", "unheard_of"]
)
def test_a_parameter_sent_twice_is_refused(services, app, cast, name):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    client = TokenClient(app, cast.acme, notes)
    fields = code.fields | {name: [code.fields.get(name, "x")] * 2}
    answer = client.post(fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert client.post(code.fields).status_code == 200


def test_only_forms_are_read(app, cast):
    http = app.test_client()
    for sent in ({"json": ASK}, {"data": "grant_type=password", "content_type": "text/plain"}):
        answer = http.post("/oauth2/token", base_url=cast.acme.origin, **sent)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_nothing_counts_that_stands_in_the_address(services, app, cast, client):
    robot = client.application
    http = app.test_client()
    query = f"client_id={robot.client_id}&client_secret={robot.secret}&grant_type=client_credentials"
    answer = http.post(f"/oauth2/token?{query}", data=ASK, base_url=cast.acme.origin)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_pages_of_registered_applications_may_read_the_answer_and_others_may_not(services, app, cast):
    page = an_application(services, cast.acme, type="spa")
    client = TokenClient(app, cast.acme, page)
    answer = client.post(a_code(services, cast.bob, page).fields, headers={"Origin": "https://notes.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://notes.example"
    answer = client.post(a_code(services, cast.bob, page).fields, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_cookies_change_nothing(services, app, cast):
    notes = an_application(services, cast.acme)
    browser = app.test_client()
    browser.set_cookie("portico_session", cast.bob.sign_in(tokens=False).cookie or "x", domain="acme.test")
    answer = browser.post("/oauth2/token", data=a_code(services, cast.bob, notes).fields, base_url=cast.acme.origin)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
