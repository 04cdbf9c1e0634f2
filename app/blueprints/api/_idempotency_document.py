"""What the OpenAPI document says of ``Idempotency-Key``."""

from typing import Any

from pydantic import BaseModel

from app.blueprints.api._idempotency import HEADER, REPLAYED, WITHHELD
from app.blueprints.api._shown_once import shown_once
from app.errors import Problem
from app.idempotency.errors import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    IdempotencyOutcomeUnknown,
    InvalidIdempotencyKey,
)

REFUSALS: tuple[type[Problem], ...] = (
    InvalidIdempotencyKey,
    IdempotencyKeyReused,
    IdempotencyInProgress,
    IdempotencyOutcomeUnknown,
)
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": (
        "A value of your own for this one request, best a random UUID in double quotes. Sent again with the same value"
        " within 24 hours, nothing is created a second time: the answer is that of the first time."
    ),
    "schema": {"type": "string"},
    "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
}


def headers_of(model: type[BaseModel] | None) -> dict[str, Any]:
    """The headers of an answer that may be a replay."""
    headers = {REPLAYED: _header("`true` where the request had been answered before. Missing otherwise.")}
    secret = shown_once(model) if model else ()
    if secret:
        named = ", ".join(f"`{name}`" for name in secret)
        headers[WITHHELD] = _header(f"Which of {named} had been in the first answer, and are `null` in the replay.")
    return headers


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}
