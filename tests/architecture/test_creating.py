"""Every POST of the API that creates something honours ``Idempotency-Key``, and tells what in its answer is secret."""

import pytest

from app.blueprints.api._operations import MARK, Model
from app.blueprints.api._shown_once import shown_once

# What POSTs outside /auth and creates nothing that could be there twice, and why.
NOT_CREATING = {
    "api_passkeys.ask_to_add": "a question, which is gone in five minutes; the answer to it creates",
    "api_second_factors.confirm": "a code counts once, and what it confirms is there already",
    "api_passwords.confirm_email": "a token counts once",
}
# What secrets are called in answers (product.md, section 5).
SECRETS = {"secret", "uri", "codes", "client_secret", "key", "token", "access_token", "refresh_token"}


@pytest.fixture
def operations(app):
    """(endpoint, path, operation) of every POST of the API."""
    return [
        (rule.endpoint, rule.rule.removeprefix("/api/v1"), getattr(app.view_functions[rule.endpoint], MARK))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "POST" in rule.methods
    ]


def test_every_post_creates_or_is_listed_here(operations):
    outside = {endpoint: operation for endpoint, path, operation in operations if not path.startswith("/auth/")}
    assert {endpoint for endpoint, operation in outside.items() if not operation.creates} == set(NOT_CREATING)


def test_nothing_under_auth_or_open_to_anyone_does(operations):
    for endpoint, path, operation in operations:
        assert not operation.creates or not (operation.open or path.startswith("/auth/")), endpoint


def test_whatever_is_not_ones_own_names_the_permission_that_it_needs(operations):
    """Else whoever has lost it would still be shown what they did with it."""
    for endpoint, path, operation in operations:
        if operation.creates:
            assert path.startswith("/me/") is (operation.creates.needs is None), endpoint


def test_every_secret_in_an_answer_is_marked_as_shown_once(operations):
    models = {
        model for *_, operation in operations if operation.creates for model in operation.answers.values() if model
    }
    found = {(model.__name__, name) for model in models for name in SECRETS & model.model_fields.keys()}
    assert found == {(model.__name__, name) for model in models for name in shown_once(model)}
    assert ("CreatedApplication", "client_secret") in found
    for model in models:
        # Only members of the answer itself are taken out.
        assert not [part for part in parts(model) if SECRETS & part.model_fields.keys()], model


def parts(model):
    """The models that a model is made of."""
    waiting, found = [of.annotation for of in model.model_fields.values()], []
    while waiting:
        kind = waiting.pop()
        waiting += getattr(kind, "__args__", ())
        if isinstance(kind, type) and issubclass(kind, Model):
            found.append(kind)
            waiting += [of.annotation for of in kind.model_fields.values()]
    return found


def test_the_document_tells_of_it_there_and_nowhere_else(operations, cast, browse):
    document = browse(cast.acme).get("/api/openapi.json").json
    telling = set()
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if "Idempotency-Key" in {parameter["name"] for parameter in described.get("parameters", ())}:
                telling.add((path, method))
                assert "`idempotency_in_progress`" in described["responses"]["409"]["description"]
                assert "`idempotency_key_reused`" in described["responses"]["422"]["description"]
                (answered,) = [said for status, said in described["responses"].items() if status.startswith("2")]
                assert "Idempotency-Replayed" in answered["headers"]
    assert len(telling) == len([1 for *_, operation in operations if operation.creates]) == 7
    secret = document["components"]["schemas"]["CreatedApplicationSecret"]["properties"]["client_secret"]
    assert secret["anyOf"] == [{"type": "string"}, {"type": "null"}]
    made = document["paths"]["/api/v1/applications"]["post"]["responses"]["201"]
    assert "client_secret" in made["headers"]["Idempotency-Withheld"]["description"]
