"""Mails that warn the owner of an account, sent by the worker."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.email.post import Letter, Post
from app.storage import users
from app.storage.unit import Units
from app.tenancy import Tenant

REASONS = {
    "token_reused": "Somebody presented a sign-in of yours that had already been replaced. It may have been copied, "
    "so we have ended that sign-in everywhere.",
}


class Alerts:
    """Keeps the promise ``mail.security_alert``."""

    def __init__(self, units: Units, *, post: Post) -> None:
        self._units = units
        self._post = post

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        with self._units.read(tenant.id) as db:
            user = users.by_id(db, tenant_id=tenant.id, user_id=UUID(payload["user_id"]))
        if user and user.email_verified_at:
            self._post.send(
                tenant,
                Letter(
                    template="security_alert",
                    to=user.email,
                    name=user.name,
                    link=f"{tenant.origin}/account/sessions",
                    reason=REASONS[payload["reason"]],
                ),
            )
