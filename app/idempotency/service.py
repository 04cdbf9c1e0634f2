"""Who sends a request again, under the same key, gets the answer of the first time; it is not carried out again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app import crypto
from app.clock import Clock, wall_clock
from app.crypto import Cipher, Undecipherable
from app.errors import Problem
from app.idempotency.errors import IdempotencyInProgress, IdempotencyKeyReused, IdempotencyOutcomeUnknown
from app.ids import uuid7
from app.scope import ActorKind, Scope
from app.storage import idempotent_requests as requests
from app.storage.base import Db
from app.storage.idempotent_requests import IdempotentRequest
from app.storage.unit import Units

LIFE = timedelta(hours=24)
# Longer than a request may take. Whoever is slower than that, and has been taken over, fails at their commit.
PATIENCE = timedelta(seconds=30)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to carry out one request, once."""

    tenant_id: UUID
    name: bytes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered. ``withheld``: members that are shown once, and are ``null`` in ``body`` therefore."""

    status: int
    body: bytes
    location: str | None = None
    withheld: tuple[str, ...] = ()


class Idempotency:
    """Claims before, marks in the transaction of what is created, and keeps the answer after it.

    So whatever dies in between, it is known whether something was created: if not, the request is carried out when it
    comes again; if so, it is not, even where the answer was lost.
    """

    def __init__(self, units: Units, *, cipher: Cipher, secrets: Sequence[str], clock: Clock = wall_clock) -> None:
        """``secrets``: the installation's, newest first; the keys of fingerprints are derived from them."""
        self._units = units
        self._cipher = cipher
        self._keys = [crypto.sign(secret.encode(), b"portico: idempotent requests") for secret in secrets]
        self._clock = clock

    def claim(self, scope: Scope, *, key: str, content: bytes) -> Claim | Answer:
        """The right to carry out the caller's request, or what was answered to it before.

        1. Nobody has sent it in the last 24 hours, or nothing has come of it: a ``Claim``.
        2. The same key, with other ``content``: ``IdempotencyKeyReused``.
        3. It was answered: the ``Answer``.
        4. It is being carried out: ``IdempotencyInProgress``.
        5. It was carried out, and the answer was lost: ``IdempotencyOutcomeUnknown``.
        """
        now = self._clock()
        claim = Claim(tenant_id=scope.tenant_id, name=_name(scope, key), id=uuid7())
        fingerprints = [crypto.sign(secret, claim.name + content) for secret in self._keys]
        with self._units.begin(scope.tenant_id) as unit:
            claimed = requests.claim(
                unit.db,
                tenant_id=claim.tenant_id,
                name_digest=claim.name,
                claim_id=claim.id,
                user_id=scope.actor.id if scope.actor.kind is ActorKind.USER else None,
                fingerprints=fingerprints,
                now=now,
                given_up_before=now - PATIENCE,
                expires_at=now + LIFE,
            )
            if claimed:
                return claim
            before = requests.find(unit.db, tenant_id=claim.tenant_id, name_digest=claim.name)
        return self._before(before, fingerprints, now=now)

    @contextmanager
    def carrying_out(self, claim: Claim) -> Iterator[None]:
        """What is done within is done under this claim, or not at all.

        A refusal frees the key: it can be sent again, when what stood in the way has gone. So does a failure, unless
        something was committed before it. Raises ``IdempotencyInProgress`` where another attempt has taken it over.
        """
        try:
            with self._units.each_ends_with(lambda db: self._mark(db, claim)):
                yield
        except Problem:
            self._release(claim, if_nothing_came_of_it=False)
            raise
        except Exception:
            self._release(claim, if_nothing_came_of_it=True)
            raise

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer, for the next time. Where that fails, the caller has it all the same."""
        sealed = self._cipher.encrypt(answer.body, place=_place(claim.tenant_id, claim.id))
        self._try(
            claim,
            lambda db: requests.keep(
                db,
                tenant_id=claim.tenant_id,
                name_digest=claim.name,
                claim_id=claim.id,
                status=answer.status,
                location=answer.location,
                body_encrypted=sealed,
                withheld=answer.withheld,
                now=self._clock(),
            ),
        )

    def _before(self, before: IdempotentRequest | None, fingerprints: Sequence[bytes], *, now: datetime) -> Answer:
        if before is None:  # released at this very moment
            raise IdempotencyInProgress(retry_after=1)
        if not any(crypto.same(before.fingerprint, one) for one in fingerprints):
            raise IdempotencyKeyReused
        if before.status is None or before.body_encrypted is None:
            if before.claimed_at > now - PATIENCE:
                raise IdempotencyInProgress(retry_after=1)
            raise IdempotencyOutcomeUnknown
        try:
            body = self._cipher.decrypt(before.body_encrypted, place=_place(before.tenant_id, before.claim_id))
        except Undecipherable as error:  # its key has been taken out of the settings
            raise IdempotencyOutcomeUnknown(log=str(error)) from error
        return Answer(status=before.status, body=body, location=before.location, withheld=tuple(before.withheld))

    def _mark(self, db: Db, claim: Claim) -> None:
        held = requests.carry_out(
            db, tenant_id=claim.tenant_id, name_digest=claim.name, claim_id=claim.id, now=self._clock()
        )
        if not held:
            raise IdempotencyInProgress(log="another attempt has taken it over", retry_after=1)

    def _release(self, claim: Claim, *, if_nothing_came_of_it: bool) -> None:
        self._try(
            claim,
            lambda db: requests.release(
                db,
                tenant_id=claim.tenant_id,
                name_digest=claim.name,
                claim_id=claim.id,
                if_nothing_came_of_it=if_nothing_came_of_it,
            ),
        )

    def _try(self, claim: Claim, act: Callable[[Db], None]) -> None:
        """What the caller has been given stands, whatever becomes of this; the claim lapses by itself."""
        try:
            with self._units.begin(claim.tenant_id) as unit:
                act(unit.db)
        except Exception:  # noqa: BLE001 - see above
            _log.exception("an idempotent request was left as it was", claim=str(claim.id))


def _name(scope: Scope, key: str) -> bytes:
    """Who asks, under which key. Whoever acts for somebody else has keys of their own.

    No secret of ours goes into it: one that is rotated must not make a request that is sent again look new.
    """
    actor = scope.actor
    return crypto.digest(f"{scope.tenant_id}:{actor.kind}:{actor.id}:{scope.impersonator_id}:{key}")


def _place(tenant_id: UUID, claim_id: UUID) -> str:
    return f"idempotent_requests:{tenant_id}:{claim_id}"
