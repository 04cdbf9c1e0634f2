"""Authorization codes, as they are redeemed: once (RFC 6749, sections 4.1.2 and 4.1.3; RFC 9700, section 2.1.1)."""

from dataclasses import dataclass, replace
from typing import NoReturn
from uuid import UUID

from app import crypto
from app.clock import Clock, wall_clock
from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidGrant
from app.oidc.granted import Granted
from app.oidc.issuing import Basis
from app.oidc.narrowing import resources_asked, still_resources
from app.oidc.opening import Opening
from app.oidc.reuse import Reuse
from app.storage import authorizations
from app.storage.authorizations import AuthorizationCode
from app.storage.unit import Units
from app.tenancy import Tenant

_LONGEST = 256
_INVALID = "the code is not valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that may still be redeemed. ``challenge``: of PKCE, by S256; none where none was sent."""

    id: UUID
    redirect_uri: str
    challenge: str | None
    granted: Granted
    code_challenge_method: str = "S256"

    @property
    def code_challenge(self) -> str | None:
        """As Authlib asks for it; so do the next two."""
        return self.challenge

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.granted.scopes)


class Redeeming:
    """Trades codes for what they stand for."""

    def __init__(self, units: Units, *, opening: Opening, reuse: Reuse, clock: Clock = wall_clock) -> None:
        self._units = units
        self._opening = opening
        self._reuse = reuse
        self._clock = clock

    def look(self, tenant: Tenant, client: Client, presented: str, call: Call) -> Code:
        """The code, if this client was given it and it still counts. Raises ``InvalidGrant``.

        A code that is shown again has been in other hands: what it gave is revoked, whoever shows it.
        """
        now = self._clock()
        with self._units.read(tenant.id) as db:
            row = authorizations.code(
                db, tenant_id=tenant.id, application_id=client.id, secret_digest=crypto.digest(presented[:_LONGEST])
            )
        if row is None:
            raise InvalidGrant(_INVALID, log="unknown code")
        if row.spent_at is not None:
            self._shown_again(tenant, client, _code(row), call)
        if row.expires_at <= now:
            raise InvalidGrant(_INVALID, log="expired code")
        return _code(row)

    def redeem(self, tenant: Tenant, client: Client, code: Code, call: Call, *, dpop_jkt: str | None) -> Basis:
        """Use the code up, and begin what it stands for, in one unit. Of many who try at once one succeeds.

        The others are told ``InvalidGrant``, and take what the first got with them: as in ``look``. So is whoever does
        not show the key that the code was asked for with (RFC 9449, section 10); the code stays.
        """
        if code.granted.dpop_jkt not in {None, dpop_jkt}:
            raise InvalidGrant(_INVALID, log="another key")
        resources = still_resources(tenant, client, resources_asked(tenant, call, code.granted.resources))
        basis = self._spend(tenant, client, code, dpop_jkt=dpop_jkt)
        if basis is None:
            self._shown_again(tenant, client, code, call)
        return replace(basis, resources=resources)

    def _spend(self, tenant: Tenant, client: Client, code: Code, *, dpop_jkt: str | None) -> Basis | None:
        """``None`` where somebody was faster."""
        family, now = self._opening.prepare(tenant, code.granted), self._clock()
        with self._units.begin(tenant.id) as unit:
            held = self._opening.hold(unit, tenant, client, code.granted, now=now)
            if not authorizations.spend(unit.db, tenant_id=tenant.id, code_id=code.id, now=now):
                return None
            return self._opening.write(
                unit, tenant, client, code.granted, family=family, held=held, dpop_jkt=dpop_jkt, now=now
            )

    def _shown_again(self, tenant: Tenant, client: Client, code: Code, call: Call) -> NoReturn:
        self._reuse.revoke(
            tenant,
            client,
            grant_id=code.granted.grant_id,
            user_id=code.granted.user_id,
            session_id=code.granted.session_id,
            reason="code_reused",
            origin=call.origin,
        )
        raise InvalidGrant(_INVALID, log="code was used before")


def _code(row: AuthorizationCode) -> Code:
    return Code(
        id=row.id,
        redirect_uri=row.redirect_uri,
        challenge=row.verifier_digest,
        granted=Granted(
            grant_id=row.grant_id,
            user_id=row.user_id,
            session_id=row.session_id,
            scopes=tuple(row.scopes),
            resources=tuple(row.resources),
            claims=row.claims,
            nonce=row.nonce,
            dpop_jkt=row.dpop_jkt,
            auth_time=row.auth_time,
            acr=row.acr,
            amr=tuple(row.amr),
        ),
    )
