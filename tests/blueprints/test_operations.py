"""For machines: alive, ready, metrics; and what exists in development alone."""

import pytest
from pydantic import SecretStr


@pytest.fixture
def anywhere(app, browse):
    return browse("http://10.0.0.7", on=app)


def test_it_is_alive_and_ready_whatever_the_host(anywhere):
    assert anywhere.get("/livez").json == {"status": "alive"}
    answer = anywhere.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "checks": {"database": "ok", "migrations": "ok", "redis": "ok"}}


def test_the_login_role_passes_the_examination(services):
    checks = {check.name: check.well for check in services.health.examination()}
    assert checks["role"] is True


def test_metrics_are_for_whoever_sends_the_token(portal, browse):
    token = "a-token-for-metrics-alone-0123456789"
    browser = browse("http://10.0.0.7", on=portal(metrics_token=SecretStr(token)))
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert "portico_requests_total" in answer.text
    assert "portico_active_sessions" in answer.text
    for wrong in ("", "Bearer", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Basic {token}", token):
        assert browser.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    assert browser.get(f"/metrics?token={token}").status_code == 404


def test_without_a_token_in_the_settings_there_are_no_metrics(anywhere):
    for sent in ("Bearer ", "Bearer None", "Bearer x"):
        assert anywhere.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_no_tenant_and_no_person_is_a_label(portal, browse, call, cast):
    token = "a-token-for-metrics-alone-0123456789"
    app = portal(metrics_token=SecretStr(token))
    browser = browse(cast.acme, on=app)
    browser.sign_in(cast.ada)
    browser.get("/account/nothing/at-all-secret")
    browser.open("BREW", "/login")
    call(cast.acme, on=app).tokens(cast.bob)
    text = browser.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    for secret in (cast.acme.slug, str(cast.acme.id), cast.ada.email, str(cast.ada.id), "at-all-secret", "BREW"):
        assert secret not in text


@pytest.mark.parametrize("env", ["test", "production", "development"])
def test_the_mailbox_exists_in_development_alone(portal, browse, cast, env):
    app = portal(env=env)
    for tenant in (cast.acme, "http://portal.test"):
        for path in ("/dev/mailbox", "/dev/mailbox.json"):
            assert browse(tenant, on=app).get(path).status_code == (200 if env == "development" else 404)
    assert browse(cast.acme, on=app).get("/dev/other").status_code == 404


def test_the_database_away_is_503_with_a_time_to_come_back(portal, services, settings, browse, call, cast):
    """Nobody gets in, nothing breaks, and whoever is signed in is told so on a page (ASVS 16.5)."""
    from app.storage.pool import engine_over, open_pool

    pool = open_pool(settings.database_url.get_secret_value(), most=4, application="broken")
    pool.open()
    app = portal(ports={"pool": pool, "engine": engine_over(pool)})
    browser, client = browse(cast.acme, on=app), call(cast.acme, on=app)
    browser.sign_in(cast.ada)
    token = client.tokens(cast.ada)["access_token"]
    csrf = browser.csrf()
    pool.close()
    answers = [
        browser.get("/account"),
        browser.get("/login"),
        browser.open("POST", "/login", data={"csrf_token": csrf, "email": cast.ada.email, "password": "x"}),
        client.get("/me", token=token),
        client.login(cast.ada),
    ]
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/livez").status_code == 200
    assert browser.get("/readyz").status_code == 503


def test_the_api_documentation_is_a_page_of_ours_alone(browse, cast):
    answer = browse(cast.acme).get("/api/docs")
    assert answer.status_code == 200
    assert "http://" not in answer.text.replace(cast.acme.origin, "").replace("http://www.w3.org", "")
    assert "https://" not in answer.text
