"""An operation says what it takes and gives once: the same models validate, document and answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError

from app.blueprints._forms import json_body
from app.errors import FieldError, InvalidInput, Problem

MARK = "operation"
_CODES = {"missing": "required", "extra_forbidden": "unknown_field"}


class Model(BaseModel):
    """A body, in or out: nothing unknown, nothing of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, for the OpenAPI document. ``answers``: status to model, or ``None`` for an empty answer."""

    summary: str
    tag: str
    body: type[Model] | None
    answers: dict[int, type[Model] | None]
    refusals: tuple[type[Problem], ...]
    open: bool
    query: dict[str, str]


def operation(
    summary: str,
    *,
    tag: str,
    answers: dict[int, type[Model] | None],
    body: type[Model] | None = None,
    refusals: tuple[type[Problem], ...] = (),
    is_open: bool = False,
    query: dict[str, str] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Document a view and, with ``body``, hand it the validated model as its first argument."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def called(**arguments: Any) -> Any:
            return view(_validated(body), **arguments) if body else view(**arguments)

        setattr(
            called,
            MARK,
            Operation(
                summary=summary,
                tag=tag,
                body=body,
                answers=answers,
                refusals=refusals,
                open=is_open,
                query=query or {},
            ),
        )
        return called

    return decorate


def answer(model: Model | None, status: int = 200) -> Response:
    """A JSON answer, or an empty one."""
    if model is None:
        return Response(status=status)
    return Response(
        orjson.dumps(model.model_dump(), option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS),
        status=status,
        mimetype="application/json",
    )


def flag(name: str) -> bool:
    """A boolean of the query string. Raises ``InvalidInput`` for anything but true and false, or for both."""
    values = request.args.getlist(name)
    if not values:
        return False
    if len(values) > 1 or values[0] not in {"true", "false"}:
        raise InvalidInput(errors=(FieldError(pointer=f"?{name}", code="invalid", detail="Send true or false."),))
    return values[0] == "true"


def _validated(body: type[Model]) -> Model:
    try:
        return body.model_validate(json_body())
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidInput(errors=tuple(_field_error(one) for one in found)) from None


def _field_error(found: Any) -> FieldError:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in found["loc"])
    return FieldError(pointer=pointer, code=_CODES.get(found["type"], found["type"]), detail=f"{found['msg']}.")
