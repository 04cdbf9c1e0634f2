"""A key is its caller's alone, and opens nothing that they may not do now."""

from dataclasses import replace

from app.idempotency.service import Answer, Claim
from app.ids import uuid7
from tests.idempotency.conftest import APP

REPLAYED = "Idempotency-Replayed"


def test_mallory_and_bob_have_the_same_key_for_themselves(send, call, cast, acme):
    globex = call(cast.globex)
    callers = [(acme, None), (acme, acme.tokens(cast.bob)), (globex, globex.tokens(cast.mallory))]
    answers = [
        send("/me/second-factors", {}, client=client, token=tokens and tokens["access_token"])
        for client, tokens in callers
    ]
    assert [(answer.status_code, REPLAYED in answer.headers) for answer in answers] == [(201, False)] * 3
    assert len({answer.json["id"] for answer in answers}) == 3


def test_a_key_of_acme_means_nothing_at_globex(send, call, cast, names, token):
    made = send("/applications", APP)
    globex = call(cast.globex)
    assert send("/applications", APP, client=globex, token=token).status_code == 401
    theirs = send("/applications", APP, client=globex, token=globex.tokens(cast.mallory)["access_token"])
    assert (theirs.status_code, REPLAYED in theirs.headers) == (201, False)
    assert theirs.json["id"] != made.json["id"]
    assert (len(names()), len(names(cast.globex))) == (1, 1)


def test_it_is_the_persons_in_whichever_session_and_nobodys_without_one(send, acme, cast, token):
    made = send("/applications", APP)
    again = send("/applications", APP, token=acme.tokens(cast.ada)["access_token"])
    assert (again.json["id"], again.headers[REPLAYED]) == (made.json["id"], "true")
    assert acme.post("/auth/logout", token=token).status_code == 204
    assert send("/applications", APP).status_code == 401
    assert acme.post("/applications", APP, headers={"Idempotency-Key": "a"}).status_code == 401


def test_whoever_may_not_do_it_any_more_is_not_shown_what_they_did(send, cast, owner):
    send("/applications", APP)
    owner.execute("DELETE FROM role_assignments WHERE user_id = %s", [cast.ada.id])
    refused = send("/applications", APP)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_whoever_may_not_do_it_at_all_claims_nothing(send, acme, cast, owner):
    refused = send("/applications", APP, token=acme.tokens(cast.bob)["access_token"])
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    claimed = owner.execute("SELECT count(*) FROM idempotent_requests WHERE tenant_id = %s", [cast.acme.id])
    assert claimed.fetchone() == (0,)


def test_whoever_acts_for_ada_has_keys_of_their_own(services, claim, scope):
    first = claim()
    with services.idempotency.carrying_out(first):
        services.profiles.change(scope, name="Ada L.")
    services.idempotency.keep(first, Answer(status=201, body=b"{}"))
    assert isinstance(claim(), Answer)
    assert isinstance(claim(scope=replace(scope, impersonator_id=uuid7())), Claim)
