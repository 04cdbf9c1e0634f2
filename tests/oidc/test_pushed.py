"""Requests that are pushed ahead (RFC 9126)."""

import threading

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.relying import RelyingApp, back_of, settle

PREFIX = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
def pusher(services, cast, app):
    """An application that pushes: (it, how it sends its requests ahead)."""

    def pusher(**more):
        relying = RelyingApp(an_application(services, cast.acme, **{"first_party": True, **more}))
        return relying, TokenClient(app, cast.acme, relying.application)

    return pusher


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def push(pusher, **more):
    relying, http = pusher
    return http.post(relying.parameters(**more), path="/oauth2/par")


def go(browser, application, request_uri, **more):
    sent = {"client_id": application.client_id, "request_uri": request_uri, **more}
    return browser.get("/oauth2/authorize", query_string=sent)


def test_a_pushed_request_is_named_and_gone_to_once(pusher, bobs):
    made = pusher()
    answer = push(made)
    assert answer.status_code == 201
    assert answer.json.keys() == {"request_uri", "expires_in"}
    assert answer.json["expires_in"] == 60
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.json["request_uri"]) == len(PREFIX) + 43
    back = back_of(go(bobs, made[0].application, answer.json["request_uri"]))
    assert (back.address, back.parameters["state"]) == (made[0].redirect_uri, made[0].state)
    assert back.code
    again = go(bobs, made[0].application, answer.json["request_uri"])
    assert (again.status_code, again.location) == (400, None)
    assert "invalid_request_uri" in again.text
    assert "Please start again" in again.text


def test_what_stands_beside_it_does_not_count(pusher, bobs):
    made = pusher()
    name = push(made, state="pushed").json["request_uri"]
    back = back_of(go(bobs, made[0].application, name, state="other", redirect_uri="https://evil.example/", scope="x"))
    assert back.parameters["state"] == "pushed"
    assert back.address == made[0].redirect_uri


def test_it_leads_through_the_sign_in_too(pusher, browse, cast):
    made = pusher()
    browser = browse(cast.acme)
    met = settle(browser, go(browser, made[0].application, push(made).json["request_uri"]))
    assert met.request.path == "/login"


def test_it_expires_after_a_minute(pusher, bobs, clock):
    made = pusher()
    name = push(made).json["request_uri"]
    clock.forward(seconds=61)
    assert go(bobs, made[0].application, name).status_code == 400


def test_it_is_its_clients_alone(pusher, bobs):
    made, other = pusher(), pusher(name="Other")
    name = push(made).json["request_uri"]
    assert go(bobs, other[0].application, name).status_code == 400
    assert back_of(go(bobs, made[0].application, name)).code


def test_of_many_who_go_there_at_once_one_arrives(pusher, services, cast):
    made = pusher()
    name = push(made).json["request_uri"]
    barrier, found = threading.Barrier(8), []

    def take():
        barrier.wait()
        found.append(services.openid.pushed_requests.take(cast.acme, made[0].application.client, name))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in found) == 1


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
        ({"scope": "openid nonsense"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"state": ["a", "b"]}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_what_the_front_door_refuses_is_refused_here_as_json(pusher, more, error):
    answer = push(pusher(), **more)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert answer.location is None


def test_the_client_has_to_prove_itself(pusher, app, cast):
    relying, _ = pusher()
    nobody = TokenClient(app, cast.acme)
    assert nobody.post(relying.parameters(), path="/oauth2/par").status_code == 401
    wrong = {"client_secret": "pcs_wrong"}
    assert nobody.post(relying.parameters() | wrong, path="/oauth2/par").status_code == 401


def test_nobody_pushes_in_the_name_of_another(pusher):
    made, other = pusher(), pusher(name="Other")
    answer = push(made, client_id=other[0].application.client_id)
    assert answer.status_code in {400, 401}
    assert "request_uri" not in answer.json


def test_a_public_client_may_push_too(pusher, bobs):
    made = pusher(type="spa")
    assert back_of(go(bobs, made[0].application, push(made).json["request_uri"])).code


def test_who_has_to_push_does_not_come_in_otherwise(pusher, bobs):
    made = pusher(require_pushed_authorization_requests=True)
    assert back_of(made[0].ask(bobs)).error == "invalid_request"
    assert back_of(go(bobs, made[0].application, push(made).json["request_uri"])).code


def test_it_is_asked_for_by_post_alone(pusher, browse, cast):
    assert browse(cast.acme).get("/oauth2/par").status_code == 405
