"""The second step of a sign-in without a page: a factor, or setting one up."""

import json
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field, model_validator

from app.auth import errors
from app.auth.second_factor import Answer
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE, CODE_MAIL, PASSKEY_OPTIONS, SECOND_STEP, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._accounts import signed_in_answer
from app.blueprints.api._operations import Model, answer, operation
from app.errors import InvalidInput, TooManyRequests
from app.scope import Origin

bp = Blueprint("api_second_factor", __name__, url_prefix="/api/v1/auth/second-factor")
TAG = "Sign-in"
_CHALLENGE = Field(min_length=1, max_length=200)
_REFUSALS = (
    InvalidInput,
    errors.InvalidCode,
    errors.InvalidCredentials,
    errors.AccountDisabled,
    errors.AccountLeaving,
    errors.SignInBlocked,
    errors.SecondFactorEnrolmentRequired,
    errors.SessionLimitReached,
    errors.TenantSuspended,
    TooManyRequests,
)


class SecondFactorChallenge(Model):
    challenge: str = _CHALLENGE


class SecondFactor(Model):
    """``code`` for all methods but ``passkey``, which sends ``credential``: what the browser made of the options."""

    challenge: str = _CHALLENGE
    method: Literal["passkey", "totp", "email_code", "backup_code"]
    code: str = Field("", max_length=64, examples=["123456"])
    credential: dict[str, Any] | None = None
    trust_device: bool = False
    device_token: str | None = Field(None, max_length=256)

    @model_validator(mode="after")
    def _says_something(self) -> "SecondFactor":
        if not (self.credential if self.method == "passkey" else self.code):
            raise ValueError("a passkey sends a credential, every other method a code")
        return self


class SecondFactorPasskey(Model):
    """What a page gives to ``navigator.credentials``."""

    publicKey: dict[str, Any]  # noqa: N815 - WebAuthn's name


class FirstAuthenticator(Model):
    """Shown once: ``secret`` in base32, and the same as an address for a QR code."""

    id: UUID
    secret: str
    uri: str


class FirstPasskey(Model):
    challenge: str = _CHALLENGE
    credential: dict[str, Any] = Field(
        description="What the browser answers, as PublicKeyCredential.toJSON() writes it."
    )
    device_token: str | None = Field(None, max_length=256)


class AuthenticatorFirstCode(Model):
    challenge: str = _CHALLENGE
    code: str = Field(min_length=1, max_length=64, examples=["123456"])
    device_token: str | None = Field(None, max_length=256)


@bp.post("")
@open_to_anyone
@limited(*SECOND_STEP)
@operation(
    "Go on with a sign-in that owes a second step",
    tag=TAG,
    body=SecondFactor,
    answers={200: schemas.SignedIn},
    refusals=_REFUSALS,
    is_open=True,
)
def create(body: SecondFactor) -> Response:
    said = Answer(
        challenge=body.challenge,
        method=body.method,
        code=body.code,
        credential=json.dumps(body.credential or {}),
        trust=body.trust_device,
    )
    origin = _from(body.device_token)
    return answer(
        signed_in_answer(services().second_factor.redeem(_context.tenant(), said, for_api=True, origin=origin))
    )


@bp.post("/codes")
@open_to_anyone
@limited(*CODE_MAIL)
@operation(
    "Mail a code for the second step",
    tag=TAG,
    body=SecondFactorChallenge,
    answers={202: None},
    refusals=(InvalidInput, TooManyRequests),
    is_open=True,
)
def send(body: SecondFactorChallenge) -> Response:
    services().second_factor.send_code(_context.tenant(), body.challenge, for_api=True, origin=_context.origin())
    return answer(None, 202)


@bp.post("/passkey-options")
@open_to_anyone
@limited(*PASSKEY_OPTIONS)
@operation(
    "What a passkey has to sign as the second step",
    tag=TAG,
    body=SecondFactorChallenge,
    answers={200: SecondFactorPasskey},
    refusals=(InvalidInput, errors.InvalidCode, TooManyRequests),
    is_open=True,
)
def passkey_options(body: SecondFactorChallenge) -> Response:
    asked = services().second_factor.ask_passkey(
        _context.tenant(), body.challenge, for_api=True, origin=_context.origin()
    )
    return answer(SecondFactorPasskey(publicKey=asked.options))


@bp.post("/enrolment")
@open_to_anyone
@limited(*CODE)
@operation(
    "Set up an authentication app where a second factor is required",
    tag=TAG,
    body=SecondFactorChallenge,
    answers={201: FirstAuthenticator},
    refusals=(InvalidInput, errors.InvalidCode, errors.EmailNotVerified, TooManyRequests),
    is_open=True,
)
def enrol(body: SecondFactorChallenge) -> Response:
    totp = services().enrolment.begin_app(_context.tenant(), body.challenge, for_api=True, origin=_context.origin())
    return answer(FirstAuthenticator(id=totp.id, secret=totp.secret, uri=totp.uri), 201)


@bp.post("/enrolment/confirm")
@open_to_anyone
@limited(*CODE)
@operation(
    "Confirm the app with its first code, and go on with the sign-in",
    tag=TAG,
    body=AuthenticatorFirstCode,
    answers={200: schemas.SignedIn},
    refusals=_REFUSALS,
    is_open=True,
)
def confirm(body: AuthenticatorFirstCode) -> Response:
    signed_in = services().enrolment.confirm_app(
        _context.tenant(), body.challenge, code=body.code, for_api=True, origin=_from(body.device_token)
    )
    return answer(signed_in_answer(signed_in))


@bp.post("/enrolment/passkey-options")
@open_to_anyone
@limited(*CODE)
@operation(
    "What a passkey has to be made with, where a second factor is required",
    tag=TAG,
    body=SecondFactorChallenge,
    answers={200: SecondFactorPasskey},
    refusals=(InvalidInput, errors.InvalidCode, errors.MethodDisabled, errors.EmailNotVerified, TooManyRequests),
    is_open=True,
)
def enrolment_options(body: SecondFactorChallenge) -> Response:
    asked = services().enrolment.ask_passkey(_context.tenant(), body.challenge, for_api=True, origin=_context.origin())
    return answer(SecondFactorPasskey(publicKey=asked.options))


@bp.post("/enrolment/passkey")
@open_to_anyone
@limited(*CODE)
@operation(
    "Add the passkey, and go on with the sign-in",
    tag=TAG,
    body=FirstPasskey,
    answers={200: schemas.SignedIn},
    refusals=(
        *_REFUSALS,
        errors.PasskeyRefused,
        errors.PasskeyKnown,
        errors.MethodDisabled,
        errors.EmailNotVerified,
    ),
    is_open=True,
)
def add_passkey(body: FirstPasskey) -> Response:
    signed_in = services().enrolment.add_passkey(
        _context.tenant(),
        body.challenge,
        credential=json.dumps(body.credential),
        for_api=True,
        origin=_from(body.device_token),
    )
    return answer(signed_in_answer(signed_in))


def _from(device_token: str | None) -> Origin:
    return replace(_context.origin(), device=device_token or None)
