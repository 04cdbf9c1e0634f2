"""One problem, three faces; a request and its id."""

import pytest

ID = "01a21000-0000-7000-8000-000000000000"


@pytest.fixture
def ada(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


def test_a_problem_is_a_page_for_people(ada):
    answer = ada.post(f"/account/sessions/{ID}/revocation")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "<html" in answer.text
    assert "not_found" in answer.text
    assert "HX-Retarget" not in answer.headers


def test_a_problem_is_a_fragment_for_htmx(ada):
    answer = ada.post(f"/account/sessions/{ID}/revocation", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert answer.headers["HX-Retarget"] == "#alert"
    assert "<html" not in answer.text
    assert 'id="alert"' in answer.text


def test_a_problem_is_json_for_programs(ada, call, cast):
    asked = ada.post(f"/account/sessions/{ID}/revocation", headers={"Accept": "application/json"})
    client = call(cast.acme)
    under_api = client.call("DELETE", f"/me/sessions/{ID}", token=client.tokens(cast.ada)["access_token"])
    for answer in (asked, under_api):
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] == "not_found"


def test_the_page_holds_the_fragment(ada):
    path = f"/account/sessions/{ID}/revocation"
    request_id = {"X-Request-Id": "one-and-the-same"}
    page = ada.post(path, headers=request_id).text
    part = ada.post(path, headers=request_id | {"HX-Request": "true"}).text
    assert part.strip() in page


def test_a_stranger_is_led_to_the_door_by_page_and_by_htmx(browse, cast):
    browser = browse(cast.acme)
    assert browser.get("/account").location == "/login"
    answer = browser.get("/account", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/login"
    asked = browser.get("/account", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json["code"]) == (401, "unauthenticated")


def test_a_whole_page_is_sent_where_htmx_wants_one(ada):
    for headers in ({"HX-Request-Type": "full"}, {"HX-History-Restore-Request": "true"}):
        assert "<html" in ada.get("/account/sessions", headers={"HX-Request": "true", **headers}).text


@pytest.mark.parametrize("wished", ["abcdef12", ID, "A" * 64])
def test_a_request_keeps_its_id(browse, cast, wished):
    for path in ("/login", "/api/v1/me", "/static/css/base.css", "/nothing"):
        assert browse(cast.acme).get(path, headers={"X-Request-Id": wished}).headers["X-Request-Id"] == wished


@pytest.mark.parametrize(
    "wished", ["", "short", "A" * 65, "a b c d e f g h", "<script>alert", "ids;drop table", "aé" * 6]
)
def test_an_id_that_is_none_is_replaced(browse, cast, wished):
    headers = {"X-Request-Id": wished.encode().decode("latin-1")}
    given = browse(cast.acme).get("/login", headers=headers).headers["X-Request-Id"]
    assert given != wished
    assert len(given) == 36


def test_the_wrong_method_is_405_and_says_the_right_ones(call, browse, cast):
    answer = call(cast.acme).get("/auth/login")
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    page = browse(cast.acme).open("DELETE", "/login")
    assert page.status_code == 405
    assert set(page.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    "path",
    ["/login/", "/LOGIN", "/account/", "/account//sessions", "/account;x", "/account/sessions/", "/./account",
     "/x/../account", "/api/v1/me/", "/api/v1//me", "/API/v1/me", "/static", "/account%2fsessions", "/account\\"],
)  # fmt: skip
def test_another_spelling_of_a_path_is_404(ada, path):
    assert ada.get("/", environ={"PATH_INFO": path}).status_code == 404


@pytest.mark.parametrize("path", ["//account", "///account/profile", "//api/v1/me", "//account/sessions"])
def test_slashes_before_a_path_pass_no_guard_by(browse, cast, path):
    answer = browse(cast.acme).get("/", environ={"PATH_INFO": path})
    assert answer.status_code in {404, 401} or (answer.status_code, answer.location) == (303, "/login")


@pytest.mark.parametrize("path", ["/login", "/register", "/account/profile", "/logout", "/verify-email"])
def test_a_form_over_a_mebibyte_is_413(ada, path):
    body = "csrf_token=x&name=" + "x" * 1024 * 1024
    answer = ada.open("POST", path, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert answer.mimetype == "text/html"


def test_callback_parameters_make_no_script(ada):
    assert ada.get("/api/openapi.json?callback=x").text.startswith("{")
