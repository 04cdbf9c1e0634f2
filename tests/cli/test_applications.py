"""``portico application``."""

import json

import pytest

from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.test_client_keys import EC

NOBODY = "01a21000-0000-7000-8000-000000000000"


@pytest.fixture
def run(portico, cast):
    return lambda verb, *arguments, **how: portico("application", verb, "--tenant", cast.acme.slug, *arguments, **how)


@pytest.fixture
def create(run):
    return lambda *arguments, **how: run("create", "--name", "Notes", *arguments, **how)


def test_it_prints_what_the_application_needs_and_the_secret_once(create, run, services, cast):
    made = create("--type", "web", "--redirect-uri", CALLBACK)
    assert made.code == 0, made.err
    assert set(made.json) == {"client_id", "client_secret", "name", "type"}
    client = services.openid.clients.by_id(cast.acme, made.json["client_id"])
    assert (client.redirect_uris, client.require_pkce, client.first_party) == ((CALLBACK,), True, False)
    assert client.scopes == {"openid", "profile", "email", "address", "phone", "offline_access", "roles"}
    shown = run("show", made.json["client_id"])
    assert made.json["client_secret"] not in shown.out
    assert (shown.json["redirect_uris"], shown.json["secrets"][0]["hint"]) == (
        [CALLBACK],
        made.json["client_secret"][-4:],
    )


def test_in_words_it_is_one_line(create):
    made = create("--type", "web", "--redirect-uri", CALLBACK, as_json=False)
    (line,) = made.lines
    assert line.startswith("client_id=")
    assert "client_secret=pcs_" in line


def test_every_option_counts(create, services, cast, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [EC]}))
    made = create(
        *("--type", "web", "--redirect-uri", CALLBACK, "--redirect-uri", f"{CALLBACK}/2"),
        *("--post-logout-redirect-uri", "https://notes.example/"),
        *("--backchannel-logout-uri", "https://notes.example/out"),
        *("--scope", "openid", "--scope", "invoices:read invoices:write"),
        *("--resource", "https://api.example", "--serves", "https://notes.example/api"),
        *("--grant-type", "authorization_code", "--auth-method", "private_key_jwt", "--alg", "ES256"),
        *("--jwks", str(keys), "--no-pkce", "--first-party"),
    )
    assert "client_secret" not in made.json
    client = services.openid.clients.by_id(cast.acme, made.json["client_id"])
    assert client.redirect_uris == (CALLBACK, f"{CALLBACK}/2")
    assert client.post_logout_redirect_uris == ("https://notes.example/",)
    assert client.backchannel_logout_uri == "https://notes.example/out"
    assert client.scopes == {"openid", "invoices:read", "invoices:write"}
    assert (client.resources, client.serves) == ({"https://api.example"}, {"https://notes.example/api"})
    assert (client.auth_method, client.signing_algorithm) == ("private_key_jwt", "ES256")
    assert client.grant_types == {"authorization_code"}
    assert (client.jwks, client.require_pkce, client.first_party) == ({"keys": [EC]}, False, True)


def test_a_machine_asks_for_nothing_by_default(create, services, cast):
    client = services.openid.clients.by_id(cast.acme, create("--type", "machine").json["client_id"])
    assert (client.scopes, client.grant_types) == (set(), {"client_credentials"})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--type", "web"), 1),
        (("--type", "web", "--redirect-uri", "javascript:alert(1)"), 1),
        (("--type", "spa", "--redirect-uri", CALLBACK, "--no-pkce"), 1),
        (("--type", "teapot"), 2),
        ((), 2),
        (("--type", "machine", "--alg", "none"), 2),
    ],
)
def test_what_will_not_do_is_said_in_a_line(create, arguments, code):
    refused = create(*arguments)
    assert (refused.code, refused.out) == (code, "")
    assert "Traceback" not in refused.err


def test_all_that_will_not_do_is_said_with_its_option(create):
    wrong = (
        "--type",
        "web",
        "--redirect-uri",
        CALLBACK,
        "--redirect-uri",
        "http://notes.example/",
        "--auth-method",
        "x",
    )
    said = create(*wrong, as_json=False).err
    assert "--redirect-uri 2: Use https" in said
    assert "--auth-method: " in said
    refused = json.loads(create(*wrong).err)
    assert (refused["error"], {error["pointer"] for error in refused["errors"]}) == (
        "invalid_input",
        {"/redirect_uris/1", "/token_endpoint_auth_method"},
    )
    assert "--no-pkce: " in create("--type", "spa", "--redirect-uri", CALLBACK, "--no-pkce", as_json=False).err


def test_keys_that_are_none_are_refused(create, tmp_path):
    keys = tmp_path / "keys.json"
    for text in ("no json", "[]", '{"keys": [{"kty": "oct", "k": "x"}]}'):
        keys.write_text(text)
        refused = create("--type", "machine", "--auth-method", "private_key_jwt", "--jwks", str(keys))
        assert (refused.code > 0, refused.out) == (True, "")


def test_they_are_listed_with_their_state(run, services, cast):
    first, second = (an_application(services, cast.acme, name=name) for name in ("One", "Two"))
    an_application(services, cast.globex, name="Mallory's")
    assert [(row["client_id"], row["status"]) for row in run("list").json] == [
        (second.client_id, "active"),
        (first.client_id, "active"),
    ]


def test_a_new_secret_is_shown_once_and_the_old_one_ends(run, services, cast):
    notes = an_application(services, cast.acme)
    made = run("rotate-secret", notes.client_id)
    assert made.json["client_secret"] != notes.secret
    before, after = run("show", notes.client_id).json["secrets"]
    assert (before["expires_at"] is None, after["expires_at"]) == (False, None)
    assert run("rotate-secret", notes.client_id).code == 1
    run("rotate-secret", notes.client_id, "--overlap-hours", "0")
    assert len(run("show", notes.client_id).json["secrets"]) == 1


def test_deleted_it_is_gone_and_nobody_deletes_another_tenants(run, services, cast):
    notes, theirs = an_application(services, cast.acme), an_application(services, cast.globex)
    assert run("delete", notes.client_id).json["deleted"]
    for client_id in (notes.client_id, theirs.client_id, NOBODY):
        for verb in ("delete", "show", "rotate-secret"):
            assert json.loads(run(verb, client_id).err)["error"] == "not_found"
    assert run("show", "not-an-id").code == 2
