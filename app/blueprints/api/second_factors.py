"""The caller's own authentication apps and backup codes."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth import errors
from app.auth.errors import InvalidToken, StepUpRequired
from app.blueprints import _context
from app.blueprints._limits import API, BACKUP_CODES, FACTOR_CHANGE, OWN_CODE, limited
from app.blueprints._services import services
from app.blueprints.api._idempotency import Creates
from app.blueprints.api._operations import Model, answer, operation
from app.blueprints.api._shown_once import ShownOnce
from app.errors import InvalidInput, NotFound

bp = Blueprint("api_second_factors", __name__, url_prefix="/api/v1/me")
TAG = "Own account"


class Authenticator(Model):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactors(Model):
    """``backup_codes_left`` and ``backup_codes_made_at`` are null where no codes were made."""

    enrolled: bool
    authenticators: list[Authenticator]
    passkeys: int
    backup_codes_left: int | None
    backup_codes_made_at: datetime | None


class NewAuthenticator(Model):
    name: str = Field("", max_length=400, description="What to call it; there is a name for those that have none.")


class BegunAuthenticator(Model):
    """Shown once. It counts when a code of it was confirmed, within the hour."""

    id: UUID
    name: str
    secret: ShownOnce[str]
    uri: ShownOnce[str]


class AuthenticatorName(Model):
    name: str = Field(max_length=400)


class AuthenticatorCode(Model):
    code: str = Field(min_length=1, max_length=64, examples=["123456"])


class NewBackupCodes(Model):
    """Shown once; each works once."""

    codes: ShownOnce[list[str]]


@bp.get("/second-factors")
@limited(*API)
@operation("What one can show as a second factor", tag=TAG, answers={200: SecondFactors}, refusals=(InvalidToken,))
def index() -> Response:
    tenant, scope = _context.tenant(), _context.scope()
    apps = services().totp.list(tenant, scope.user_id)
    keys = len(services().passkeys.list(tenant, scope.user_id))
    state = services().backup_codes.state(tenant, scope.user_id)
    return answer(
        SecondFactors(
            enrolled=bool(apps or keys),
            authenticators=[
                Authenticator(id=app.id, name=app.name, created_at=app.created_at, last_used_at=app.last_used_at)
                for app in apps
            ],
            passkeys=keys,
            backup_codes_left=state.left if state else None,
            backup_codes_made_at=state.made_at if state else None,
        )
    )


@bp.post("/second-factors")
@limited(*API, *FACTOR_CHANGE)
@operation(
    "Begin to add an authentication app",
    tag=TAG,
    body=NewAuthenticator,
    answers={201: BegunAuthenticator},
    refusals=(InvalidInput, InvalidToken, StepUpRequired, errors.MethodDisabled, errors.EmailNotVerified),
    creates=Creates(),
)
def create(body: NewAuthenticator) -> Response:
    begun = services().own_apps.begin(_context.tenant(), _context.scope(), name=body.name)
    return answer(BegunAuthenticator(id=begun.id, name=begun.name, secret=begun.secret, uri=begun.uri), 201)


@bp.post("/second-factors/<uuid:totp_id>/confirm")
@limited(*API, *OWN_CODE)
@operation(
    "Confirm an authentication app with a code that it shows",
    tag=TAG,
    body=AuthenticatorCode,
    answers={204: None},
    refusals=(InvalidInput, InvalidToken, StepUpRequired, NotFound, errors.InvalidCode, errors.MethodDisabled),
)
def confirm(body: AuthenticatorCode, totp_id: UUID) -> Response:
    services().own_apps.confirm(_context.tenant(), _context.scope(), totp_id, code=body.code)
    return answer(None, 204)


@bp.patch("/second-factors/<uuid:totp_id>")
@limited(*API)
@operation(
    "Rename an authentication app",
    tag=TAG,
    body=AuthenticatorName,
    answers={204: None},
    refusals=(InvalidInput, InvalidToken, NotFound),
)
def update(body: AuthenticatorName, totp_id: UUID) -> Response:
    services().own_apps.rename(_context.tenant(), _context.scope(), totp_id, name=body.name)
    return answer(None, 204)


@bp.delete("/second-factors/<uuid:totp_id>")
@limited(*API, *FACTOR_CHANGE)
@operation(
    "Remove an authentication app",
    tag=TAG,
    answers={204: None},
    refusals=(InvalidToken, StepUpRequired, NotFound, errors.SecondFactorNeeded),
)
def destroy(totp_id: UUID) -> Response:
    services().own_apps.remove(_context.tenant(), _context.scope(), totp_id)
    return answer(None, 204)


@bp.post("/backup-codes")
@limited(*API, *BACKUP_CODES)
@operation(
    "Make new backup codes; the old ones stop working",
    tag=TAG,
    answers={201: NewBackupCodes},
    refusals=(InvalidToken, StepUpRequired, errors.SecondFactorNeeded),
    creates=Creates(),
)
def make_codes() -> Response:
    codes = services().backup_codes.make(_context.tenant(), _context.scope(), show=False)
    return answer(NewBackupCodes(codes=codes), 201)
