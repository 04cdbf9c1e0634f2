"""Creating an account."""

from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.auth.errors import EmailTaken, RegistrationClosed
from app.auth.registration import NewAccount
from app.blueprints import _context, _cookies, _flows, _pending
from app.blueprints._entering import start
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import REGISTRATION, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import InvalidInput

bp = Blueprint("registration", __name__)


@bp.get("/register")
@open_to_anyone
def new() -> ResponseReturnValue:
    if ended := _flows.ended():
        return to(ended)
    if _context.scope_or_none() and _flows.current() is None:
        return to("/account")
    if not _context.tenant().settings.registration_open:
        raise RegistrationClosed
    return _form(values={"email": _flows.address()})


@bp.post("/register")
@open_to_anyone
@limited(*REGISTRATION)
def create() -> ResponseReturnValue:
    values = {"email": field("email"), "name": field("name")}
    wanted = NewAccount(email=values["email"], password=field("password"), name=values["name"])
    try:
        registered = services().registration.register(_context.tenant(), wanted, origin=_context.arriving())
    except InvalidInput as refusal:
        return _form(values=values, errors=refusal.by_field, status=422)
    except EmailTaken as refusal:
        return _form(values=values, errors={"email": refusal.title}, status=422)
    if registered.signed_in:
        return start(registered.signed_in)
    response = to("/login/verify")
    _pending.begin(response, wanted.email.strip(), step="verify")
    life = timedelta(hours=_context.tenant().settings.verification_hours)
    _cookies.add_challenge(response, registered.challenge, life=life)
    return response


def _form(*, values: dict[str, str], errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    return show(
        "register/new.html",
        values=values,
        errors=errors or {},
        password_min=_context.tenant().settings.shortest_password,
        status=status,
    )
