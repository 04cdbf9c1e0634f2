"""A page of a list: what is on it, and where the next one begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T, K]):
    """``after``: the key of the last of ``items``, where more come after it. Keys never change, offsets would."""

    items: tuple[T, ...]
    after: K | None = None


def page_of(rows: Sequence[R], *, limit: int, key: Callable[[R], K], view: Callable[[R], T]) -> Page[T, K]:
    """The page that ``rows`` make, of which one more than ``limit`` was asked for: so one knows of the next page."""
    shown = rows[:limit]
    return Page(items=tuple(view(row) for row in shown), after=key(shown[-1]) if len(rows) > limit else None)
