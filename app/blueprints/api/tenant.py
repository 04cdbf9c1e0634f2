"""The tenant's own settings, for its administrators."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import InvalidToken, StepUpRequired
from app.auth.rbac import Permission, require
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, InvalidInput
from app.tenancy import Tenant as Value
from app.tenants.service import SettingsChanged

bp = Blueprint("api_tenant", __name__, url_prefix="/api/v1/tenant")
TAG = "Tenant"


class Tenant(Model):
    """``settings`` has every setting, with the defaults of those that were never set."""

    id: UUID
    slug: str
    name: str
    version: int
    settings: dict[str, Any]


class Changes(Model):
    """Only what changes; ``null`` puts a setting back to its default."""

    settings: dict[str, Any] = Field(examples=[{"risk_mode": "shadow"}])


@bp.get("")
@limited(*API)
@operation("The tenant and its settings", tag=TAG, answers={200: Tenant}, refusals=(Forbidden, InvalidToken))
def show() -> Response:
    require(_context.scope(), Permission.TENANT_MANAGE)
    return answer(_as_json(_context.tenant()))


@bp.patch("")
@limited(*API)
@operation(
    "Change settings",
    tag=TAG,
    body=Changes,
    answers={200: Tenant},
    refusals=(InvalidInput, Forbidden, StepUpRequired, InvalidToken, SettingsChanged),
)
def update(body: Changes) -> Response:
    administration = services().tenant_administration
    return answer(_as_json(administration.change_own(_context.tenant(), _context.scope(), body.settings)))


def _as_json(tenant: Value) -> Tenant:
    return Tenant(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        version=tenant.version,
        settings=tenant.settings.model_dump(mode="json"),
    )
