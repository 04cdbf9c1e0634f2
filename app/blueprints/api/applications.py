"""Relying applications, for those who manage them."""

from uuid import UUID

from flask import Blueprint, Response, request

from app.auth.errors import InvalidToken, StepUpRequired
from app.auth.rbac import Permission
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._applications import (
    Application,
    ApplicationChanges,
    ApplicationList,
    ApplicationSecret,
    ApplicationSecretList,
    CreatedApplication,
    CreatedApplicationSecret,
    NewApplication,
    NewApplicationSecret,
    secret_shown,
    shown,
)
from app.blueprints.api._idempotency import Creates
from app.blueprints.api._operations import answer, operation
from app.blueprints.api._pages import BY_TIME, PARAMETERS, asked, cursor_for, listed
from app.errors import Forbidden, InvalidInput, NotFound
from app.oidc.application_details import details_from
from app.oidc.application_secrets import LastSecret, NoSecrets, TooManySecrets
from app.oidc.application_views import ApplicationChanged, ApplicationView

bp = Blueprint("api_applications", __name__, url_prefix="/api/v1/applications")
TAG = "Applications"
_READ = (Forbidden, InvalidToken)
_ONE = (NotFound, *_READ)
_CONFIRMED = (StepUpRequired, *_ONE)
_CREATES = Creates(needs=Permission.APPLICATIONS_MANAGE)
_PICTURES = ("image/png", "image/jpeg", "image/webp")


@bp.get("")
@limited(*API)
@operation(
    "The applications that people sign in to, newest first",
    tag=TAG,
    answers={200: ApplicationList},
    refusals=(InvalidInput, *_READ),
    query=PARAMETERS,
)
def index() -> Response:
    wanted = asked(BY_TIME)
    page = services().openid.applications.page(
        _context.tenant(), _context.scope(), limit=wanted.limit, after=wanted.after
    )
    cursor = cursor_for(BY_TIME, page.after)
    return listed(ApplicationList(data=[_model(view) for view in page.items], next_cursor=cursor), cursor=cursor)


@bp.post("")
@limited(*API)
@operation(
    "Register an application",
    tag=TAG,
    body=NewApplication,
    answers={201: CreatedApplication},
    refusals=(StepUpRequired, *_READ),
    creates=_CREATES,
)
def create(body: NewApplication) -> Response:
    made = services().openid.applications.create(_context.tenant(), _context.scope(), details_from(body.model_dump()))
    return answer(CreatedApplication(**shown(made.view), client_secret=made.client_secret), 201)


@bp.get("/<uuid:application_id>")
@limited(*API)
@operation("An application", tag=TAG, answers={200: Application}, refusals=_ONE)
def show(application_id: UUID) -> Response:
    return answer(_model(services().openid.applications.get(_context.tenant(), _context.scope(), application_id)))


@bp.patch("/<uuid:application_id>")
@limited(*API)
@operation(
    "Change an application",
    tag=TAG,
    body=ApplicationChanges,
    answers={200: Application},
    refusals=(*_CONFIRMED, ApplicationChanged),
)
def update(body: ApplicationChanges, application_id: UUID) -> Response:
    changed = services().openid.applications.change(
        _context.tenant(), _context.scope(), application_id, body.said(), version=body.version
    )
    return answer(_model(changed))


@bp.delete("/<uuid:application_id>")
@limited(*API)
@operation("Delete an application and what it was granted", tag=TAG, answers={204: None}, refusals=_CONFIRMED)
def destroy(application_id: UUID) -> Response:
    services().openid.applications.delete(_context.tenant(), _context.scope(), application_id)
    return answer(None, 204)


@bp.put("/<uuid:application_id>/suspension")
@limited(*API)
@operation(
    "Switch an application off, and take back all that it was granted",
    tag=TAG,
    answers={200: Application},
    refusals=_ONE,
)
def suspend(application_id: UUID) -> Response:
    return answer(_model(services().openid.applications.disable(_context.tenant(), _context.scope(), application_id)))


@bp.delete("/<uuid:application_id>/suspension")
@limited(*API)
@operation("Switch an application on again", tag=TAG, answers={200: Application}, refusals=_ONE)
def resume(application_id: UUID) -> Response:
    return answer(_model(services().openid.applications.enable(_context.tenant(), _context.scope(), application_id)))


@bp.get("/<uuid:application_id>/secrets")
@limited(*API)
@operation(
    "The secrets of an application, without the secrets", tag=TAG, answers={200: ApplicationSecretList}, refusals=_ONE
)
def secrets(application_id: UUID) -> Response:
    found = services().openid.applications.secrets(_context.tenant(), _context.scope(), application_id)
    return answer(ApplicationSecretList(data=[ApplicationSecret(**secret_shown(view)) for view in found]))


@bp.post("/<uuid:application_id>/secrets")
@limited(*API)
@operation(
    "Make another secret",
    tag=TAG,
    body=NewApplicationSecret,
    answers={201: CreatedApplicationSecret},
    refusals=(*_CONFIRMED, NoSecrets, TooManySecrets),
    creates=_CREATES,
)
def add_secret(body: NewApplicationSecret, application_id: UUID) -> Response:
    made = services().openid.applications.add_secret(
        _context.tenant(), _context.scope(), application_id, overlap_hours=body.overlap_hours
    )
    return answer(CreatedApplicationSecret(**secret_shown(made.view), client_secret=made.client_secret), 201)


@bp.delete("/<uuid:application_id>/secrets/<uuid:secret_id>")
@limited(*API)
@operation("Remove a secret", tag=TAG, answers={204: None}, refusals=(*_CONFIRMED, LastSecret))
def remove_secret(application_id: UUID, secret_id: UUID) -> Response:
    services().openid.applications.remove_secret(_context.tenant(), _context.scope(), application_id, secret_id)
    return answer(None, 204)


@bp.put("/<uuid:application_id>/logo")
@limited(*API)
@operation(
    "Put a picture of at most 512 KB there; it is drawn anew, at most 256 by 256",
    tag=TAG,
    bytes_of=_PICTURES,
    answers={200: Application},
    refusals=_ONE,
)
def put_logo(application_id: UUID) -> Response:
    raw = request.get_data()
    return answer(
        _model(services().openid.applications.set_logo(_context.tenant(), _context.scope(), application_id, raw))
    )


@bp.delete("/<uuid:application_id>/logo")
@limited(*API)
@operation("Take the picture away", tag=TAG, answers={204: None}, refusals=_ONE)
def remove_logo(application_id: UUID) -> Response:
    services().openid.applications.remove_logo(_context.tenant(), _context.scope(), application_id)
    return answer(None, 204)


def _model(view: ApplicationView) -> Application:
    return Application(**shown(view))
