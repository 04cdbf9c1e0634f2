"""What every response carries: pages, JSON, files, and every kind of failure."""

import pytest
from pydantic import SecretStr

from app.blueprints._guards import open_to_anyone

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
EVERYWHERE = ["/login", "/register", "/logout", "/account", "/", "/nothing-here", "/static/css/base.css",
              "/static/none.css", "/livez", "/readyz", "/metrics", "/api/docs", "/api/openapi.json", "/api/v1/me",
              "/api/v1/nothing", "/verify-email", "/verify-email?token=x", "/dev/mailbox", "/login/verify"]  # fmt: skip


@pytest.fixture
def secure(portal, cast):
    """A portal that people reach over https, and Acme's origin there."""
    built = portal(base_url="https://portal.test", metrics_token=SecretStr("a token for metrics alone, 0123"))
    return built, cast.acme.origin.replace("http://", "https://")


def assert_hardened(answer):
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    if answer.mimetype == "text/html":
        assert "form-action 'self'" in policy
        assert "object-src 'none'" in policy
    if answer.mimetype in {"application/json", "application/problem+json"}:
        assert "sandbox" in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Referrer-Policy"] in {"no-referrer", "strict-origin-when-cross-origin"}
    assert answer.headers["X-Request-Id"]
    assert not {"X-Powered-By", "X-XSS-Protection", "Access-Control-Allow-Origin"} & set(answer.headers.keys())


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"])
def test_every_response_is_hardened(secure, browse, path, method):
    app, origin = secure
    answer = browse(origin, on=app).open(method, path, headers={"Origin": "https://evil.example"})
    assert_hardened(answer)
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"


@pytest.mark.parametrize("origin", ["https://nobody.portal.test", "https://evil.example"])
def test_a_host_that_nobody_lives_at_is_answered_hardened_too(secure, browse, origin):
    answer = browse(origin, on=secure[0]).get("/login")
    assert answer.status_code == 404
    assert_hardened(answer)


def test_an_error_of_ours_is_hardened_and_tells_nothing(secure, browse):
    app, origin = secure

    def breaks():
        raise RuntimeError("the secret sauce")

    app.view_functions["sign_in.new"] = open_to_anyone(breaks)
    for accept in ("text/html", "application/json"):
        answer = browse(origin, on=app).get("/login", headers={"Accept": accept})
        assert answer.status_code == 500
        assert_hardened(answer)
        assert "sauce" not in answer.text
        assert "Traceback" not in answer.text


def test_over_http_there_is_no_hsts(cast, browse):
    assert "Strict-Transport-Security" not in browse(cast.acme).get("/login").headers


@pytest.mark.parametrize("path", ["/login", "/account", "/account/sessions", "/register", "/logout", "/", "/nothing"])
def test_pages_are_kept_by_nobody(cast, browse, path):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    answer = browser.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_answers_of_the_api_are_kept_by_nobody(cast, call):
    client = call(cast.acme)
    tokens = client.login(cast.ada)
    for answer in (tokens, client.get("/me", token=tokens.json["access_token"]), client.get("/me")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_files_are_kept_for_ever_under_their_version_and_briefly_without(cast, browse):
    browser = browse(cast.acme)
    versioned = browser.get("/static/css/base.css?v=1").headers["Cache-Control"]
    assert versioned == "public, max-age=31536000, immutable"
    assert browser.get("/static/css/base.css").headers["Cache-Control"] == "public, max-age=60"
    missing = browser.get("/static/none.css?v=1")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers["Cache-Control"]
    assert "Set-Cookie" not in browser.get("/static/css/base.css").headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app/settings.py",
        "/static/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/static/..%5c..%5csettings.py",
        "/.git/HEAD",
        "/console",
        "/debug",
    ],
)
def test_no_file_of_ours_is_reached_from_outside(cast, browse, path):
    assert browse(cast.acme).get(path).status_code == 404


def test_pages_with_a_mailed_secret_send_no_referrer(cast, browse, call, letters):
    browser = browse(cast.acme)
    call(cast.acme).post("/auth/register", {"email": "zoe@acme.example", "password": "three uncommon gherkins"})
    token = letters.token_to("zoe@acme.example")
    gone = browser.get(f"/verify-email?token={token}")
    assert (gone.status_code, gone.location) == (303, "/verify-email")
    assert gone.headers["Referrer-Policy"] == "no-referrer"
    page = browser.get("/verify-email")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    # In the form's own field, and nowhere else: in no address and no script.
    assert token not in page.text.replace(f'name="token" value="{token}"', "")


def test_nobody_elsewhere_may_read_an_answer(cast, call):
    for origin in ("https://evil.example", "null", cast.globex.origin):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = call(cast.acme).call("OPTIONS", "/auth/login", headers=headers)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
