"""Following the link in the mail: GET changes nothing, POST confirms."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app import crypto
from app.auth.errors import PasswordRequired
from app.blueprints import _context, _cookies, _links, _pending
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, limited
from app.blueprints._render import to
from app.blueprints._services import services
from app.errors import InvalidInput

bp = Blueprint("verification", __name__)


@bp.get("/verify-email")
@open_to_anyone
def show() -> ResponseReturnValue:
    _pending.carry_on()
    return _links.opened() or _page()


@bp.post("/verify-email")
@open_to_anyone
@limited(*LINKS)
def create() -> ResponseReturnValue:
    _pending.carry_on()
    try:
        email = services().verification.verify(
            _context.tenant(),
            token=_links.token(),
            challenges=_challenges(),
            new_password=field("new_password") or None,
            origin=_context.origin(),
        )
    except (InvalidInput, PasswordRequired) as refusal:
        return _page(errors=refusal.by_field, status=422)
    flash("Your address is confirmed. You can sign in now.", "success")
    response = to("/login")
    _pending.begin(response, email, step="password")
    _cookies.drop(response, _cookies.CHALLENGE)
    return _links.done(response)


def _page(*, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    followed = services().verification.look(_context.tenant(), token=_links.token(), challenges=_challenges())
    return _links.page(
        "verify_email/show.html",
        status=status,
        errors=errors or {},
        email=followed.email,
        needs_password=followed.needs_password,
        password_min=_context.tenant().settings.shortest_password,
    )


def _challenges() -> list[bytes]:
    """What this browser has registered with lately."""
    return [crypto.digest(challenge) for challenge in _cookies.challenges()]
