"""Access tokens of applications, as they come back to us: at userinfo, introspection, exchange (RFC 9068)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.auth.blacklist import Blacklist
from app.auth.errors import InvalidToken
from app.auth.key_ring import KeyRing
from app.clock import Clock, wall_clock
from app.oidc.clients import Client, Clients
from app.tenancy import Tenant

KIND = "at+jwt"
# Clocks differ a little; our own, between processes, by less.
_SKEW_S = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A token in force: what it says, and the client that it was issued to."""

    claims: Mapping[str, Any]
    client: Client

    @property
    def scopes(self) -> tuple[str, ...]:
        """Those that its client may still have: what is taken from an application, its tokens lose at once."""
        return tuple(scope for scope in str(self.claims.get("scope", "")).split() if scope in self.client.scopes)

    @property
    def audience(self) -> frozenset[str]:
        said = self.claims["aud"]
        return frozenset([said] if isinstance(said, str) else said)

    @property
    def user_id(self) -> UUID | None:
        """Whom it is about; ``None`` where a client got it for itself."""
        return UUID(self.claims["sub"]) if "sid" in self.claims else None

    @property
    def session_id(self) -> UUID | None:
        return UUID(self.claims["sid"]) if "sid" in self.claims else None

    @property
    def grant_id(self) -> UUID | None:
        return UUID(self.claims["gid"]) if "gid" in self.claims else None


def _people(claims: Mapping[str, Any]) -> Iterator[dict[str, UUID]]:
    """Whom it is about, and who acts for them (RFC 8693, section 4.1), by what people and their grants are revoked by.

    Applications have their own alone, which refuses what they held when they were switched off.
    """
    who: Mapping[str, Any] | None = claims
    while who:
        names = {"sid": who.get("sid"), "user": who["sub"], "grant": who.get("gid")}
        yield {kind: UUID(name) for kind, name in names.items() if name}
        who = who.get("act")


class AccessTokens:
    """Verifies them. Who may use one, for what, and with which proof of possession is the caller's to check."""

    def __init__(self, *, key_ring: KeyRing, clients: Clients, blacklist: Blacklist, clock: Clock = wall_clock) -> None:
        self._key_ring = key_ring
        self._clients = clients
        self._blacklist = blacklist
        self._clock = clock

    def verify(self, tenant: Tenant, token: str) -> Verified:
        """Raises ``InvalidToken`` for what is not ours, no access token, expired, or revoked by any of its names."""
        claims = self._key_ring.verify(tenant, token, kind=KIND)
        now = self._clock().timestamp()
        # A tenant that shortens its tokens shortens those already out, so the blacklist need not outlive the setting.
        ends = min(claims["exp"], claims["iat"] + tenant.settings.access_token_life.total_seconds())
        if not claims["iat"] - _SKEW_S <= now < ends:
            raise InvalidToken(log="not in force now")
        client = self._clients.by_id(tenant, claims["client_id"])
        if client is None or tenant.suspended:
            raise InvalidToken(log="its client is gone")
        about, *acting = _people(claims)
        # Whoever acts for somebody has to be signed in still, too.
        for names in ({"jti": UUID(claims["jti"])} | about, *filter(None, acting)):
            if self._blacklist.is_revoked(tenant_id=tenant.id, names=names, issued_at=claims["iat"]):
                raise InvalidToken(log="revoked")
        return Verified(claims=claims, client=client)
