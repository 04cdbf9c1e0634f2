"""The account's front page and its profile."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, session
from flask.typing import ResponseReturnValue

from app.blueprints import _context
from app.blueprints._forms import field
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.account.passkeys import OFFER
from app.errors import InvalidInput
from app.scope import Scope
from app.users.profile import ADDRESS, ADDRESS_FIELDS, FIELDS
from app.users.service import view_of

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
    scope = _context.scope()
    return _form(scope, name=scope.name, more=_flat(services().profiles.read(scope)))


@bp.post("/account/profile")
def update() -> ResponseReturnValue:
    scope, name, changes = _context.scope(), field("name"), _changes()
    try:
        changed = services().profiles.change(scope, name=name, changes=changes)
    except InvalidInput as refusal:
        return _form(scope, name=name, more=_flat(changes), errors=refusal.by_field, status=422)
    if is_htmx():
        response = _form(scope, name=changed.name, more=_flat(changed.profile), saved=True)
        # The name in the bar changes with it.
        bar = render_template("account/_person.html", scope=replace(scope, name=changed.name), renamed=True)
        response.set_data(response.get_data(as_text=True) + bar)
        return response
    flash("Your profile is saved.", "success")
    return to("/account/profile")


def _changes() -> dict[str, Any]:
    """What the form has of the profile; what it does not have stays as it is."""
    changes: dict[str, Any] = {name: field(name) for name in FIELDS if name in request.form}
    address = {name: field(name) for name in ADDRESS_FIELDS if name in request.form}
    return {**changes, ADDRESS: address} if address else changes


def _flat(profile: Mapping[str, Any]) -> dict[str, str]:
    """As the form has it, in single lines: no part of an address is called as another part of the profile."""
    address = {name: text.replace("\n", ", ") for name, text in (profile.get(ADDRESS) or {}).items()}
    return {**{name: profile[name] for name in FIELDS if name in profile}, **address}


def _form(
    scope: Scope,
    *,
    name: str,
    more: Mapping[str, str],
    errors: dict[str, str] | None = None,
    saved: bool = False,
    status: int = 200,
) -> Response:
    user = view_of(scope)
    return show(
        "account/profile.html",
        part="account/_profile.html",
        values={**more, "name": name},
        more=bool(more.keys() & (errors or more).keys()),
        errors=errors or {},
        email=user.email,
        email_verified=user.email_verified,
        created_at=user.created_at,
        saved=saved,
        status=status,
    )
