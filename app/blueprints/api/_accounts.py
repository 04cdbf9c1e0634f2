"""An account as JSON, the same wherever one is told of."""

from typing import Literal

from app.auth.gate import Person
from app.blueprints.api import schemas
from app.users.service import UserView


def user_of(account: Person | UserView, *, status: Literal["active", "unverified", "disabled"]) -> schemas.User:
    """The account; who has just come through the gate is active."""
    return schemas.User(
        id=account.id,
        email=account.email,
        email_verified=account.email_verified,
        name=account.name,
        roles=list(account.roles),
        status=status,
        created_at=account.created_at,
        last_sign_in_at=account.last_sign_in_at,
    )
