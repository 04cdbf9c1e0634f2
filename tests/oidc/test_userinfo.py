"""What an application is told of the person its token is about (OpenID Connect Core, section 5.3)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued, issued_to_itself
from tests.oidc.programs import Program

PATH = "/oauth2/userinfo"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


@pytest.fixture
def ada(services, cast):
    services.profiles.change(
        cast.ada.scope(cast.ada.sign_in()),
        name="Ada Lovelace",
        changes={"birthdate": "1815-12-10", "phone_number": "+442079460018", "address": {"locality": "London"}},
    )
    return cast.ada


def ask(program, token, **more):
    answer = program.get(PATH, token=token, **more)
    return answer.status_code, answer.json


def test_get_and_post_and_a_form_tell_the_same(program, services, ada, notes):
    token = issued(services, ada, notes).access_token
    said = program.get(PATH, token=token)
    assert (said.status_code, said.mimetype, said.headers["Cache-Control"]) == (200, "application/json", "no-store")
    assert said.json == {
        "sub": str(ada.id),
        "name": "Ada Lovelace",
        "birthdate": "1815-12-10",
        "email": ada.email,
        "email_verified": True,
        "phone_number": "+442079460018",
        "phone_number_verified": False,
        "address": {"locality": "London"},
        "roles": ["owner"],
        "updated_at": said.json["updated_at"],
    }
    assert isinstance(said.json["updated_at"], int)
    assert program.post(PATH, token=token).json == said.json
    assert program.post(PATH, {"access_token": token}).json == said.json
    assert program.open("POST", PATH, token=token).json == said.json


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        (("openid",), set()),
        (("openid", "email"), {"email", "email_verified"}),
        (("openid", "roles", "phone"), {"roles", "phone_number", "phone_number_verified"}),
    ],
)
def test_scopes_decide(program, services, ada, notes, scopes, names):
    token = issued(services, ada, notes, scopes=scopes).access_token
    assert ask(program, token)[1].keys() == names | {"sub"}


def test_what_was_asked_for_by_name_is_told_to_those_who_may_ask(app, services, ada, cast):
    asked = {"userinfo": {"email": {"essential": True}, "shoe_size": None}, "id_token": {"name": None}}
    ours = an_application(services, cast.acme, first_party=True)
    token = issued(services, ada, ours, scopes=("openid",), claims=asked).access_token
    program = Program(app, cast.acme.origin)
    assert ask(program, token) == (200, {"sub": str(ada.id), "email": ada.email})
    theirs = an_application(services, cast.acme)
    token = issued(services, ada, theirs, scopes=("openid",), claims=asked).access_token
    assert ask(program, token) == (200, {"sub": str(ada.id)})


def test_roles_are_those_of_now(program, services, ada, notes, owner):
    token = issued(services, ada, notes, scopes=("openid", "roles")).access_token
    owner.execute("DELETE FROM role_assignments WHERE user_id = %s", [ada.id])
    assert ask(program, token)[1]["roles"] == []


def test_without_openid_it_is_403(program, services, ada, notes):
    token = issued(services, ada, notes, scopes=("profile",)).access_token
    answer = program.get(PATH, token=token)
    assert (answer.status_code, answer.json["error"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_clients_own_token_is_about_nobody(program, services, cast, notes):
    token = issued_to_itself(services, cast.acme, notes, scopes=("openid",))
    status, said = ask(program, token)
    assert (status, said["error"]) == (401, "invalid_token")


def test_a_token_for_an_api_is_not_for_us(program, services, ada, cast):
    api = an_application(services, cast.acme, resources=("https://api.example",))
    token = issued(services, ada, api, resources=("https://api.example",)).access_token
    assert ask(program, token)[1]["error"] == "invalid_token"
    both = issued(services, ada, api, resources=("https://api.example", cast.acme.origin)).access_token
    assert ask(program, both)[0] == 200
