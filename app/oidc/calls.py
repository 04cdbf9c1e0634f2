"""What an application sends to one of its endpoints, as plain values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.oidc.errors import InvalidRequest
from app.scope import Origin

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of an application. ``url``: where we publish the endpoint, without a query.

    ``authorization`` and ``dpop`` are those headers as sent: the first is empty where it is missing, of the second
    there may be several, of which none counts then.
    """

    method: str
    url: str
    form: Mapping[str, Sequence[str]]
    origin: Origin
    authorization: str = ""
    dpop: Sequence[str] = ()

    def one(self, name: str) -> str | None:
        """A parameter; ``None`` where it is missing or empty (RFC 6749, section 3.2).

        Raises ``InvalidRequest`` where it was sent twice.
        """
        values = self.form.get(name, ())
        if len(values) > 1:
            # Its name may be anything; a description may not (RFC 6749, section 5.2).
            shown = name if _NAME.fullmatch(name) else "a parameter"
            raise InvalidRequest(f"{shown} was sent more than once")
        return values[0] or None if values else None

    def needed(self, name: str) -> str:
        """The same; raises ``InvalidRequest`` where it is missing."""
        value = self.one(name)
        if value is None:
            raise InvalidRequest(f"{name} is missing")
        return value

    def every(self, name: str) -> tuple[str, ...]:
        """A parameter that may be sent several times (``resource``: RFC 8707, section 2)."""
        return tuple(value for value in self.form.get(name, ()) if value)
