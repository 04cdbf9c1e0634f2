"""The accounts of this browser: the one in use, and the few others that somebody signed in with for applications.

Their secrets rest in a cookie of their own, and count as that of any session does: only live ones of this tenant. The
cookie ends with the browser, whatever the sessions do.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from flask import Response, g

from app.blueprints import _context, _cookies
from app.blueprints._services import services
from app.errors import NotFound
from app.oidc.flows import Flow
from app.oidc.progress import Account
from app.scope import Scope

# Beside the one in use.
MOST = 4
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Somebody who is signed in in this browser, and what it holds of their session."""

    secret: str
    scope: Scope

    @property
    def session_id(self) -> UUID | None:
        return self.scope.session_id


def current() -> Kept | None:
    """The account in use."""
    secret, scope = _cookies.read(_cookies.SESSION), _context.scope_or_none()
    return Kept(secret=secret, scope=scope) if secret and scope else None


def others() -> tuple[Kept, ...]:
    """The others, looked up once a request: each person once, the latest first. Garbage is nobody."""
    if "other_accounts" not in g:
        g.other_accounts = tuple(_look_up())
    return tuple(g.other_accounts)


def beside() -> tuple[Account, ...]:
    """Who else is signed in here, as an application's sign-in asks for it."""
    return tuple(_account(one) for one in others())


def asked(flow: Flow) -> tuple[Scope | None, tuple[Account, ...]]:
    """Whom an application's request is put to, and who else is here.

    Where nothing may be shown, nobody can choose: then it is whom the application names, if they are signed in here at
    all (OpenID Connect Core, section 3.1.2.1, ``id_token_hint``). Who is in use stays so.
    """
    named = next((one.scope for one in others() if str(one.scope.user_id) == flow.request.subject), None)
    if named is None or not flow.request.silent:
        return _context.scope_or_none(), beside()
    return named, tuple(_account(one) for one in everybody() if one.scope.user_id != named.user_id)


def everybody() -> tuple[Kept, ...]:
    """All of them, the one in use first."""
    one = current()
    return (*([one] if one else []), *others())


def switch(response: Response, kept: Kept) -> None:
    """Use this one from now on; the one that was in use is kept beside it."""
    keep(response, [one for one in everybody() if one.secret != kept.secret])
    _cookies.put(
        response, _cookies.SESSION, kept.secret, life=services().sessions.cookie_life(_context.tenant(), kept.scope)
    )


def former(user_id: UUID, *, kept: bool) -> list[Kept]:
    """Somebody has signed in here: who stays beside them. The account that was in use does if it is to be ``kept``.

    Nobody is here twice, and no more than there may be: the sessions of the others end, the oldest first.
    """
    staying = [other for other in (everybody() if kept else others()) if other.scope.user_id != user_id][:MOST]
    for other in everybody():
        if other not in staying:
            _end(other.scope)
    return staying


def keep(response: Response, kept: list[Kept]) -> None:
    """These are beside the one in use from now on. Where nothing changes, nothing is sent."""
    if [one.secret for one in kept] == _held():
        return
    g.other_accounts = tuple(kept)
    if kept:
        _cookies.put(response, _cookies.ACCOUNTS, ".".join(one.secret for one in kept), life=None)
    else:
        _cookies.drop(response, _cookies.ACCOUNTS)


def remove(response: Response, kept: Kept) -> None:
    """Sign this one out here."""
    services().sessions.logout(_context.tenant(), kept.scope)
    keep(response, [one for one in others() if one.secret != kept.secret])


def end_all() -> int:
    """Sign everybody out here. Returns how many that were."""
    leaving = everybody()
    for one in leaving:
        services().sessions.logout(_context.tenant(), one.scope)
    return len(leaving)


def drop(response: Response) -> None:
    """The browser forgets the others."""
    keep(response, [])


def _account(one: Kept) -> Account:
    return Account(user_id=one.scope.user_id, email=one.scope.email)


def _held() -> list[str]:
    """What the cookie says, as far as it could be ours."""
    found = (_cookies.read(_cookies.ACCOUNTS) or "").split(".")
    return [secret for secret in dict.fromkeys(found) if _SECRET.fullmatch(secret)][:MOST]


def _look_up() -> list[Kept]:
    one = current()
    known = {one.scope.user_id} if one else set()
    found = []
    for secret in _held():
        scope = services().sessions.by_cookie(_context.tenant(), secret, origin=_context.origin())
        if scope and scope.user_id not in known:
            known.add(scope.user_id)
            found.append(Kept(secret=secret, scope=scope))
    return found


def _end(scope: Scope) -> None:
    # Pressed twice, the other press has ended it already.
    with suppress(NotFound):
        if scope.session_id:
            services().sessions.end(_context.tenant(), scope, scope.session_id, reason="replaced")
