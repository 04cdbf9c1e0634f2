"""An operation says what it takes and gives once: the same models validate, document and answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request
from pydantic import BaseModel, ConfigDict, ValidationError

from app.blueprints._forms import json_body
from app.blueprints.api._idempotency import Creates, once_only
from app.errors import FieldError, InvalidInput, Problem

MARK = "operation"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODES = {"missing": "required", "extra_forbidden": "unknown_field"}


class Model(BaseModel):
    """A body, in or out: nothing unknown, nothing of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query string: what it means, and its JSON schema. A boolean where nothing else is said."""

    text: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "boolean"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, for the OpenAPI document. ``answers``: status to model, or ``None`` for an empty answer.

    ``bytes_of``: the media types of a body that is taken as it is.
    """

    summary: str
    tag: str
    body: type[Model] | None
    answers: dict[int, type[Model] | None]
    refusals: tuple[type[Problem], ...]
    open: bool
    query: Mapping[str, Parameter]
    bytes_of: tuple[str, ...] = ()
    creates: Creates | None = None


def operation(
    summary: str,
    *,
    tag: str,
    answers: dict[int, type[Model] | None],
    body: type[Model] | None = None,
    refusals: tuple[type[Problem], ...] = (),
    is_open: bool = False,
    query: Mapping[str, str | Parameter] | None = None,
    bytes_of: tuple[str, ...] = (),
    creates: Creates | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Document a view and, with ``body``, hand it the validated model as its first argument.

    ``query``: parameters by name; one that is described by a mere text is a boolean.
    ``creates``: it honours ``Idempotency-Key``.
    """
    described = query or {}

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def called(**arguments: Any) -> Any:
            act = partial(view, _validated(body), **arguments) if body else partial(view, **arguments)
            return once_only(creates, act, takes_body=body is not None, answers=answers) if creates else act()

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
                query={n: Parameter(text=said) if isinstance(said, str) else said for n, said in described.items()},
                bytes_of=bytes_of,
                creates=creates,
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
    value = once(name)
    if value not in {None, "true", "false"}:
        raise refused(name, "Send true or false.")
    return value == "true"


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number of the query string. Raises ``InvalidInput``."""
    value = once(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most):
        raise refused(name, f"Send a whole number from {least} to {most}.")
    return int(value)


def identifier(name: str) -> UUID | None:
    """An id of the query string. Raises ``InvalidInput``."""
    value = once(name)
    if value is None:
        return None
    if not _UUID.fullmatch(value):
        raise refused(name, "Send an id.")
    return UUID(value)


def once(name: str) -> str | None:
    """A parameter of the query string, ``None`` where it is missing. Raises ``InvalidInput`` where it comes twice."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise refused(name, "Send this once.")
    if values and "\x00" in values[0]:  # which no text of the database can be compared with
        raise refused(name, "Leave out control characters.")
    return values[0] if values else None


def refused(name: str, detail: str) -> InvalidInput:
    """The refusal of one parameter of the query string."""
    return InvalidInput(errors=(FieldError(pointer=f"?{name}", code="invalid", detail=detail),))


def _validated(body: type[Model]) -> Model:
    try:
        return body.model_validate(json_body())
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidInput(errors=tuple(_field_error(one) for one in found)) from None


def _field_error(found: Any) -> FieldError:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in found["loc"])
    return FieldError(pointer=pointer, code=_CODES.get(found["type"], found["type"]), detail=_sentence(found["msg"]))


def _sentence(said: str) -> str:
    """Ours are said as they are, without the name of the exception that carried them."""
    text = said.removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}."
