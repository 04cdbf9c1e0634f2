"""The end session endpoint (OpenID Connect RP-Initiated Logout 1.0).

With an ID token of somebody who is signed in in this browser, their session ends at once, also by GET: that token is
what shows that it is no stranger's page that asks (OWASP ASVS 5.0, 10.6.2). Otherwise people are asked first.

A request by POST comes across sites, and so without cookies: it changes nothing, and leads to a GET of ours that has
them.
"""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.blueprints import _accounts, _context
from app.blueprints._accounts import Kept
from app.blueprints._guards import asked_by_applications, open_to_anyone
from app.blueprints._limits import END_SESSION, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.oidc import _answers, _signed_out
from app.oidc.end_session import PARAMETERS, Wish
from app.oidc.errors import InvalidRequest

bp = Blueprint("end_session", __name__)


@bp.before_request
def only_look() -> Response | None:
    """HEAD asks what GET would say, and must not end anything (RFC 9110, section 9.3.2)."""
    return _answers.private(Response(mimetype="text/html")) if request.method == "HEAD" else None


@bp.get(_signed_out.ADDRESS)
@open_to_anyone
@limited(*END_SESSION)
def new() -> ResponseReturnValue:
    try:
        wish = _wish()
    except InvalidRequest as refusal:
        return _answers.error(refusal)
    here = _accounts.everybody()
    meant = _meant(wish, here)
    return _confirm(wish, len(here)) if here and not meant else _ended(wish, meant)


@bp.post(_signed_out.ADDRESS)
@open_to_anyone
@asked_by_applications
@limited(*END_SESSION)
def create() -> ResponseReturnValue:
    try:
        wish = services().openid.end_session.read(_context.tenant(), _sent(), by_form=True)
    except InvalidRequest as refusal:
        return _answers.error(refusal)
    return _answers.private(to(f"{_signed_out.ADDRESS}?ticket={_signed_out.ticket(wish)}"))


def _wish() -> Wish:
    if ticket := request.args.get("ticket"):
        return services().openid.end_session.opened(_context.tenant(), ticket)
    return services().openid.end_session.read(_context.tenant(), _sent(), by_form=False)


def _sent() -> dict[str, list[str]]:
    """All that was sent, wherever: what stands in the address and in the form was sent twice."""
    return {name: [*request.args.getlist(name), *request.form.getlist(name)] for name in PARAMETERS}


def _meant(wish: Wish, here: tuple[Kept, ...]) -> Kept | None:
    """Whom the ID token is about: by its very session, else by its person."""
    exactly = [one for one in here if wish.names(one.scope)]
    theirs = [one for one in here if wish.means(one.scope)]
    return next(iter((*exactly, *theirs)), None)


def _confirm(wish: Wish, accounts: int) -> Response:
    back = _signed_out.way_back(wish)
    return _answers.private(
        show(
            "end_session/confirm.html",
            ticket=_signed_out.ticket(wish),
            name=back and back.name,
            accounts=accounts,
        )
    )


def _ended(wish: Wish, meant: Kept | None) -> Response:
    """Sign this one out, if anybody was signed in. Other accounts of this browser stay."""
    others = [one for one in _accounts.everybody() if one != meant]
    was_in_use = meant is not None and meant == _accounts.current()
    response = _answer(wish)
    if meant:
        _accounts.remove(response, meant)
    if was_in_use:
        _signed_out.forget(response, alone=not others)
    return _answers.private(response)


def _answer(wish: Wish) -> Response:
    """Straight to the application where the browser came by a link, and not by a form."""
    back = _signed_out.way_back(wish)
    if back and wish.is_hinted and not wish.by_form:
        return to(back.location)
    return _signed_out.page(wish, moves=wish.is_hinted)
