"""Passkeys: a way in by themselves where the device has checked who holds it, a second factor in any case."""

from uuid import UUID

from app import crypto
from app.auth import passkey_asking as asking
from app.auth import passkey_keeping as keeping
from app.auth.arriving import Proof
from app.auth.errors import MethodDisabled, PasskeyRefused, TenantSuspended
from app.auth.factor_changes import FactorChanges, is_enrolled
from app.auth.factors import PASSKEY_BOUND, PASSKEY_SYNCED
from app.auth.freshness import Freshness
from app.auth.gate import Gate, SignedIn
from app.auth.lockout import Lockout
from app.auth.passkey_asking import Asked, Purpose
from app.auth.passkey_keeping import PasskeyView, view_of
from app.auth.passkey_recognising import METHOD, Known, Recogniser
from app.auth.passkey_replies import Credential, Unfit
from app.clock import Clock, wall_clock
from app.errors import NotFound, refuse, settle
from app.metrics import SIGN_INS
from app.outbox import Outbox
from app.scope import Actor, Origin, Scope
from app.storage import passkeys, users
from app.storage.passkeys import Passkey
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class Passkeys:
    """Asks passkeys, believes them, and keeps them."""

    def __init__(
        self,
        units: Units,
        *,
        gate: Gate,
        lockout: Lockout,
        changes: FactorChanges,
        freshness: Freshness,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._gate = gate
        self._lockout = lockout
        self._changes = changes
        self._freshness = freshness
        self._recogniser = Recogniser(outbox=outbox, clock=clock)
        self._clock = clock

    def ask_to_sign_in(self, tenant: Tenant, *, secret: str | None = None) -> Asked:
        """Whoever holds a passkey for us may sign in with it. ``secret``: what this browser holds from asking before.

        Raises ``MethodDisabled`` where passkeys are no way in.
        """
        _usable(tenant)
        secret = secret or crypto.mint()
        with self._units.begin(tenant.id) as unit:
            asked = self._challenge(unit, tenant, "sign_in", None, secret)
        return Asked(secret=secret, options=asking.options_to_get(tenant, asked, own=(), must_verify=True))

    def sign_in(
        self,
        tenant: Tenant,
        *,
        secret: str | None,
        credential: Credential,
        for_api: bool,
        remember: bool = False,
        origin: Origin,
    ) -> SignedIn:
        """Sign in with nothing but a passkey, which proves two factors at once.

        1. Nobody's, another tenant's, late, answered before, for another site, not asked for here, or its device has
           not checked who holds it: ``PasskeyRefused``, in the same words, and a mark.
        2. Its counter did not go up: the same, and the owner is told.
        3. Otherwise the gate, whatever was guessed at the password meanwhile: a passkey cannot be guessed.
        """
        _usable(tenant)
        with self._units.begin(tenant.id) as unit:
            found = self._recognise(
                unit, tenant, credential, purpose="sign_in", user_id=None, secret=secret, origin=origin
            )
            if isinstance(found, Unfit):
                self._recogniser.failed(unit, tenant, found, origin=origin)
        if isinstance(found, Unfit):
            SIGN_INS.labels(METHOD, found.reason).inc()
            raise PasskeyRefused(log=str(found))
        arrival, _ = self._lockout.arrive(tenant, user_id=found.user_id, origin=origin)
        proof = Proof(amr=found.amr, remember=remember, wants_tokens=for_api)
        return self._gate.admit(tenant, arrival, proof, origin=origin)

    def ask_as_factor(self, tenant: Tenant, *, user_id: UUID, secret: str) -> Asked:
        """Ask for one of somebody's own. ``secret``: of the sign-in, or whatever it is, that waits for it."""
        with self._units.begin(tenant.id) as unit:
            own = passkeys.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)
            asked = self._challenge(unit, tenant, "second_factor", user_id, secret)
        return Asked(secret=secret, options=asking.options_to_get(tenant, asked, own=own, must_verify=False))

    def check_as_factor(
        self,
        unit: Unit,
        tenant: Tenant,
        *,
        user_id: UUID,
        secret: str,
        credential: Credential,
        origin: Origin | None = None,
    ) -> tuple[str, ...] | None:
        """What somebody's own passkey proves; ``None`` where it is not theirs, or no answer to what was asked.

        In the unit of whatever goes on with it, which has to be kept in either case: the challenge is spent.
        """
        found = self._recognise(
            unit,
            tenant,
            credential,
            purpose="second_factor",
            user_id=user_id,
            secret=secret,
            origin=origin or Origin(),
        )
        return found.amr if isinstance(found, Known) else None

    def ask_own(self, tenant: Tenant, scope: Scope, *, secret: str | None = None) -> Asked:
        """``ask_to_add``, for somebody who is signed in, and freshly so."""
        self._freshness.require(tenant, scope)
        return self.ask_to_add(tenant, user_id=scope.user_id, email=scope.email, name=scope.name, secret=secret)

    def add_own(
        self, tenant: Tenant, scope: Scope, *, secret: str | None, credential: Credential, name: str = ""
    ) -> PasskeyView:
        """``add``, for somebody who is signed in, and freshly so."""
        self._freshness.require(tenant, scope)
        return self.add(
            tenant,
            user_id=scope.user_id,
            secret=secret,
            credential=credential,
            name=name,
            actor=scope.actor,
            origin=scope.origin,
            session_id=scope.session_id,
        )

    def ask_to_add(self, tenant: Tenant, *, user_id: UUID, email: str, name: str, secret: str | None = None) -> Asked:
        """Ask for a new passkey, on a device that has none of theirs. Raises as ``may_add``, and ``MethodDisabled``."""
        _addable(tenant)
        secret = secret or crypto.mint()
        with self._units.begin(tenant.id) as unit:
            own = keeping.may_add(unit.db, tenant, user_id)
            asked = self._challenge(unit, tenant, "add", user_id, secret)
        options = asking.options_to_create(tenant, asked, user_id=user_id, email=email, name=name, own=own)
        return Asked(secret=secret, options=options)

    def add(
        self,
        tenant: Tenant,
        *,
        user_id: UUID,
        secret: str | None,
        credential: Credential,
        name: str = "",
        actor: Actor,
        origin: Origin,
        session_id: UUID | None = None,
        only_first: bool = False,
    ) -> PasskeyView:
        """Keep a new passkey; without a name it is called after what keeps it.

        1. Late, answered before, asked for by another, for another site, malformed: ``PasskeyRefused``.
           ``only_first``, for whoever has shown one factor alone: the same, where there is a second already.
        2. It is somebody's already: ``PasskeyKnown``. One too many: ``InvalidInput``. Nobody has proven the address:
           ``EmailNotVerified``.
        """
        _addable(tenant)
        chosen = keeping.name(name)
        with self._units.begin(tenant.id) as unit:
            users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
            if only_first and is_enrolled(unit.db, tenant, user_id):
                raise PasskeyRefused(log="enrolled meanwhile")
            outcome = keeping.keep(
                unit, tenant, credential, user_id=user_id, secret=secret or "", called=chosen, now=self._clock()
            )
            if isinstance(outcome, Passkey):
                self._changes.added(
                    unit,
                    tenant,
                    user_id,
                    kind="passkey",
                    factor_id=outcome.id,
                    name=outcome.name,
                    shown=PASSKEY_SYNCED if outcome.synced else PASSKEY_BOUND,
                    actor=actor,
                    origin=origin,
                    session_id=session_id,
                )
        return view_of(settle(outcome))

    def rename(self, tenant: Tenant, scope: Scope, passkey_id: UUID, name: str) -> PasskeyView:
        """Call one's own by another name. Raises ``InvalidInput``, ``NotFound``."""
        chosen = keeping.name(name)
        if not chosen:
            raise refuse("name", "required", "Give it a name.")
        with self._units.begin(tenant.id) as unit:
            renamed = passkeys.rename(
                unit.db, tenant_id=tenant.id, user_id=scope.user_id, passkey_id=passkey_id, name=chosen
            )
        if renamed is None:
            raise NotFound
        return view_of(renamed)

    def remove(self, tenant: Tenant, scope: Scope, passkey_id: UUID) -> None:
        """Forget one of one's own. Raises ``NotFound``, ``LastWayIn``, ``SecondFactorNeeded``, ``StepUpRequired``."""
        self._freshness.require(tenant, scope)
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            own = passkeys.of_user(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            if user is None or passkey_id not in {one.id for one in own}:
                raise NotFound
            self._changes.guard_last(unit.db, tenant, user, kind="passkey")
            gone = passkeys.remove(unit.db, tenant_id=tenant.id, user_id=scope.user_id, passkey_id=passkey_id)
            self._changes.removed(
                unit,
                tenant,
                scope.user_id,
                kind="passkey",
                name=gone[0].name,
                actor=scope.actor,
                origin=scope.origin,
                session_id=scope.session_id,
            )

    def origins(self, tenant: Tenant) -> list[str]:
        """Where this tenant's passkeys may be used, beside the host that they are bound to."""
        with self._units.read(tenant.id) as db:
            return asking.origins(db, tenant)

    def offer(self, tenant: Tenant, user_id: UUID) -> bool:
        """Whether to ask somebody who has just signed in if they would like a passkey: once in their life."""
        if not can_add(tenant):
            return False
        with self._units.begin(tenant.id) as unit:
            first = users.offer_passkey(unit.db, tenant_id=tenant.id, user_id=user_id, now=self._clock())
            return first and not passkeys.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)

    def list(self, tenant: Tenant, user_id: UUID) -> list[PasskeyView]:
        """Somebody's passkeys, oldest first."""
        with self._units.read(tenant.id) as db:
            return [view_of(one) for one in passkeys.of_user(db, tenant_id=tenant.id, user_id=user_id)]

    def _challenge(self, unit: Unit, tenant: Tenant, purpose: Purpose, user_id: UUID | None, secret: str) -> bytes:
        return asking.challenge(unit, tenant, purpose=purpose, user_id=user_id, secret=secret, now=self._clock())

    def _recognise(
        self,
        unit: Unit,
        tenant: Tenant,
        credential: Credential,
        *,
        purpose: Purpose,
        user_id: UUID | None,
        secret: str | None,
        origin: Origin,
    ) -> Known | Unfit:
        """The refusal is handed back, for the unit to be kept."""
        try:
            return self._recogniser.recognise(
                unit, tenant, credential, purpose=purpose, user_id=user_id, secret=secret or "", origin=origin
            )
        except Unfit as refused:
            return refused


def can_add(tenant: Tenant) -> bool:
    """Whether people may have more passkeys than they have."""
    return tenant.settings.allows("passkey") and tenant.settings.second_factor != "off"


def _usable(tenant: Tenant) -> None:
    if tenant.suspended:
        raise TenantSuspended
    if not tenant.settings.allows("passkey"):
        raise MethodDisabled


def _addable(tenant: Tenant) -> None:
    if not can_add(tenant):
        raise MethodDisabled
