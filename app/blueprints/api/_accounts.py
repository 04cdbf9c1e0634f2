"""An account as JSON, the same wherever one is told of."""

from typing import Literal

from app.auth.arriving import Person
from app.auth.gate import SignedIn
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


def signed_in_answer(signed_in: SignedIn) -> schemas.SignedIn:
    """What an API client gets when the gate has opened."""
    tokens = signed_in.tokens
    if tokens is None:
        raise RuntimeError("an API client gets tokens")
    return schemas.SignedIn(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        session_id=tokens.session_id,
        user=user_of(signed_in.person, status="active"),
        device_token=signed_in.device,
    )
