"""Signing in with a passkey, and the caller's own passkeys."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth import errors
from app.auth.errors import InvalidToken, StepUpRequired
from app.auth.passkey_asking import Asked
from app.auth.passkey_keeping import PasskeyView
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import API, PASSKEY, PASSKEY_OPTIONS, PASSKEY_OWN, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._accounts import signed_in_answer
from app.blueprints.api._idempotency import Creates
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, InvalidInput, NotFound, TooManyRequests

bp = Blueprint("api_passkeys", __name__, url_prefix="/api/v1")
_SIGN_IN, _OWN = "Sign-in", "Own account"
_CHALLENGE = Field(min_length=1, max_length=256)
_CREDENTIAL = Field(description="What the browser answers, as PublicKeyCredential.toJSON() writes it.")
_NAME = Field("", max_length=400)


class PasskeyAsk(Model):
    """There is nothing to say."""


class PasskeyQuestion(Model):
    """``publicKey`` is for ``PublicKeyCredential.parse…OptionsFromJSON``; ``challenge`` comes back with the answer."""

    challenge: str
    publicKey: dict[str, Any]  # noqa: N815 - WebAuthn's name


class PasskeySignIn(Model):
    challenge: str = _CHALLENGE
    credential: dict[str, Any] = _CREDENTIAL
    remember: bool = False
    device_token: str | None = Field(None, max_length=256)


class NewPasskey(Model):
    """Without ``name`` it is called after what keeps it."""

    challenge: str = _CHALLENGE
    credential: dict[str, Any] = _CREDENTIAL
    name: str = _NAME


class PasskeyName(Model):
    name: str = Field(min_length=1, max_length=400)


class Passkey(Model):
    """``synced``: copies of it are on other devices. ``cloned``: it was once used in a way that speaks of a copy."""

    id: UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None
    cloned: bool


class PasskeyList(Model):
    data: list[Passkey]
    next_cursor: str | None = None


@bp.post("/auth/passkeys/options")
@open_to_anyone
@limited(*PASSKEY_OPTIONS)
@operation(
    "What a passkey has to sign, to sign in",
    tag=_SIGN_IN,
    body=PasskeyAsk,
    answers={200: PasskeyQuestion},
    refusals=(InvalidInput, errors.MethodDisabled, TooManyRequests),
    is_open=True,
)
def ask(_: PasskeyAsk) -> Response:
    """It may be answered once, within five minutes."""
    return answer(_question(services().passkeys.ask_to_sign_in(_context.tenant())))


@bp.post("/auth/passkeys")
@open_to_anyone
@limited(*PASSKEY)
@operation(
    "Sign in with a passkey",
    tag=_SIGN_IN,
    body=PasskeySignIn,
    answers={200: schemas.SignedIn},
    refusals=(
        InvalidInput,
        errors.PasskeyRefused,
        errors.MethodDisabled,
        errors.EmailNotVerified,
        errors.AccountDisabled,
        errors.AccountLeaving,
        errors.SignInBlocked,
        errors.SessionLimitReached,
        TooManyRequests,
    ),
    is_open=True,
)
def sign_in(body: PasskeySignIn) -> Response:
    signed_in = services().passkeys.sign_in(
        _context.tenant(),
        secret=body.challenge,
        credential=body.credential,
        for_api=True,
        remember=body.remember,
        origin=replace(_context.origin(), device=body.device_token or None),
    )
    return answer(signed_in_answer(signed_in))


@bp.get("/me/passkeys")
@limited(*API)
@operation("The own passkeys", tag=_OWN, answers={200: PasskeyList}, refusals=(InvalidToken,))
def index() -> Response:
    """All of them at once: a person has few, so there is never a next page."""
    views = services().passkeys.list(_context.tenant(), _context.scope().user_id)
    return answer(PasskeyList(data=[_passkey(view) for view in views]))


@bp.post("/me/passkeys/options")
@limited(*PASSKEY_OPTIONS)
@operation(
    "What a new passkey has to be made with",
    tag=_OWN,
    body=PasskeyAsk,
    answers={200: PasskeyQuestion},
    refusals=(
        InvalidInput,
        InvalidToken,
        StepUpRequired,
        errors.MethodDisabled,
        errors.EmailNotVerified,
        Forbidden,
        TooManyRequests,
    ),
)
def ask_to_add(_: PasskeyAsk) -> Response:
    """It may be answered once, within five minutes, and by the same person."""
    return answer(_question(services().passkeys.ask_own(_context.tenant(), _context.scope())))


@bp.post("/me/passkeys")
@limited(*PASSKEY_OWN)
@operation(
    "Add a passkey",
    tag=_OWN,
    body=NewPasskey,
    answers={201: Passkey},
    refusals=(
        InvalidInput,
        InvalidToken,
        StepUpRequired,
        errors.PasskeyRefused,
        errors.PasskeyKnown,
        errors.MethodDisabled,
        errors.EmailNotVerified,
        Forbidden,
        TooManyRequests,
    ),
    creates=Creates(),
)
def create(body: NewPasskey) -> Response:
    added = services().passkeys.add_own(
        _context.tenant(), _context.scope(), secret=body.challenge, credential=body.credential, name=body.name
    )
    return answer(_passkey(added), 201)


@bp.patch("/me/passkeys/<uuid:passkey_id>")
@limited(*API)
@operation(
    "Rename a passkey",
    tag=_OWN,
    body=PasskeyName,
    answers={200: Passkey},
    refusals=(InvalidInput, InvalidToken, NotFound),
)
def update(body: PasskeyName, passkey_id: UUID) -> Response:
    renamed = services().passkeys.rename(_context.tenant(), _context.scope(), passkey_id, body.name)
    return answer(_passkey(renamed))


@bp.delete("/me/passkeys/<uuid:passkey_id>")
@limited(*PASSKEY_OWN)
@operation(
    "Remove a passkey",
    tag=_OWN,
    answers={204: None},
    refusals=(
        InvalidToken,
        StepUpRequired,
        NotFound,
        errors.LastWayIn,
        errors.SecondFactorNeeded,
        Forbidden,
        TooManyRequests,
    ),
)
def destroy(passkey_id: UUID) -> Response:
    services().passkeys.remove(_context.tenant(), _context.scope(), passkey_id)
    return answer(None, 204)


def _question(asked: Asked) -> PasskeyQuestion:
    return PasskeyQuestion(challenge=asked.secret, publicKey=asked.options)


def _passkey(view: PasskeyView) -> Passkey:
    return Passkey(
        id=view.id,
        name=view.name,
        synced=view.synced,
        created_at=view.created_at,
        last_used_at=view.last_used_at,
        cloned=view.cloned,
    )
