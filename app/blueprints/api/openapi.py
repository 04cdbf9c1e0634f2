"""The OpenAPI 3.1 document, made from what the views say of themselves, and its page."""

import re
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app
from flask.typing import ResponseReturnValue
from pydantic.json_schema import models_json_schema

from app.auth.errors import InvalidToken, TenantSuspended, UnknownTenant
from app.blueprints._guards import CrossSite, open_to_anyone
from app.blueprints._render import show
from app.blueprints.api import _idempotency_document as idempotency
from app.blueprints.api._operations import MARK, Model, Operation
from app.errors import (
    InvalidInput,
    MalformedRequest,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unexpected,
    UnsupportedMediaType,
)

bp = Blueprint("openapi", __name__)
_REF = "#/components/schemas/{model}"
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `instance` names the request.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
        "challenge": {"type": "string", "description": "Of a sign-in that owes more: it goes with what is owed."},
        "methods": {
            "type": "array",
            "items": {"enum": ["passkey", "totp", "email_code", "backup_code"]},
            "description": "How what is owed can be shown, the best first.",
        },
        "skip_until": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "Until when a page lets people put it off.",
        },
        "max_age": {"type": "integer", "description": "How fresh the sign-in has to be, in seconds (RFC 9470)."},
        "acr_values": {"type": "string", "description": "How strong it has to be (RFC 9470)."},
    },
}
_LINK: dict[str, Any] = {
    "Link": {"description": 'Where another page follows: its address, `rel="next"`.', "schema": {"type": "string"}}
}


@bp.get("/api/openapi.json")
@open_to_anyone
def document() -> ResponseReturnValue:
    return _document(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own word


@bp.get("/api/docs")
@open_to_anyone
def docs() -> ResponseReturnValue:
    return show("api/docs.html")


@lru_cache(maxsize=2)
def _document(app: Flask) -> Response | dict[str, Any]:
    found = [
        (rule, method, operation)
        for rule in app.url_map.iter_rules()
        if (operation := getattr(app.view_functions[rule.endpoint], MARK, None))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, operation in sorted(found, key=lambda one: one[0].rule):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _describe(rule.endpoint, path, operation, method.lower())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Portico",
            "version": "1",
            "description": "Tenants are told apart by host; on the base domain by the header `X-Tenant`.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM, **_schemas([operation for _, _, operation in found])},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _schemas(operations: list[Operation]) -> dict[str, Any]:
    models: set[type[Model]] = set()
    for operation in operations:
        models |= {model for model in (operation.body, *operation.answers.values()) if model}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schema = models_json_schema([(model, "validation") for model in ordered], ref_template=_REF)
    return dict(schema["$defs"])


def _describe(endpoint: str, path: str, operation: Operation, method: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": endpoint.removeprefix("api_").replace(".", "_"),
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {str(status): _answer(model) for status, model in operation.answers.items()},
        "security": [] if operation.open else [{"bearer": []}],
    }
    for status, kinds in _by_status(_refusals(operation, method)).items():
        described["responses"][str(status)] = {
            "description": " ".join(f"`{kind.code}`: {kind.title}" for kind in kinds),
            "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ] + [
        {"name": name, "in": "query", "description": parameter.text, "schema": dict(parameter.schema)}
        for name, parameter in operation.query.items()
    ]
    if operation.creates:
        parameters.append(idempotency.PARAMETER)
        for status, model in operation.answers.items():
            described["responses"][str(status)]["headers"] = idempotency.headers_of(model)
    if parameters:
        described["parameters"] = parameters
    if "cursor" in operation.query:
        described["responses"]["200"]["headers"] = _LINK
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    if operation.bytes_of:
        # OpenAPI 3.1: a body of bytes has no schema.
        described["requestBody"] = {"required": True, "content": {kind: {} for kind in operation.bytes_of}}
    return described


def _refusals(operation: Operation, method: str) -> tuple[type[Problem], ...]:
    """Its own, and those that any operation of its kind may meet."""
    common: list[type[Problem]] = [UnknownTenant, TenantSuspended, TooManyRequests, Unexpected, Unavailable]
    if method != "get":
        common.append(CrossSite)
    if operation.body or operation.bytes_of:
        common += [InvalidInput, MalformedRequest, TooLarge, UnsupportedMediaType]
    if operation.creates:
        common += idempotency.REFUSALS
    if not operation.open:
        common += [Unauthenticated, InvalidToken]
    return tuple(dict.fromkeys([*operation.refusals, *common]))


def _by_status(refusals: tuple[type[Problem], ...]) -> dict[int, list[type[Problem]]]:
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in refusals:
        by_status.setdefault(kind.status, []).append(kind)
    return by_status


def _answer(model: type[Model] | None) -> dict[str, Any]:
    if model is None:
        return {"description": "Done."}
    return {"description": (model.__doc__ or "").strip() or model.__name__, "content": _content(model)}


def _content(model: type[Model]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
