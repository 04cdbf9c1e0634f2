"""On the page of an application: secrets, its picture, switching it off, deleting it; the list and what it finds."""

import html
import io
import re

import pytest

from tests.blueprints.stepping_up import AGAIN, confirm, main_of, went
from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.test_logos import picture

HOME = "/admin/applications"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def path(notes):
    return f"{HOME}/{notes.id}"


def secrets_on(page):
    return re.findall(r'id="secret-([0-9a-f-]{36})"', page.text)


def test_a_new_secret_is_shown_once_and_the_old_one_removed(ada, path):
    made = ada.post(f"{path}/secrets", {"overlap": "day"})
    assert made.status_code == 201
    secret = re.search(r"pcs_[\w-]{43}", made.text)[0]
    page = ada.get(path)
    assert secret not in page.text
    old, _new = secrets_on(page)
    assert "Until " in page.text
    assert 'id="add-secret"' not in page.text
    assert ada.post(f"{path}/secrets").status_code == 409
    assert went(ada.post(f"{path}/secrets/{old}/removal")) == (303, f"{path}#secrets")
    (last,) = secrets_on(ada.get(path))
    refused = ada.post(f"{path}/secrets/{last}/removal")
    assert refused.status_code == 409
    assert "only secret" in refused.text


def test_htmx_gets_the_part_that_the_page_has(ada, path):
    made = ada.post(f"{path}/secrets", headers=HTMX)
    assert made.text.lstrip().startswith('<section class="panel" id="secrets"')
    first, _ = secrets_on(made)
    part = ada.post(f"{path}/secrets/{first}/removal", headers=HTMX)
    assert (part.status_code, len(secrets_on(part))) == (200, 1)
    found = ada.get(f"{HOME}?search=notes", headers=HTMX)
    assert found.text.strip().startswith('<section class="stack" id="applications"')
    assert found.text.strip() in ada.get(f"{HOME}?search=notes").text
    assert "HX-Request" in found.headers["Vary"]


def test_a_stale_sign_in_is_asked_before_secrets_and_deletion(ada, path, clock):
    clock.forward(minutes=11)
    assert went(ada.post(f"{path}/secrets")) == (303, AGAIN)
    asked = ada.post(f"{path}/secrets", headers=HTMX)
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (204, AGAIN)
    assert confirm(ada) == (303, path)
    assert ada.get(path).status_code == 200
    assert ada.post(f"{path}/secrets").status_code == 201


def test_a_logo_is_sent_as_a_file_and_removed(ada, path, notes):
    sent = ada.open(
        "POST",
        f"{path}/logo",
        data={"csrf_token": ada.csrf(), "logo": (io.BytesIO(picture("JPEG")), "logo.jpg")},
        content_type="multipart/form-data",
    )
    assert went(sent) == (303, f"{path}#logo-title")
    address = re.search(rf'src="(/applications/{notes.id}/logo\?v=\d+)"', ada.get(path).text)[1]
    assert ada.get(address).mimetype == "image/png"
    assert address in ada.get(HOME).text
    assert went(ada.post(f"{path}/logo/removal")) == (303, f"{path}#logo-title")
    assert address not in ada.get(path).text


def test_a_file_without_the_token_of_the_page_is_refused(ada, path):
    data = {"logo": (io.BytesIO(picture()), "logo.png")}
    assert ada.open("POST", f"{path}/logo", data=data, content_type="multipart/form-data").status_code == 403


@pytest.mark.parametrize(("raw", "status"), [(b"<svg/>", 422), (b"", 422), (b"x" * 600_000, 413)])
def test_what_is_no_picture_is_said_beside_the_field(ada, path, raw, status):
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    parts = (
        head.format("csrf_token", "").encode() + ada.csrf().encode(),
        head.format("logo", '; filename="x"').encode() + raw,
    )
    body = b"".join(b"--cut\r\n" + part + b"\r\n" for part in parts) + b"--cut--\r\n"
    refused = ada.open("POST", f"{path}/logo", data=body, content_type="multipart/form-data; boundary=cut")
    assert refused.status_code == status
    assert 'id="logo-error"' in refused.text
    assert ada.post(f"{path}/logo").status_code == 422


def test_it_is_switched_off_and_on(ada, path):
    assert went(ada.post(f"{path}/suspension")) == (303, path)
    assert "Switched off" in main_of(ada.get(path))
    assert went(ada.post(f"{path}/suspension/removal")) == (303, path)
    assert "Switched off" not in main_of(ada.get(path))


def test_it_is_deleted_by_whoever_types_its_name(ada, path):
    for typed in ("", "notes", "Other"):
        refused = ada.post(f"{path}/deletion", {"confirmation": typed})
        assert refused.status_code == 422
        assert 'id="confirmation-error"' in refused.text
    assert went(ada.post(f"{path}/deletion", {"confirmation": " Notes "})) == (303, HOME)
    assert "is deleted" in ada.get(HOME).text
    assert ada.get(path).status_code == 404


def test_settings_and_snippets_have_the_real_addresses(ada, services, cast):
    for kind, words in {
        "web": (
            "authlib.integrations.flask_client",
            "openid-client",
            "NextAuth",
            "allauth",
            "spring",
            "go-oidc",
            "curl",
        ),
        "spa": ("oidc-client-ts",),
        "native": ("OIDAuthorizationRequest", "device_code"),
        "machine": ("grant_type=client_credentials", "clientCredentialsGrant", "clientcredentials.Config"),
    }.items():
        app = an_application(services, cast.acme, type=kind)
        text = ada.get(f"{HOME}/{app.id}").text
        for said in (*words, cast.acme.origin, f"{cast.acme.origin}/.well-known/openid-configuration"):
            assert said in text, (kind, said)
        snippets = re.findall(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL)
        assert snippets
        assert all(cast.acme.origin in one or "issuer" in one for one in snippets)
        assert all(app.client_id in one for one in snippets)


def test_snippets_in_python_are_python(ada, services, cast):
    for kind, names in {"web": ("flask", "django"), "machine": ("python",)}.items():
        app = an_application(services, cast.acme, type=kind, resources=("https://api.example",))
        text = ada.get(f"{HOME}/{app.id}").text
        for name in names:
            code = re.search(rf'id="code-{name}"[^>]*>(.*?)</pre>', text, re.DOTALL)[1]
            assert compile(html.unescape(code), name, "exec")


def test_an_odd_address_does_not_break_out_of_a_snippet(ada, services, cast):
    odd = "https://notes.example/cb?x='$(id)`"
    app = an_application(services, cast.acme, redirect_uris=("https://notes.example/cb?x='$(id)",))
    assert "$(id)" not in "".join(re.findall(r"<pre[^>]*>(.*?)</pre>", ada.get(f"{HOME}/{app.id}").text, re.DOTALL)), (
        odd
    )


def test_the_list_is_searched_and_goes_on(ada, services, cast):
    for at in range(21):
        an_application(services, cast.acme, name=f"App {at:02}")
    page = ada.get(HOME)
    assert len(re.findall(r'id="application-', page.text)) == 20
    older = ada.get(re.search(r'id="older" href="([^"]+)"', page.text)[1].replace("&amp;", "&"))
    assert "App 00" in older.text
    assert "App 20" not in older.text
    found = ada.get(f"{HOME}?search=pp+07")
    assert re.findall(r"<bdi>(App \d\d)</bdi>", found.text) == ["App 07"]
    assert "No application has" in ada.get(f"{HOME}?search=teapot").text
    assert ada.get(f"{HOME}?cursor=made-up").status_code == 422


def test_mallory_sees_none_of_it(browse, cast, path, notes):
    mallory = browse(cast.globex)
    mallory.sign_in(cast.mallory)
    assert notes.client_id not in mallory.get(HOME).text
    for part in ("", "/secrets", "/suspension", "/suspension/removal", "/deletion", "/logo", "/logo/removal"):
        assert mallory.post(path + part, {"name": "Mine", "confirmation": "Notes"}).status_code == 404, part
    assert mallory.get(path).status_code == 404
    assert CALLBACK in notes.client.redirect_uris
