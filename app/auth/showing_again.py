"""How somebody who is signed in can show again that it is them, and what they have shown: plain values."""

from dataclasses import dataclass, replace
from typing import Literal

from app.auth import factors
from app.auth.codes import is_code
from app.auth.errors import InvalidCode
from app.auth.factors import EMAIL, PASSWORD, Method
from app.auth.passkey_replies import Credential
from app.errors import FieldError, InvalidInput, refuse
from app.storage.hot import Arrival
from app.tenancy import Tenant

First = Literal["password", "email_code"]
_SAID = {
    "password": "Type your password.",
    "email_code": "Type the code from the message.",
    "code": "Type the code.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """``first``: what everybody is asked for. ``methods``: whoever has a second factor is asked for one of these too.

    A passkey whose device checks who holds it is enough by itself.
    """

    first: First
    methods: tuple[Method, ...]

    @property
    def mails(self) -> bool:
        """Whether a code by mail is of any use."""
        return "email_code" in (self.first, *self.methods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What somebody has shown. ``code`` goes with ``method``; ``credential`` with the ``challenge`` that was asked.

    ``email_code``: the mailed code of those who have no password; where nothing else is asked, ``code`` will do.
    """

    password: str = ""
    email_code: str = ""
    method: str = ""
    code: str = ""
    credential: Credential = ""
    challenge: str = ""

    @property
    def mailed(self) -> str:
        """What was typed from a mail, as whichever factor."""
        return self.email_code or (self.code if self.method == "email_code" else "")

    @property
    def guesses(self) -> bool:
        """Whether there is a code in it."""
        return bool(self.code or self.email_code)


def ways_of(tenant: Tenant, arrival: Arrival) -> Ways:
    """What they have. A password that nobody may sign in with proves nothing here either."""
    settings = tenant.settings
    by_password = bool(arrival.password_hash) and settings.allows("password")
    word = PASSWORD if by_password else EMAIL
    own = factors.is_enrolled(arrival)
    return Ways(
        first="password" if by_password else "email_code",
        methods=factors.methods_for(arrival, (word,), settings) if own else (),
    )


def complete(ways: Ways, shown: Shown) -> Shown:
    """The same, as far as it counts for somebody with these ways.

    Raises ``InvalidInput`` for what is missing, ``InvalidCode`` for what is no code at all: neither is a guess.
    """
    if shown.credential:
        shown = replace(shown, method="passkey", code="")
    elif not ways.methods and ways.first == "email_code":
        shown = replace(shown, email_code=shown.email_code or shown.code, method="", code="")
    elif not ways.methods:
        shown = replace(shown, method="", code="", email_code="")
    elif not shown.method:
        shown = replace(shown, method=default_method(ways))
    if ways.first != "password":
        shown = replace(shown, password="")
    elif shown.email_code:
        shown = replace(shown, email_code="")
    _refuse_missing(ways, shown)
    typed = (shown.email_code, shown.code if shown.method in {"totp", "email_code"} else "")
    if any(text and not is_code(text) for text in typed):
        raise InvalidCode(log="not a code")
    return shown


def default_method(ways: Ways) -> str:
    """The first of their ways that is typed; where there is none, a passkey."""
    return next((method for method in ways.methods if method != "passkey"), next(iter(ways.methods), ""))


def missing(ways: Ways, field: str) -> InvalidInput:
    """The refusal of somebody who has left out what they are asked for."""
    shown_as = "code" if field == "email_code" and not ways.methods else field
    return refuse(shown_as, "required", _SAID[field])


def _refuse_missing(ways: Ways, shown: Shown) -> None:
    if shown.method and shown.method not in ways.methods:
        raise refuse("method", "not_available", "This is not a way that you have.")
    found: list[FieldError] = []
    if not shown.credential:
        if not (shown.password if ways.first == "password" else shown.email_code):
            found += missing(ways, ways.first).errors
        if ways.methods and not shown.code:
            found += missing(ways, "code").errors
    if found:
        raise InvalidInput(errors=tuple(found))
