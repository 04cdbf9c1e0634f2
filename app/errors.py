"""Every expected refusal is a class with a stable code; it knows what may be shown and what may not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One field that was refused: a JSON pointer, a stable code, and a sentence for people."""

    pointer: str
    code: str
    detail: str

    @property
    def field(self) -> str:
        return self.pointer.rsplit("/", 1)[-1]


class Problem(Exception):
    """Base of every expected refusal (RFC 9457).

    ``detail`` and ``errors`` are shown to the caller. ``log`` never leaves the process.
    ``retry_after`` is in whole seconds. ``members`` are further members of the JSON answer.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be completed."

    def __init__(
        self,
        detail: str = "",
        *,
        log: str = "",
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
        members: dict[str, object] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.log = log
        self.errors = errors
        self.retry_after = retry_after
        self.members = members or {}

    @property
    def by_field(self) -> dict[str, str]:
        """The sentence for each field that was refused, as forms show them."""
        return {error.field: error.detail for error in self.errors}


class InvalidInput(Problem):
    """One or more fields were refused; ``errors`` says which and why."""

    code = "invalid_input"
    status = 422
    title = "Please check what you entered."


class MalformedRequest(Problem):
    code = "malformed_request"
    status = 400
    title = "The request could not be read."


class Unauthenticated(Problem):
    code = "unauthenticated"
    status = 401
    title = "Please sign in."


class Forbidden(Problem):
    code = "forbidden"
    status = 403
    title = "You may not do this."


class NotFound(Problem):
    code = "not_found"
    status = 404
    title = "There is nothing here."


class MethodNotAllowed(Problem):
    code = "method_not_allowed"
    status = 405
    title = "This address does not answer that kind of request."


class TooLarge(Problem):
    code = "too_large"
    status = 413
    title = "That is more than we can take at once."


class UnsupportedMediaType(Problem):
    code = "unsupported_media_type"
    status = 415
    title = "The body must be sent as application/json."


class TooManyRequests(Problem):
    code = "too_many_requests"
    status = 429
    title = "Too many tries. Please wait a little."


class Unexpected(Problem):
    code = "unexpected"
    status = 500
    title = "Something went wrong on our side."


class Unavailable(Problem):
    code = "unavailable"
    status = 503
    title = "We cannot answer right now. Please try again in a moment."


def settle(outcome: T | Problem) -> T:
    """Raise the refusal that a unit returned, now that the unit has been committed; else hand the outcome on."""
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def gather(*checks: Callable[[], object]) -> None:
    """Run all the checks, so that everything that is wrong is said at once. Raises one ``InvalidInput``."""
    found: list[FieldError] = []
    for check in checks:
        try:
            check()
        except InvalidInput as refusal:
            found += refusal.errors
    if found:
        raise InvalidInput(errors=tuple(found))


def refuse(field: str, code: str, detail: str) -> InvalidInput:
    """The refusal of a single field of the body."""
    return InvalidInput(errors=(FieldError(pointer=f"/{field}", code=code, detail=detail),))
