"""What a body may be: a JSON object in UTF-8, of bounded size and depth, with known members. Nothing comes back."""

import json
import re
import time

import pytest

from app.ids import uuid7

LOGIN = "/auth/login"
PROBLEM = {"type", "title", "status", "detail", "instance", "code"}


@pytest.fixture
def acme(cast, call):
    return call(cast.acme)


def refused(answer, status, code):
    """The shape of RFC 9457."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body.keys() - {"errors"} == PROBLEM
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:portico:problem:{code}"
    assert body["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
    assert body["title"].endswith(".")
    return body


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/jsonp",
    ],
)
def test_another_type_is_refused_with_415(acme, content_type):
    refused(acme.raw(LOGIN, b'{"email":"a@b.example","password":"x"}', content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"[]",
        b'"text"',
        b"null",
        b"1",
        b'{"email":"a@b.example","email":"c@d.example","password":"x"}',
        b'{"email":"a@b.example","password":"x","password":"x"}',
        b'{"email":NaN,"password":"x"}',
        b'{"email":Infinity,"password":"x"}',
        b'{"email":-Infinity,"password":"x"}',
        '{"email":"a@b.example","password":"x"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"email":"a@b.example","password":"x"}',
        b'{"email":"\xff","password":"x"}',
        b'{"email":' + b"9" * 5000 + b',"password":"x"}',
        b'{"email":"a@b.example","password":"x"} trailing',
        b"{'email':'a@b.example'}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_single_json_object_is_refused_with_400(acme, body):
    refused(acme.raw(LOGIN, body), 400, "malformed_request")


@pytest.mark.parametrize("depth", [33, 100, 700, 800, 900, 5000, 100_000])
@pytest.mark.parametrize("kind", ["list", "object"])
def test_deep_nesting_is_refused_with_400(acme, depth, kind):
    opening, closing = ("[", "]") if kind == "list" else ('{"a":', "}")
    body = '{"email":' + opening * depth + "1" + closing * depth + "}"
    refused(acme.raw(LOGIN, body.encode()), 400, "malformed_request")


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        (LOGIN, {}, {"/email": "required", "/password": "required"}),
        (LOGIN, {"email": "a@b.example", "password": "x", "is_admin": True}, {"/is_admin": "unknown_field"}),
        (LOGIN, {"email": ["a@b.example", "c@d.example"], "password": "x"}, {"/email": None}),
        (LOGIN, {"email": 7, "password": "x"}, {"/email": None}),
        (LOGIN, {"email": "a@b.example", "password": ""}, {"/password": None}),
        (LOGIN, {"email": "a@b.example", "password": "x", "remember": "true"}, {"/remember": None}),
        (LOGIN, {"email[]": "a@b.example", "password": "x"}, {"/email": "required", "/email[]": "unknown_field"}),
        ("/auth/register", {"email": "no address", "password": "three uncommon gherkins"}, {"/email": "invalid_email"}),
        ("/auth/register", {"email": "zoe@b.example", "password": "short"}, {"/password": "too_short"}),
        ("/auth/register", {"email": "zoe@b.example", "password": "a b" * 60}, {"/password": "too_long"}),
        ("/auth/register", {"email": "zoe@b.example", "password": "password123"}, {"/password": "too_easy_to_guess"}),
        ("/auth/refresh", {"refresh_token": ""}, {"/refresh_token": None}),
        ("/auth/verify-email", {"token": None}, {"/token": None}),
        ("/auth/verification-emails", {"email": "a@x.example,b@y.example"}, {"/email": "invalid_email"}),
    ],
)
def test_bad_and_unknown_fields_are_refused_with_422_and_named(acme, path, body, pointers):
    said = refused(acme.post(path, body), 422, "invalid_input")
    found = {error["pointer"]: error["code"] for error in said["errors"]}
    assert found.keys() == pointers.keys()
    assert all(code in {None, found[pointer]} for pointer, code in pointers.items())
    assert all(error["detail"].endswith(".") for error in said["errors"])


def test_submitted_values_are_never_echoed(acme):
    secret = "hunter2-<svg onload=1>-{{7*7}}"
    for path in (LOGIN, "/auth/register", "/auth/refresh", "/auth/verify-email", "/auth/verification-emails"):
        for body in ({"email": [secret], "password": secret}, {"email": secret, "password": secret, "token": secret}):
            answer = acme.post(path, body | {"refresh_token": {"x": secret}})
            assert answer.status_code == 422
            assert "hunter2" not in answer.text
            assert "7*7" not in answer.text


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb@acme.example", "a\\u0000@acme.example", "\\u0000"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOGIN, '{"email":"%s","password":"x"}'),
        (LOGIN, '{"email":"ada@acme.example","password":"%s"}'),
        (LOGIN, '{"email":"ada@acme.example","password":"x","device_token":"%s"}'),
        ("/auth/register", '{"email":"%s","password":"three uncommon gherkins"}'),
        ("/auth/register", '{"email":"zoe@acme.example","password":"three uncommon gherkins %s"}'),
        ("/auth/register", '{"email":"zoe@acme.example","password":"three uncommon gherkins","name":"%s"}'),
        ("/auth/verification-emails", '{"email":"%s"}'),
        ("/auth/verify-email", '{"token":"%s"}'),
        ("/auth/verify-email", '{"token":"x","challenge":"%s"}'),
        ("/auth/refresh", '{"refresh_token":"%s"}'),
    ],
)
def test_lone_surrogates_and_nul_are_answered_and_no_error_of_ours(acme, path, body, text):
    assert acme.raw(path, (body % text).encode()).status_code < 500


def test_more_than_a_mebibyte_is_refused_with_413_on_every_post(acme, app):
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.rule.startswith("/api/v1")]
    for rule in rules:
        started = time.perf_counter()
        path = re.sub(r"<uuid:\w+>", str(uuid7()), rule.rule.removeprefix("/api/v1"))
        answer = acme.raw(path, json.dumps({"email": "x" * 1024 * 1024}).encode())
        assert time.perf_counter() - started < 1
        assert answer.status_code in {413, 401}, rule
        if answer.status_code == 413:
            refused(answer, 413, "too_large")
