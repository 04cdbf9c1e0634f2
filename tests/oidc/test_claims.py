"""What is told of a person, by scope and by name, with the right JSON types (OpenID Connect Core, section 5)."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from app.ids import uuid7
from app.oidc.claims import BY_SCOPE, CLAIMS, claims_for, may_ask
from app.oidc.clients import Client
from app.oidc.people import Person

PROFILE = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "middle_name": "King",
    "nickname": "Countess",
    "preferred_username": "ada",
    "profile": "https://ada.example/me",
    "picture": "https://ada.example/me.png",
    "website": "https://ada.example",
    "gender": "female",
    "birthdate": "1815-12-10",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+442079460018",
    "address": {"locality": "London", "country": "United Kingdom"},
}
ADA = Person(
    id=uuid7(),
    email="ada@acme.example",
    email_verified=True,
    name="Ada Lovelace",
    profile=PROFILE,
    roles=("member", "owner"),
    updated_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
)


@pytest.mark.parametrize("scope", BY_SCOPE)
def test_each_scope_tells_its_claims_and_no_others(scope):
    assert claims_for(ADA, scopes=["openid", scope], requested={}).keys() == set(BY_SCOPE[scope])


def test_openid_alone_tells_nothing_of_a_person():
    assert claims_for(ADA, scopes=["openid", "offline_access", "invoices:read"], requested={}) == {}


def test_types_are_those_of_the_specification():
    said = claims_for(ADA, scopes=BY_SCOPE, requested={})
    assert said["address"] == {"locality": "London", "country": "United Kingdom"}
    assert (said["email_verified"], said["phone_number_verified"]) == (True, False)
    assert said["updated_at"] == 1795608000
    assert said["roles"] == ["member", "owner"]
    texts = set(said) - {"address", "email_verified", "phone_number_verified", "updated_at", "roles"}
    assert all(isinstance(said[name], str) for name in texts)


def test_what_somebody_has_not_said_is_left_out():
    said = claims_for(replace(ADA, name="", profile={"nickname": ""}), scopes=BY_SCOPE, requested=dict.fromkeys(CLAIMS))
    assert said.keys() == {"email", "email_verified", "updated_at", "roles"}


def test_a_claim_may_be_asked_for_by_name_and_what_is_unknown_is_not_there():
    wishes = {"email": {"essential": True}, "nickname": None, "shoe_size": None, "password_hash": None, "sub": None}
    assert claims_for(ADA, scopes=["openid"], requested=wishes) == {"email": ADA.email, "nickname": "Countess"}


def test_what_an_application_expects_changes_nothing():
    assert claims_for(ADA, scopes=[], requested={"email": {"value": "x@y.example"}}) == {"email": ADA.email}


def test_nothing_that_rests_in_a_profile_by_another_name_is_told():
    odd = replace(ADA, profile={"password_hash": "x", "email": "other@x.example", "is_admin": True})
    assert claims_for(odd, scopes=BY_SCOPE, requested={"password_hash": None, "is_admin": None}).keys() == {
        "name", "updated_at", "email", "email_verified", "roles",
    }  # fmt: skip
    assert claims_for(odd, scopes=["email"], requested={})["email"] == ADA.email


@pytest.fixture
def client():
    return Client(
        **dict.fromkeys(field.name for field in fields(Client)) | {"scopes": frozenset({"openid", "profile"})}
    )


def test_a_first_party_may_ask_for_what_its_scopes_may_tell(client):
    wishes = {"email": None, "nickname": {"essential": True}, "auth_time": None}
    ours = replace(client, first_party=True)
    assert may_ask(ours, wishes, scopes=["openid"]) == {"nickname": {"essential": True}}


def test_a_third_party_gets_no_claim_of_a_scope_that_nobody_has_allowed(client):
    assert may_ask(client, {"nickname": None}, scopes=["openid"]) == {}
    assert may_ask(client, {"nickname": None, "email": None}, scopes=["openid", "profile"]) == {"nickname": None}
