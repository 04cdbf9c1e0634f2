"""The API, from registering to signing out."""

import pytest

NEW = {"email": "Zoe@Example.com", "password": "three uncommon gherkins", "name": "Zoe"}
SHAPE = {"id", "email", "email_verified", "name", "roles", "status", "created_at", "last_sign_in_at"}


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


def test_registering_answers_202_with_a_challenge_and_mails_a_link(acme, letters):
    answer = acme.post("/auth/register", NEW)
    assert answer.status_code == 202
    assert answer.json.keys() == {"status", "challenge"}
    assert answer.json["status"] == "verification_sent"
    assert letters.token_to("Zoe@Example.com")


def test_the_link_with_its_challenge_verifies_and_then_one_may_sign_in(acme, letters):
    challenge = acme.post("/auth/register", NEW).json["challenge"]
    early = acme.post("/auth/login", {"email": NEW["email"], "password": NEW["password"]})
    assert (early.status_code, early.json["code"]) == (403, "email_not_verified")
    token = letters.token_to("Zoe@Example.com")
    answer = acme.post("/auth/verify-email", {"token": token, "challenge": challenge})
    assert (answer.status_code, answer.data) == (204, b"")
    signed_in = acme.post("/auth/login", {"email": "zoe@example.COM", "password": NEW["password"]})
    assert signed_in.status_code == 200
    assert signed_in.json["user"]["roles"] == ["member"]
    again = acme.post("/auth/verify-email", {"token": token, "challenge": challenge})
    assert (again.status_code, again.json["code"]) == (410, "link_expired")


def test_without_the_challenge_the_link_asks_for_a_password(acme, letters):
    acme.post("/auth/register", NEW)
    token = letters.token_to("Zoe@Example.com")
    answer = acme.post("/auth/verify-email", {"token": token})
    assert (answer.status_code, answer.json["code"]) == (422, "password_required")
    assert answer.json["errors"][0]["pointer"] == "/new_password"
    weak = acme.post("/auth/verify-email", {"token": token, "new_password": "password1"})
    assert (weak.status_code, weak.json["code"]) == (422, "invalid_input")
    assert acme.post("/auth/verify-email", {"token": token, "new_password": NEW["password"]}).status_code == 204


def test_asking_for_another_link_answers_202_for_anybody(acme, cast, letters):
    acme.post("/auth/register", NEW)
    letters.deliver().clear()
    for email in (NEW["email"], "nobody@example.com", cast.ada.email):
        answer = acme.post("/auth/verification-emails", {"email": email})
        assert (answer.status_code, answer.data) == (202, b"")
    assert [mail.to for mail in letters.deliver()] == ["Zoe@Example.com"]


def test_signing_in_answers_tokens_and_the_user(acme, cast):
    answer = acme.login(cast.ada)
    assert answer.status_code == 200
    body = answer.json
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["refresh_token"].startswith("prt_")
    assert body["user"].keys() == SHAPE
    assert body["user"] | {"created_at": 0, "last_sign_in_at": 0} == {
        "id": str(cast.ada.id),
        "email": "ada@acme.example",
        "email_verified": True,
        "name": "Ada",
        "roles": ["owner"],
        "status": "active",
        "created_at": 0,
        "last_sign_in_at": 0,
    }
    assert body["user"]["created_at"].endswith("Z")


def test_me_is_who_the_token_says_and_can_be_renamed(acme, cast):
    token = acme.tokens(cast.ada)["access_token"]
    assert acme.get("/me", token=token).json.keys() == SHAPE | {"profile"}
    renamed = acme.call("PATCH", "/me", token=token, json={"name": "Ada  Lovelace"})
    assert (renamed.status_code, renamed.json["name"]) == (200, "Ada Lovelace")
    assert acme.get("/me", token=token).json["name"] == "Ada Lovelace"


def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(acme, cast):
    mine, other, third = (acme.tokens(cast.ada) for _ in range(3))
    token = mine["access_token"]
    listed = acme.get("/me/sessions", token=token).json
    assert listed["next_cursor"] is None
    assert [session["current"] for session in listed["data"]] == [True, False, False]
    assert acme.call("DELETE", f"/me/sessions/{other['session_id']}", token=token).status_code == 204
    assert acme.get("/me", token=other["access_token"]).status_code == 401
    assert acme.call("DELETE", "/me/sessions", token=token).status_code == 204
    assert acme.post("/auth/refresh", {"refresh_token": third["refresh_token"]}).status_code == 401
    assert acme.get("/me", token=token).status_code == 200
    assert acme.call("DELETE", "/me/sessions?current=true", token=token).status_code == 204
    assert acme.get("/me", token=token).status_code == 401


def test_refreshing_answers_a_new_pair_of_the_same_session(acme, cast):
    first = acme.tokens(cast.ada)
    second = acme.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    assert second.json.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "session_id"}
    assert second.json["session_id"] == first["session_id"]
    assert acme.get("/me", token=second.json["access_token"]).status_code == 200


def test_a_token_may_introspect_itself_and_no_other(acme, cast):
    tokens, other = acme.tokens(cast.ada), acme.tokens(cast.bob)
    token = tokens["access_token"]
    said = acme.post("/auth/introspect", {"token": token}, token=token).json
    assert said["active"] is True
    assert (said["sub"], said["iss"], said["tid"]) == (str(cast.ada.id), cast.acme.origin, str(cast.acme.id))
    assert acme.post("/auth/introspect", {"token": other["access_token"]}, token=token).status_code == 403
    assert acme.post("/auth/introspect", {"token": token}).status_code == 401
    acme.post("/auth/logout", token=token)
    assert acme.post("/auth/introspect", {"token": token}, token=token).json == {"active": False}


def test_logout_refuses_cookie_access_and_refresh_token_from_then_on(acme, cast):
    tokens = acme.tokens(cast.ada)
    answer = acme.post("/auth/logout", token=tokens["access_token"])
    assert (answer.status_code, answer.data) == (204, b"")
    refused = acme.get("/me", token=tokens["access_token"])
    assert (refused.status_code, refused.json["code"]) == (401, "invalid_token")
    gone = acme.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (gone.status_code, gone.json["code"]) == (401, "invalid_refresh_token")


def test_where_verification_is_off_registering_signs_in_or_says_taken(cast, call):
    open_house = call(cast.found(f"open-{cast.acme.slug}", "Open", email_verification_required=False))
    answer = open_house.post("/auth/register", NEW)
    assert answer.status_code == 201
    assert open_house.get("/me", token=answer.json["access_token"]).json["email_verified"] is False
    taken = open_house.post("/auth/register", NEW)
    assert (taken.status_code, taken.json["code"]) == (409, "email_taken")
