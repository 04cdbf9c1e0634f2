"""Passwords and addresses of one's own: forgotten, changed."""

from flask import Blueprint, Response
from pydantic import Field

from app.auth import errors
from app.auth.errors import InvalidToken
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import API, EMAIL_CHANGE, LINKS, PASSWORD_CHECK, RESET, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._idempotency import Creates
from app.blueprints.api._operations import Model, answer, operation
from app.errors import InvalidInput, TooManyRequests

bp = Blueprint("api_passwords", __name__, url_prefix="/api/v1")
_PASSWORD = Field(min_length=1, max_length=4096)
_TOKEN = Field(min_length=1, max_length=4096)


class ResetRedeem(Model):
    token: str = _TOKEN
    new_password: str = _PASSWORD


class PasswordChange(Model):
    """The other sessions end, unless ``keep_sessions``."""

    password: str = _PASSWORD
    new_password: str = _PASSWORD
    keep_sessions: bool = False


class EmailChange(Model):
    email: str = Field(min_length=1, max_length=320, examples=["ada@acme.example"])


class Token(Model):
    token: str = _TOKEN


@bp.post("/auth/password-resets")
@open_to_anyone
@limited(*RESET)
@operation(
    "Ask for a link that sets a new password",
    tag="Sign-in",
    body=schemas.Email,
    answers={202: None},
    refusals=(InvalidInput, errors.MethodDisabled, TooManyRequests),
    is_open=True,
)
def ask(body: schemas.Email) -> Response:
    services().recovery.ask(_context.tenant(), email=body.email, origin=_context.origin())
    return answer(None, 202)


@bp.post("/auth/password-resets/redeem")
@open_to_anyone
@limited(*LINKS)
@operation(
    "Set a new password with the link; every session ends",
    tag="Sign-in",
    body=ResetRedeem,
    answers={204: None},
    refusals=(InvalidInput, errors.LinkExpired, errors.MethodDisabled, TooManyRequests),
    is_open=True,
)
def reset(body: ResetRedeem) -> Response:
    services().recovery.reset(
        _context.tenant(), token=body.token, new_password=body.new_password, origin=_context.origin()
    )
    return answer(None, 204)


@bp.put("/me/password")
@limited(*API, *PASSWORD_CHECK)
@operation(
    "Change the own password",
    tag="Own account",
    body=PasswordChange,
    answers={204: None},
    refusals=(InvalidInput, errors.StepUpRequired, InvalidToken, errors.MethodDisabled),
)
def change(body: PasswordChange) -> Response:
    services().password_change.change(
        _context.tenant(),
        _context.scope(),
        password=body.password,
        new_password=body.new_password,
        keep_sessions=body.keep_sessions,
    )
    return answer(None, 204)


@bp.post("/me/email-changes")
@limited(*API, *EMAIL_CHANGE)
@operation(
    "Ask for another address; it changes when it is confirmed",
    tag="Own account",
    body=EmailChange,
    answers={202: None},
    refusals=(InvalidInput, errors.StepUpRequired, InvalidToken),
    creates=Creates(),
)
def change_email(body: EmailChange) -> Response:
    services().email_change.ask(_context.tenant(), _context.scope(), email=body.email)
    return answer(None, 202)


@bp.post("/me/email-changes/confirm")
@limited(*API)
@operation(
    "Confirm the new address with the token that was mailed to it",
    tag="Own account",
    body=Token,
    answers={204: None},
    refusals=(InvalidInput, InvalidToken, errors.LinkExpired),
)
def confirm_email(body: Token) -> Response:
    services().email_change.confirm(_context.tenant(), _context.scope(), token=body.token)
    return answer(None, 204)
