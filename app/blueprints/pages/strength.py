"""How good a password is, while it is being typed: htmx asks, and nothing depends on the answer."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.auth.password_policy import rate
from app.blueprints import _context, _pending
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import STRENGTH, limited
from app.blueprints._render import show

bp = Blueprint("strength", __name__)


@bp.post("/password-strength")
@open_to_anyone
@limited(*STRENGTH)
def create() -> ResponseReturnValue:
    """The form's own fields are what a password should not be made of."""
    typed = field("new_password" if "new_password" in request.form else "password")
    scope = _context.scope_or_none()
    own_words = [field("name"), field("email") or _pending.email() or "", *([scope.name, scope.email] if scope else [])]
    found = rate(_context.tenant(), typed, own_words=own_words)
    return show("shared/_strength.html", score=found.score, sentences=found.sentences, good=found.good)
