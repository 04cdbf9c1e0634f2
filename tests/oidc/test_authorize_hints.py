"""id_token_hint and the sub of the claims parameter: whom an application expects."""

import json

import pytest

from app import crypto
from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def hint(services, cast, clock, notes):
    """An ID token as we sign it, but for what is said."""

    def hint(person, *, tenant=None, kind="JWT", **more):
        tenant, now = tenant or cast.acme, int(clock().timestamp())
        said = {"iss": tenant.origin, "sub": str(person.id), "aud": notes.application.client_id, "iat": now, "exp": now}
        return services.key_ring.sign(tenant, said | more, algorithm="RS256", kind=kind)

    return hint


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def test_the_one_who_is_expected_comes_straight_back(notes, bobs, cast, hint, clock):
    token = hint(cast.bob)
    clock.forward(days=2)
    bobs.sign_in(cast.bob)
    assert back_of(notes.ask(bobs, id_token_hint=token, prompt="none")).code, "that it has expired does not matter"


def test_somebody_else_gets_login_required_where_nothing_may_be_shown(notes, bobs, cast, hint):
    assert back_of(notes.ask(bobs, id_token_hint=hint(cast.ada), prompt="none")).error == "login_required"
    wanted = json.dumps({"id_token": {"sub": {"value": str(cast.ada.id)}}})
    assert back_of(notes.ask(bobs, claims=wanted, prompt="none")).error == "login_required"


def test_whoever_is_signed_in_beside_is_answered_for_where_nothing_may_be_shown(notes, bobs, cast, hint, owner):
    """So an application that renews in silence does not lose its person to another account of the same browser."""
    flow = flow_in(settle(bobs, notes.ask(bobs, prompt="select_account")))
    bobs.sign_in(cast.ada, flow=flow)
    for person in (cast.bob, cast.ada):
        code = back_of(notes.ask(bobs, id_token_hint=hint(person), prompt="none")).code
        about = "SELECT user_id FROM authorization_codes WHERE secret_digest = %s"
        assert owner.execute(about, [crypto.digest(code)]).fetchone() == (person.id,)
        assert str(cast.ada.email) in bobs.get("/account").text, "who is in use stays so"
    eve = cast.person(cast.acme, "eve@acme.example")
    assert back_of(notes.ask(bobs, id_token_hint=hint(eve), prompt="none")).error == "login_required"
    assert settle(bobs, notes.ask(bobs, id_token_hint=hint(cast.bob))).request.path == "/login/accounts"


def test_somebody_else_is_asked_to_sign_in_and_only_the_right_one_helps(notes, bobs, browse, cast, hint):
    for person, comes in ((cast.ada, "code"), (cast.bob, "error")):
        browser = browse(cast.acme)
        browser.sign_in(cast.bob)
        page = settle(browser, notes.ask(browser, id_token_hint=hint(cast.ada)))
        assert page.request.path == "/login"
        sent = {"email": person.email, "password": PASSWORD, "flow": flow_in(page)}
        back = back_of(settle(browser, browser.post("/login", sent)))
        assert comes in back.parameters
        assert back.error in {None, "login_required"}


@pytest.mark.parametrize("fault", ["another client", "another tenant", "another kind", "no token", "changed"])
def test_what_is_no_id_token_of_ours_for_this_client_is_refused(notes, bobs, cast, hint, fault):
    token = {
        "another client": lambda: hint(cast.bob, aud="0190a5c8-0000-7000-8000-000000000000"),
        "another tenant": lambda: hint(cast.mallory, tenant=cast.globex),
        "another kind": lambda: hint(cast.bob, kind="at+jwt"),
        "no token": lambda: "x.y.z",
        "changed": lambda: hint(cast.bob)[:-4] + "AAAA",
    }[fault]()
    assert back_of(notes.ask(bobs, id_token_hint=token)).error == "invalid_request"
