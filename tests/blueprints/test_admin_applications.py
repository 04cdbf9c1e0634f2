"""The console's first section: who gets in, and applications that are registered, changed and deleted there."""

import html
import re
from uuid import UUID

import pytest

from app.oidc.application_views import operator
from tests.blueprints.stepping_up import AGAIN, confirm, main_of, went
from tests.oidc.clients import CALLBACK, an_application

HOME = "/admin/applications"
NEW = f"{HOME}/new"


@pytest.fixture
def ada(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


def form_of(page, within='action="(/admin/applications/[0-9a-f-]{36})"'):
    """What the long form of a page would send."""
    sent = page.text[re.search(within, page.text).start() :].partition("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", sent):
        name = re.search(r'name="([^"]+)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if "checkbox" not in tag or " checked" in tag:
            found[name] = html.unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', sent, re.DOTALL):
        found[name] = html.unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', sent, re.DOTALL):
        found[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return found


def test_the_way_in_is_shown_to_those_who_may_and_to_nobody_else(ada, browse, cast):
    bob = browse(cast.acme)
    bob.sign_in(cast.bob)
    assert 'href="/admin"' in ada.get("/account").text
    assert 'href="/admin"' not in bob.get("/account").text
    assert went(ada.get("/admin")) == (303, HOME)
    assert went(browse(cast.acme).get("/admin")) == (303, "/login")
    for path in ("/admin", HOME, NEW):
        assert bob.get(path).status_code == 403, path
    assert bob.post(NEW, {"name": "Mine", "type": "spa", "redirect_uris": CALLBACK}).status_code == 403


def test_support_has_nothing_there_yet(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.person(cast.acme, "sue@acme.example", role="support"))
    assert browser.get("/admin").status_code == 403
    assert 'href="/admin"' not in browser.get("/account").text


@pytest.mark.parametrize("path", ["/admin/", "/admin;x", "/ADMIN", "//admin", "/admin/applications/", "/%2e/admin"])
def test_other_spellings_open_nothing(browse, cast, path):
    """CVE-2026-15573, CVE-2021-32637."""
    bob = browse(cast.acme)
    bob.sign_in(cast.bob)
    assert bob.get(path).status_code in {403, 404, 308}


def test_with_nothing_there_the_next_step_is(ada):
    page = main_of(ada.get(HOME))
    assert NEW in page
    assert 'role="search"' not in page


def test_a_web_application_is_registered_and_its_secret_shown_this_once(ada, services, cast):
    made = ada.post(NEW, {"name": "Notes", "type": "web", "redirect_uris": f"{CALLBACK}\n\n  {CALLBACK}/2 \n"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    secret = re.search(r"pcs_[\w-]{43}", made.text)[0]
    client_id = re.search(r'id="client-id"[^>]*>([^<]+)<', made.text)[1]
    client = services.openid.clients.by_id(cast.acme, client_id)
    assert client.redirect_uris == (CALLBACK, f"{CALLBACK}/2")
    again = ada.get(f"{HOME}/{client_id}")
    assert secret not in again.text
    assert f"…{secret[-4:]}" in again.text


@pytest.mark.parametrize("kind", ["spa", "native"])
def test_what_has_no_secret_is_shown_at_its_own_address(ada, kind):
    made = ada.post(NEW, {"name": "Notes", "type": kind, "redirect_uris": CALLBACK})
    assert made.status_code == 303
    assert re.fullmatch(f"{HOME}/[0-9a-f-]{{36}}", made.location)
    assert "pcs_" not in ada.get(made.location).text


def test_nobody_is_sent_to_a_machine_whatever_was_typed(ada):
    assert ada.post(NEW, {"name": "Robot", "type": "machine", "redirect_uris": "nonsense"}).status_code == 201


def test_what_will_not_do_is_said_beside_it_and_what_was_typed_stays(ada):
    refused = ada.post(NEW, {"name": "", "type": "spa", "redirect_uris": f"{CALLBACK}\njavascript:alert(1)"})
    page = main_of(refused)
    assert refused.status_code == 422
    assert "Give it a name." in page
    assert "Line 2: Use https." in page
    assert f"{CALLBACK}\njavascript:alert(1)</textarea>" in page
    assert re.search(r'value="spa"[^>]* checked', page)
    assert "<title>Error: " in refused.text


def test_the_long_form_says_what_there_is_and_sending_it_back_changes_nothing(ada, notes, services, cast):
    page = ada.get(f"{HOME}/{notes.id}")
    form = form_of(page)
    assert form["redirect_uris"] == CALLBACK
    assert went(ada.post(f"{HOME}/{notes.id}", form)) == (303, f"{HOME}/{notes.id}")
    assert services.openid.clients.by_id(cast.acme, notes.client_id) == notes.client
    assert 'name="version" value="1"' in ada.get(f"{HOME}/{notes.id}").text


@pytest.mark.parametrize("kind", ["web", "spa", "native", "machine"])
def test_the_form_of_every_kind_can_be_sent_back(ada, services, cast, kind):
    path = f"{HOME}/{an_application(services, cast.acme, type=kind).id}"
    form = form_of(ada.get(path)) | {"name": "New", "own_scopes": "a:b\nc:d", "access_minutes": "5"}
    assert went(ada.post(path, form)) == (303, path)
    said = services.openid.applications.get(cast.acme, operator(cast.acme), UUID(path.rpartition("/")[2])).details
    assert (said.name, said.access_token_minutes) == ("New", 5)
    assert {"a:b", "c:d"} <= set(said.scopes)


def test_errors_of_the_long_form_stand_beside_their_fields(ada, notes):
    path = f"{HOME}/{notes.id}"
    wrong = {"redirect_uris": "http://x.example", "access_minutes": "many", "jwks": "[", "home_uri": "http://x.example"}
    refused = ada.post(path, form_of(ada.get(path)) | wrong)
    assert refused.status_code == 422
    for field in ("access_minutes", "jwks"):
        assert f'id="{field}-error"' in refused.text
    refused = ada.post(path, form_of(ada.get(path)) | wrong | {"access_minutes": "0", "jwks": "{}"})
    for field in wrong:
        assert f'id="{field}-error"' in refused.text, field


def test_somebody_else_was_faster(ada, notes):
    path = f"{HOME}/{notes.id}"
    form = form_of(ada.get(path))
    ada.post(path, form | {"name": "First"})
    refused = ada.post(path, form | {"name": "Second"})
    assert refused.status_code == 409
    assert "just changed this application" in refused.text
    assert 'value="First"' in ada.get(path).text


def test_what_people_typed_is_text(ada, services, cast):
    """ASVS 1.2.1."""
    evil = '"><svg onload=1>{{7*7}}</textarea>'
    app = an_application(services, cast.acme, name=evil)
    for path in (HOME, f"{HOME}?search=%22%3E%3Csvg", f"{HOME}/{app.id}"):
        text = ada.get(path).text
        assert "<svg onload" not in text
        assert "{{7*7}}" in text or "search" in path


def test_a_stale_sign_in_leads_to_the_question_and_back_with_what_was_typed(ada, clock):
    clock.forward(minutes=11)
    assert went(ada.post(NEW, {"name": "Notes", "type": "web", "redirect_uris": CALLBACK})) == (303, AGAIN)
    assert confirm(ada) == (303, NEW)
    page = main_of(ada.get(NEW))
    assert 'value="Notes"' in page
    assert CALLBACK in page
