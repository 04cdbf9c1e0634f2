"""Members of an answer that are secrets: shown with the answer, and never again."""

from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

T = TypeVar("T")
_NULL: dict[str, Any] = {"type": "null"}
_SAID = "Shown once. `null` in an answer that is replayed."


class _Mark:
    """In the document such a member may be null, whatever it is the first time."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core)
        kinds = schema.get("anyOf", [schema])
        return {"anyOf": kinds if _NULL in kinds else [*kinds, _NULL], "description": _SAID}


# ``ShownOnce[str]`` marks a member of a model.
ShownOnce = Annotated[T, _Mark()]


@lru_cache(maxsize=256)
def shown_once(model: type[BaseModel]) -> tuple[str, ...]:
    """The members of a model that are shown once."""
    return tuple(
        name for name, of in model.model_fields.items() if any(isinstance(mark, _Mark) for mark in of.metadata)
    )
