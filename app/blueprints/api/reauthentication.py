"""Confirming that it is you without a page: a new access token that says what was shown, and when (RFC 9470)."""

from typing import Any, Literal

from flask import Blueprint, Response
from pydantic import Field

from app.auth import errors
from app.auth.showing_again import Shown
from app.blueprints import _context
from app.blueprints._limits import API, PASSKEY_OWN, STEP_UP, STEP_UP_MAIL, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, InvalidInput

bp = Blueprint("api_reauthentication", __name__, url_prefix="/api/v1/auth/reauthenticate")
TAG = "Sign-in"
_REFUSALS = (InvalidInput, Forbidden, errors.InvalidToken)


class StepUp(Model):
    """``password``, or for those who have none a mailed ``email_code``; and whoever has a second factor, one of it.

    ``code`` goes with ``method``; ``credential`` and ``challenge`` with a passkey, which does alone where its device
    checks who holds it.
    """

    password: str = Field("", max_length=4096)
    email_code: str = Field("", max_length=64, examples=["123456"])
    method: Literal["", "passkey", "totp", "email_code", "backup_code"] = ""
    code: str = Field("", max_length=64, examples=["123456"])
    credential: dict[str, Any] | None = None
    challenge: str = Field("", max_length=200)


class FreshToken(Model):
    """The token that was presented is refused from now on. The refresh token stays good."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int


class StepUpQuestion(Model):
    """What a page gives to ``navigator.credentials``; ``challenge`` goes back with the answer."""

    challenge: str
    publicKey: dict[str, Any]  # noqa: N815 - WebAuthn's name


@bp.post("")
@limited(*API, *STEP_UP)
@operation(
    "Confirm that it is you, for what is refused with `insufficient_user_authentication`",
    tag=TAG,
    body=StepUp,
    answers={200: FreshToken},
    refusals=(*_REFUSALS, errors.InvalidCode, errors.PasskeyRefused),
)
def create(body: StepUp) -> Response:
    shown = Shown(**{**body.model_dump(), "credential": body.credential or ""})
    renewed = services().reauthentication.prove(_context.tenant(), _context.scope(), shown, token=_context.bearer())
    return answer(FreshToken(access_token=renewed.access_token, expires_in=renewed.expires_in))


@bp.post("/code")
@limited(*API, *STEP_UP_MAIL)
@operation(
    "Mail a code, for those who have no password",
    tag=TAG,
    answers={202: None},
    refusals=(*_REFUSALS, errors.MethodDisabled),
)
def send() -> Response:
    services().reauthentication.mail_code(_context.tenant(), _context.scope())
    return answer(None, 202)


@bp.post("/passkey-options")
@limited(*API, *PASSKEY_OWN)
@operation(
    "What one of the own passkeys has to sign",
    tag=TAG,
    answers={200: StepUpQuestion},
    refusals=(*_REFUSALS, errors.MethodDisabled),
)
def ask() -> Response:
    asked = services().reauthentication.ask_passkey(_context.tenant(), _context.scope())
    return answer(StepUpQuestion(challenge=asked.secret, publicKey=asked.options))
