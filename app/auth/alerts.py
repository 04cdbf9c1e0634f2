"""Mails that warn the owner of an account, sent by the worker."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.email.post import Letter, Post
from app.storage import users
from app.storage.unit import Units
from app.storage.users import User
from app.tenancy import Tenant

REASONS = {
    "token_reused": "Somebody presented a sign-in of yours that had already been replaced. It may have been copied, "
    "so we have ended that sign-in everywhere.",
}


class Alerts:
    """Keeps the promises ``mail.security_alert`` and ``mail.account_locked``."""

    def __init__(self, units: Units, *, post: Post) -> None:
        self._units = units
        self._post = post

    def security_alert(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        if user := self._owner(tenant, payload):
            link, reason = f"{tenant.origin}/account/sessions", REASONS[payload["reason"]]
            letter = Letter(template="security_alert", to=user.email, name=user.name, link=link, reason=reason)
            self._post.send(tenant, letter)

    def account_locked(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        if user := self._owner(tenant, payload):
            link = f"{tenant.origin}/login"
            self._post.send(tenant, Letter(template="account_locked", to=user.email, name=user.name, link=link))

    def _owner(self, tenant: Tenant, payload: Mapping[str, Any]) -> User | None:
        """Whom it concerns, if the address is known to be theirs."""
        with self._units.read(tenant.id) as db:
            user = users.by_id(db, tenant_id=tenant.id, user_id=UUID(payload["user_id"]))
        return user if user and user.email_verified_at else None
