"""Passkeys as they are kept, and keeping a new one, in the unit of whatever asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.auth import passkey_asking as asking
from app.auth import passkey_replies as replies
from app.auth.errors import EmailNotVerified, PasskeyKnown, PasskeyRefused
from app.auth.passkey_names import name_of
from app.auth.passkey_replies import Credential, Unfit
from app.auth.registration import clean_name
from app.errors import InvalidInput, NotFound, Problem, refuse
from app.ids import uuid7
from app.storage import passkeys, users
from app.storage.base import Db
from app.storage.passkeys import Passkey
from app.storage.unit import Unit
from app.tenancy import Tenant

MOST = 20
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """A passkey as its owner sees it. ``synced``: there are copies of it on other devices of theirs.

    ``cloned``: its counter once did not go up, so somebody else may have a copy.
    """

    id: UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None
    cloned: bool


def view_of(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=passkey.id,
        name=passkey.name,
        synced=passkey.synced,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        cloned=passkey.cloned_at is not None,
    )


def name(typed: str) -> str:
    """A passkey's name as it will be shown; may be empty. Raises ``InvalidInput``."""
    cleaned = clean_name(typed)
    if len(cleaned) > _LONGEST_NAME:
        raise refuse("name", "too_long", f"Use at most {_LONGEST_NAME} characters.")
    return cleaned


def may_add(db: Db, tenant: Tenant, user_id: UUID) -> Sequence[Passkey]:
    """Somebody's passkeys, if there may be one more.

    Raises ``InvalidInput``, and ``EmailNotVerified`` where nobody has proven the address yet: whoever registers one
    that is not theirs would have a way in that stays when its owner comes.
    """
    user = users.by_id(db, tenant_id=tenant.id, user_id=user_id)
    if user and not user.email_verified_at:
        raise EmailNotVerified
    own = passkeys.of_user(db, tenant_id=tenant.id, user_id=user_id)
    if len(own) >= MOST:
        raise refuse("credential", "too_many", f"You have {MOST} passkeys already. Remove one first.")
    return own


def keep(
    unit: Unit, tenant: Tenant, credential: Credential, *, user_id: UUID, secret: str, called: str, now: datetime
) -> Passkey | Problem:
    """Store what was made, if it was asked for. A refusal is handed back, as the challenge is spent in any case."""
    try:
        reply = replies.read(credential)
        expected = asking.expected(unit, tenant, reply, purpose="add", user_id=user_id, secret=secret, now=now)
        made = replies.check_new(reply, expected)
    except Unfit as refused:
        return PasskeyRefused(log=str(refused))
    if users.lock(unit.db, tenant_id=tenant.id, user_id=user_id) is None:
        return NotFound()
    try:
        may_add(unit.db, tenant, user_id)
    except (EmailNotVerified, InvalidInput) as refused:
        return refused
    kept = passkeys.add(
        unit.db,
        tenant_id=tenant.id,
        new_id=uuid7(),
        user_id=user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        name=called or name_of(made.aaguid),
        transports=reply.transports,
        synced=made.synced,
        now=now,
    )
    return kept or PasskeyKnown()
