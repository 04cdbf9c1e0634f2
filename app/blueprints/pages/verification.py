"""Following the link in the mail: GET changes nothing, POST confirms."""

from datetime import timedelta

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue

from app import crypto
from app.auth.errors import LinkExpired, PasswordRequired
from app.auth.verification import Followed
from app.blueprints import _context, _cookies, _pending
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, limited
from app.blueprints._render import show as render
from app.blueprints._render import to
from app.blueprints._services import services
from app.errors import InvalidInput

bp = Blueprint("verification", __name__)
_LINK_LIFE = timedelta(hours=1)


@bp.get("/verify-email")
@open_to_anyone
def show() -> ResponseReturnValue:
    """The link's secret goes from the address bar into a cookie at once; the page then says what it is for."""
    if token := request.args.get("token"):
        response = to("/verify-email")
        response.headers["Referrer-Policy"] = "no-referrer"
        _cookies.put(response, _cookies.LINK, token[:200], life=_LINK_LIFE)
        return response
    return _page(_look())


@bp.post("/verify-email")
@open_to_anyone
@limited(*LINKS)
def create() -> ResponseReturnValue:
    try:
        email = services().verification.verify(
            _context.tenant(),
            token=_token(),
            challenges=_challenges(),
            new_password=field("new_password") or None,
            origin=_context.origin(),
        )
    except (InvalidInput, PasswordRequired) as refusal:
        return _page(_look(), errors=refusal.by_field, status=422)
    flash("Your address is confirmed. You can sign in now.", "success")
    response = to("/login")
    _pending.begin(response, email, step="password")
    _cookies.drop(response, _cookies.LINK, _cookies.CHALLENGE)
    return response


def _page(followed: Followed, *, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    response = render(
        "verify_email/show.html",
        email=followed.email,
        needs_password=followed.needs_password,
        token=_token(),
        password_min=_context.tenant().settings.password_min_length,
        values={},
        errors=errors or {},
        status=status,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _look() -> Followed:
    return services().verification.look(_context.tenant(), token=_token(), challenges=_challenges())


def _token() -> str:
    # The form's own first: another tab may have followed another link since.
    token = field("token") or _cookies.read(_cookies.LINK)
    if not token:
        raise LinkExpired
    return token


def _challenges() -> list[bytes]:
    """What this browser has registered with lately."""
    return [crypto.digest(challenge) for challenge in _cookies.challenges()]
