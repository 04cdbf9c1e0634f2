"""Signing in by mail, and the code that an unusual sign-in owes, without a page."""

from dataclasses import replace

from flask import Blueprint, Response
from pydantic import Field, model_validator

from app.auth import errors
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE, MAGIC_LINK, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._accounts import signed_in_answer
from app.blueprints.api._operations import Model, answer, operation
from app.errors import InvalidInput, NotFound, TooManyRequests
from app.scope import Origin

bp = Blueprint("api_magic_links", __name__, url_prefix="/api/v1/auth")
TAG = "Sign-in"
_CHALLENGE = Field(min_length=1, max_length=256)
_CODE = Field(min_length=1, max_length=64, examples=["123456"])


class Challenge(Model):
    """The same for every address. Keep ``challenge``: the link and the code work only together with it."""

    challenge: str


class Redeem(Model):
    """``token`` of the link, or ``code`` of the same mail: one of them."""

    challenge: str = _CHALLENGE
    token: str | None = Field(None, min_length=1, max_length=4096)
    code: str | None = Field(None, min_length=1, max_length=64)
    device_token: str | None = Field(None, max_length=256)

    @model_validator(mode="after")
    def _one_of_them(self) -> "Redeem":
        if (self.token is None) is (self.code is None):
            raise ValueError("Send token or code")
        return self


@bp.post("/magic-links")
@open_to_anyone
@limited(*MAGIC_LINK)
@operation(
    "Ask for a mail with a link and a code",
    tag=TAG,
    body=schemas.Email,
    answers={202: Challenge},
    refusals=(InvalidInput, NotFound, TooManyRequests),
    is_open=True,
)
def ask(body: schemas.Email) -> Response:
    challenge = services().magic_links.ask(
        _context.tenant(), email=body.email, remember=False, for_api=True, origin=_context.origin()
    )
    return answer(Challenge(challenge=challenge), 202)


@bp.post("/magic-links/redeem")
@open_to_anyone
@limited(*CODE)
@operation(
    "Sign in with the link or the code",
    tag=TAG,
    body=Redeem,
    answers={200: schemas.SignedIn},
    refusals=(
        InvalidInput,
        NotFound,
        errors.InvalidCode,
        errors.LinkExpired,
        errors.SecondFactorRequired,
        errors.SecondFactorEnrolmentRequired,
        errors.AccountDisabled,
        errors.AccountLeaving,
        errors.SignInBlocked,
        errors.SessionLimitReached,
        TooManyRequests,
    ),
    is_open=True,
)
def redeem(body: Redeem) -> Response:
    tenant, links, origin = _context.tenant(), services().magic_links, _from(body.device_token)
    if body.token is not None:
        signed_in = links.follow(tenant, token=body.token, challenge=body.challenge, for_api=True, origin=origin)
    else:
        signed_in = links.redeem(tenant, code=body.code or "", challenge=body.challenge, for_api=True, origin=origin)
    return answer(signed_in_answer(signed_in))


def _from(device_token: str | None) -> Origin:
    return replace(_context.origin(), device=device_token or None)
