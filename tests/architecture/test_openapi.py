"""The OpenAPI document is valid, and every call of the API is in it."""

import re

import pytest
from openapi_spec_validator import validate

from tests.architecture.doors import EXPECTED_OPEN


@pytest.fixture
def document(cast, browse):
    answer = browse(cast.acme).get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return answer.json


def routes(app):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower()


def test_it_is_valid_openapi(document):
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_call_is_in_it_and_nothing_else(app, document):
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == set(routes(app))


def test_every_closed_call_asks_for_a_token_and_every_open_one_does_not(app, document):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                # Introspection takes a token, of whoever sends it.
                is_open = rule.endpoint in EXPECTED_OPEN - {"api_auth.introspect"}
                assert document["paths"][path][method.lower()]["security"] == ([] if is_open else [{"bearer": []}])


def test_every_refusal_that_can_be_met_is_documented(document):
    """401 where a token is asked for; 400, 413, 415 and 422 where a body is; 429 everywhere, for all are limited."""
    missing = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            expected = {"429"} | ({"401"} if described["security"] else set())
            expected |= {"400", "413", "415", "422"} if "requestBody" in described else set()
            missing += [(method, path, status) for status in sorted(expected - described["responses"].keys())]
    assert missing == []


def test_every_object_refuses_or_names_unknown_members(document):
    for name, schema in document["components"]["schemas"].items():
        if name not in {"Problem", "Introspection"}:
            assert schema.get("additionalProperties") is False, name


def test_every_operation_has_an_id_of_its_own(document):
    ids = [described["operationId"] for methods in document["paths"].values() for described in methods.values()]
    assert len(ids) == len(set(ids))
