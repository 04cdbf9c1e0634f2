"""The account's front page and its profile."""

from dataclasses import replace

from flask import Blueprint, Response, flash, render_template, session
from flask.typing import ResponseReturnValue

from app.blueprints import _context
from app.blueprints._forms import field
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.account.passkeys import OFFER
from app.errors import InvalidInput
from app.users.service import UserView, view_of

bp = Blueprint("profile", __name__)


@bp.get("/account")
def index() -> ResponseReturnValue:
    scope = _context.scope()
    user = view_of(scope)
    count = len(services().sessions.list(_context.tenant(), scope))
    return show(
        "account/index.html",
        email=user.email,
        email_verified=user.email_verified,
        name=user.name,
        session_count=count,
        offer_passkey=OFFER in session,
    )


@bp.get("/account/profile")
def edit() -> ResponseReturnValue:
    user = view_of(_context.scope())
    return _form(user, name=user.name)


@bp.post("/account/profile")
def update() -> ResponseReturnValue:
    scope, name = _context.scope(), field("name")
    try:
        user = services().users.rename(scope, name=name)
    except InvalidInput as refusal:
        errors = refusal.by_field
        return _form(view_of(scope), name=name, errors=errors, status=422)
    if is_htmx():
        response = _form(user, name=user.name, saved=True)
        # The name in the bar changes with it.
        bar = render_template("account/_person.html", scope=replace(scope, name=user.name), renamed=True)
        response.set_data(response.get_data(as_text=True) + bar)
        return response
    flash("Your profile is saved.", "success")
    return to("/account/profile")


def _form(
    user: UserView, *, name: str, errors: dict[str, str] | None = None, saved: bool = False, status: int = 200
) -> Response:
    return show(
        "account/profile.html",
        part="account/_profile.html",
        values={"name": name},
        errors=errors or {},
        email=user.email,
        email_verified=user.email_verified,
        created_at=user.created_at,
        saved=saved,
        status=status,
    )
