"""Links that go with a warning: minted by the worker when it writes the mail, followed by the owner of the address.

"This was not me", "open my account", "let me in": each is of one purpose, good for one use, and dies with its time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app import crypto
from app.auth.errors import LinkExpired
from app.email import addresses
from app.ids import uuid7
from app.storage import links, users
from app.storage.base import Db
from app.storage.links import OneTimeToken
from app.storage.users import User
from app.tenancy import Tenant

Purpose = Literal["not_me", "unlock", "allow", "email_undo", "keep_factors"]
LIVES: dict[Purpose, timedelta] = {
    "not_me": timedelta(days=7),
    "unlock": timedelta(days=7),
    "allow": timedelta(hours=1),
    "email_undo": timedelta(days=7),
    "keep_factors": timedelta(days=8),  # the longest delay that a tenant may set, and a day
}
# What stays good when a password or an address changes: the ways to undo it.
LASTING: tuple[Purpose, ...] = ("not_me", "email_undo", "keep_factors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A link that was followed, and whose it is. ``subject_id``: what it is about."""

    token: OneTimeToken
    user: User

    @property
    def subject_id(self) -> UUID | None:
        return self.token.subject_id


def mint(
    db: Db,
    tenant: Tenant,
    user: User,
    purpose: Purpose,
    *,
    now: datetime,
    subject_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new link's secret, for the mail that is being written. Links about something else stay good.

    ``expires_at``: where its purpose alone does not say it.
    """
    secret = crypto.mint()
    links.mint(
        db,
        tenant_id=tenant.id,
        new_id=uuid7(),
        user_id=user.id,
        purpose=purpose,
        secret_digest=crypto.digest(secret),
        challenge_digest=None,
        sent_to=user.email,
        now=now,
        expires_at=expires_at or now + LIVES[purpose],
        subject_id=subject_id,
        newest_only=False,
    )
    return secret


def look(db: Db, tenant: Tenant, token: str, purpose: Purpose, *, now: datetime, anywhere: bool = False) -> Followed:
    """Whose link this is. Looking changes nothing.

    Raises ``LinkExpired`` when it is unknown, stale or used, or when the person has left the address that it was sent
    to (``anywhere``: that is just what it undoes).
    """
    found = links.peek(db, tenant_id=tenant.id, purpose=purpose, secret_digest=crypto.digest(token), now=now)
    user = found and users.by_id(db, tenant_id=tenant.id, user_id=found.user_id)
    if not found or not user or not (anywhere or fits(found, user)):
        raise LinkExpired
    return Followed(token=found, user=user)


def fits(token: OneTimeToken, user: User) -> bool:
    """Whether the link was sent to the address that the person has now."""
    return addresses.key_of(token.sent_to) == user.email_key


def spend(db: Db, tenant: Tenant, followed: Followed, *, now: datetime) -> None:
    """Use it up: of many who try at once, one may go on; the others hear ``LinkExpired``."""
    if links.spend_by_id(db, tenant_id=tenant.id, token_id=followed.token.id, now=now) is None:
        raise LinkExpired
