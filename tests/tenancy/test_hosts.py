"""Which tenant a request is for: its host says so, and nothing else does; on the base domain a header may."""

import re

import pytest

from app.seed import ensure_platform
from tests.cast import an_origin
from tests.waiting import until

BASE = "http://portal.test"


@pytest.fixture
def platform(services):
    return ensure_platform(services)


@pytest.mark.parametrize(
    "host",
    [
        "nobody.portal.test",
        "evil.example",
        "portal.test.evil.example",
        "a.b.portal.test",
        "platform.portal.test",
        "xportal.test",
        "10.0.0.1",
        "[::1]",
        "portal.test@evil.example",
        "localhost",
        "-.portal.test",
        "*.portal.test",
    ],
)
def test_nobody_lives_at_another_host(platform, cast, browse, call, host):
    page = browse(f"http://{host}").get("/login")
    assert page.status_code == 404
    assert "unknown_tenant" in page.text
    headers = {"X-Tenant": cast.acme.slug}
    answer = call(f"http://{host}").get("/me", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_tenant")


@pytest.mark.parametrize("spell", [str.upper, str.title, lambda host: host + ":8443", lambda host: host + "."])
def test_a_host_is_the_same_in_any_case_and_with_any_port(cast, call, spell):
    host = cast.acme.origin.removeprefix("http://")
    assert call(f"http://{spell(host)}").login(cast.ada).status_code == 200


def test_the_base_domain_is_platforms(platform, browse):
    assert "Sign in to <bdi>Portico</bdi>" in browse(BASE).get("/login").text


@pytest.mark.parametrize("attribute", ["slug", "id"])
def test_on_the_base_domain_a_header_names_the_tenant_of_an_api_call(platform, cast, call, attribute):
    client = call(BASE)
    headers = {"X-Tenant": str(getattr(cast.acme, attribute))}
    tokens = client.login(cast.ada, headers=headers)
    assert tokens.status_code == 200
    token = tokens.json["access_token"]
    assert client.get("/me", token=token, headers=headers).status_code == 200
    assert client.get("/me", token=token, headers={"X-Tenant": cast.globex.slug}).status_code == 401
    assert client.get("/me", token=token).status_code == 401
    assert call(cast.acme).get("/me", token=token).status_code == 200


def test_pages_never_listen_to_the_header(platform, cast, browse):
    for origin in (BASE, cast.globex.origin):
        page = browse(origin).get("/login", headers={"X-Tenant": cast.acme.slug})
        assert "<bdi>Acme</bdi>" not in page.text


@pytest.mark.parametrize(
    "named",
    ["nobody", "../acme", "' OR 1=1 --", "acme.portal.test", "00000000-0000-7000-8000-000000000000", "é", "x" * 5000],
)
def test_a_header_that_names_nobody_is_404(platform, cast, call, named):
    answer = call(BASE).get("/me", headers={"X-Tenant": named.encode().decode("latin-1")})
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_tenant")


def test_a_tenants_own_domain_is_its_and_nobody_elses(cast, services, call):
    host = f"login.{cast.acme.slug}.example"
    initech = services.tenant_administration.create(slug=f"i-{cast.acme.slug}", name="Initech", domain=host)
    person = cast.person(initech, "peter@initech.example")
    assert call(f"http://{host}").login(person).status_code == 200
    assert call(f"http://{host}").login(cast.ada).status_code == 401


def test_a_suspended_tenant_answers_403_everywhere_and_lives_again(app, cast, services, browse, call):
    client, browser = call(cast.acme), browse(cast.acme)
    tokens = client.tokens(cast.ada)
    browser.sign_in(cast.ada)
    scope = services.sessions.by_cookie(cast.acme, browser.cookie("portico_session"), origin=an_origin())
    assert scope
    assert services.tenant_administration.suspend(cast.acme)
    # At once, whatever anybody remembers: the database itself says that no session of theirs counts.
    assert services.sessions.by_cookie(cast.acme, browser.cookie("portico_session"), origin=an_origin()) is None
    assert client.get("/me", token=tokens["access_token"]).status_code in {401, 403}
    assert until(lambda: browser.get("/login").status_code == 403)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/static", "/livez", "/readyz", "/metrics")):
            continue
        path = rule.rule.replace("<uuid:session_id>", tokens["session_id"]).replace("<version>", "x")
        for method in rule.methods - {"OPTIONS"}:
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            answer = browser.open(method, path, headers=bearer)
            assert answer.status_code == 403, (method, path)
            if method != "HEAD":
                assert "tenant_suspended" in answer.text
    assert client.login(cast.ada).json["code"] == "tenant_suspended"
    assert client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 403
    assert call(cast.globex).login(cast.mallory).status_code == 200
    assert services.tenant_administration.activate(cast.acme)
    assert until(lambda: browser.get("/account").status_code == 200)
    assert client.get("/me", token=tokens["access_token"]).status_code == 200
    assert client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200


def test_the_stylesheet_of_one_is_not_the_others(cast, browse, services):
    pink = services.tenant_administration.create(slug=f"pink-{cast.acme.slug}", name="Pink", primary="#ff00aa")
    link = re.search(r'href="(/_theme/[^"]+)"', browse(pink).get("/login").text)[1]
    assert browse(pink).get(link).status_code == 200
    assert browse(cast.acme).get(link).status_code == 404
