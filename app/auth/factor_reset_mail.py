"""Telling somebody that their second factors are being taken away, with a link by which they say no."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.auth import one_time
from app.auth.telling import when
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.storage import factor_resets, users
from app.storage.unit import Units
from app.tenancy import Tenant

# The link is good for longer than the delay, so that nobody is told that it has expired while they still may say no.
_LONGER = timedelta(days=1)


class FactorResetMail:
    """Keeps the promise ``mail.factor_reset``. Runs in the worker, so that the secret rests nowhere."""

    def __init__(self, units: Units, *, post: Post, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Mail the link, also to an address that was never proven: all that it does is to leave things as they are.

        Nothing, when the reset was called off or has taken effect meanwhile.
        """
        with self._units.begin(tenant.id) as unit:
            reset = factor_resets.by_id(unit.db, tenant_id=tenant.id, reset_id=UUID(payload["reset_id"]))
            user = users.by_id(unit.db, tenant_id=tenant.id, user_id=reset.user_id) if reset else None
            if reset is None or user is None or reset.cancelled_at or reset.done_at:
                return
            secret = one_time.mint(
                unit.db,
                tenant,
                user,
                "keep_factors",
                now=self._clock(),
                subject_id=reset.id,
                expires_at=reset.takes_effect_at + _LONGER,
            )
        moment = when(reset.takes_effect_at)
        letter = Letter(
            template="security_alert",
            to=user.email,
            name=user.name,
            link=f"{tenant.origin}/keep-factors?token={secret}",
            reason=(
                "An administrator has started to take away your second step of signing in, because they were told "
                f"that you have lost it. On {moment}, your passkeys, your authentication apps and your backup codes "
                "will stop working here, unless you say no. Your password stays as it is."
            ),
        )
        self._post.send(tenant, letter)
