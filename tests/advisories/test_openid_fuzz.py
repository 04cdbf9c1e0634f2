"""Whatever is sent to the ways to an application: never a fault of ours, and nobody leaves but to what is registered.

``redirect_fuzz``, ``nextparam_fuzz``, ``param_pollution`` and ``step_skip`` of security.md, 4b, by Hypothesis.
"""

from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.oidc.asked import KNOWN, SEVERAL
from app.oidc.end_session import PARAMETERS
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of

CALLBACK, OUT = "https://notes.example/cb?a=b", "https://notes.example/out"
ODD = st.sampled_from(
    (
        "",
        "\x00",
        "a\r\nSet-Cookie: x=1",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        '"><svg onload=1>',
        "{{7*7}}",
        "none",
        "login",
        "consent login",
        "select_account",
        "openid",
        "form_post",
        "fragment",
        "-1",
        "99999999999",
        "٣",
        "\u202e",
        "\ud7ff\uffff",
        "urn:ietf:params:oauth:request_uri:x",
        '{"id_token":{"acr":{"essential":true}}}',
        '{"id_token":{"sub":{"value":"x"}}}',
        "0190a5c8-0000-4000-8000-000000000000",
        "a.b.c",
        CALLBACK,
        OUT,
    )
)
VALUES = st.one_of(ODD, st.text(max_size=40), st.text(min_size=1, max_size=3).map(lambda text: text * 3000))
AUTHORIZE = (*KNOWN, *SEVERAL, "state[]", "redirect_uri[]", "flow", "ticket")
LOGOUT = (*PARAMETERS, "ticket", "flow", "state[]")
FORMS = ("decision", "account", "flow", "code", "ticket", "email", "user_code", "next", "csrf_token", "decision[]")
FUZZ = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def sent(*names):
    """Some of these parameters, each with one or two values."""
    return st.dictionaries(st.sampled_from(sorted(names)), st.lists(VALUES, min_size=1, max_size=2), max_size=4)


@pytest.fixture
def notes(services, cast):
    more = {"redirect_uris": (CALLBACK,), "post_logout_redirect_uris": (OUT,), "first_party": True}
    return RelyingApp(an_application(services, cast.acme, **more))


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def stays(answer, browser, *registered):
    """No fault of ours; and where it leads elsewhere, it is there. Returns the answer."""
    assert answer.status_code < 500, answer.text
    leads = answer.location or ""
    if not leads.startswith("/") or leads[1:2] in {"/", "\\"}:
        assert not leads or leads.split("?")[0] in {uri.split("?")[0] for uri in registered}, leads
        assert all(leads.startswith(uri) for uri in registered if leads), leads
    if back := back_of(answer):
        assert any(uri.startswith(back.address) for uri in registered), back
    assert urlsplit(leads).netloc in {"", "notes.example"}
    return answer


@FUZZ
@given(more=sent(*AUTHORIZE), apart=sent(*AUTHORIZE), posted=st.booleans())
def test_authorize(notes, bobs, more, apart, posted):
    parameters = {**notes.parameters(), **more}
    if posted:
        target = f"/oauth2/authorize?{urlencode(apart, doseq=True)}"
        answer = bobs.open("POST", target, data=parameters)
    else:
        answer = bobs.get(f"/oauth2/authorize?{urlencode(parameters, doseq=True)}")
    stays(answer, bobs, CALLBACK)


@FUZZ
@given(more=sent(*AUTHORIZE))
def test_pushed(notes, app, cast, more):
    parameters = {**notes.parameters(), "client_secret": notes.application.secret, **more}
    pushed = app.test_client().post("/oauth2/par", base_url=cast.acme.origin, data=parameters)
    assert pushed.status_code < 500, pushed.text
    assert pushed.location is None


@FUZZ
@given(more=sent(*LOGOUT), posted=st.booleans())
def test_sign_out(notes, bobs, more, posted):
    parameters = {"client_id": notes.application.client_id, "post_logout_redirect_uri": OUT, **more}
    target = "/oauth2/logout"
    answer = (
        bobs.open("POST", target, data=parameters)
        if posted
        else bobs.get(f"{target}?{urlencode(parameters, doseq=True)}")
    )
    stays(answer, bobs, OUT)
    assert bobs.get("/account").status_code == 200
    stays(bobs.get(f"/oauth2/logout/done?{urlencode(more, doseq=True)}"), bobs, OUT)


@FUZZ
@given(form=sent(*FORMS), asked=sent(*FORMS), at=st.integers(min_value=0, max_value=5))
def test_our_own_forms(bobs, form, asked, at):
    nobody = "0190a5c8-0000-4000-8000-000000000000"
    path = (
        f"/oauth2/consent/{nobody}",
        "/login/accounts",
        "/login/accounts/removal",
        "/device",
        f"/device/{nobody}",
        "/oauth2/logout/confirmation",
    )[at]
    address = f"{path}?{urlencode(asked, doseq=True)}"
    stays(bobs.get(address), bobs)
    if path != "/oauth2/logout/confirmation":
        stays(bobs.open("POST", address, data={"csrf_token": bobs.csrf(), **form}), bobs)


@FUZZ
@given(state=st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_state_comes_back_as_it_was(notes, bobs, state):
    for mode in ("query", "form_post"):
        back = back_of(
            bobs.get(f"/oauth2/authorize?{urlencode({**notes.parameters(), 'state': state, 'response_mode': mode})}")
        )
        assert back.parameters["state"] == state
        assert back.parameters["iss"]
        assert "code" in back.parameters
