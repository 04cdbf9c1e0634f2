"""Token exchange (RFC 8693): a token for somebody, traded for one that says who acts for them, and may do no more.

What others have got wrong (security.md, 2c): tokens of another tenant or of an ended session were taken, and somebody
with little power acted as somebody with more.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.auth.rbac import Permission, require, require_over
from app.clock import Clock, wall_clock
from app.errors import Forbidden
from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidRequest
from app.oidc.exchange_log import ExchangeLog
from app.oidc.exchange_parties import ACCESS_TOKEN, Parties, Party
from app.oidc.exchange_scope import resources_of, scopes_of
from app.oidc.issuing import Issuing, answered
from app.storage import grants
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

# The longest that anybody acts for somebody else.
_LIFE = timedelta(minutes=30)
# Who acts for whom acts for whom acts for somebody: enough.
_LONGEST_CHAIN = 4
# They say how the person had signed in, and by what the token is revoked.
_KEPT = ("sub", "sid", "gid", "auth_time", "acr", "amr")


class TokenExchange:
    """Trades tokens, for clients that have credentials and the grant."""

    def __init__(
        self, units: Units, *, parties: Parties, issuing: Issuing, log: ExchangeLog, clock: Clock = wall_clock
    ) -> None:
        self._units = units
        self._parties = parties
        self._issuing = issuing
        self._log = log
        self._clock = clock

    def exchange(self, tenant: Tenant, client: Client, call: Call, *, dpop_jkt: str | None) -> Mapping[str, Any]:
        """Answer (section 2.2). Raises what is wrong.

        1. ``InvalidRequest`` for what is missing, or of a type that we neither take nor give; by section 2.2.2 also for
           tokens that are not in force, not this client's to show, or whose person has signed out, and where the actor
           may not act for the subject: see ``_allow``;
        2. ``InvalidScope`` and ``InvalidTarget`` for more than the subject's token is for, or the client may have.
        """
        _check_types(call)
        subject = self._parties.read(tenant, client, call.needed("subject_token"), dpop_jkt=dpop_jkt)
        presented = call.one("actor_token")
        actor = self._parties.read(tenant, client, presented, dpop_jkt=dpop_jkt) if presented else None
        scopes = scopes_of(call, client, subject)
        resources = resources_of(tenant, call, client, subject)
        self._allow(tenant, client, subject, actor, call)
        said = {name: subject.claims[name] for name in _KEPT if name in subject.claims}
        if "roles" in scopes:
            said["roles"] = list(subject.live.roles)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            ends = min(self._hold(unit, tenant, one, now=now) for one in (subject, actor) if one)
            self._log.done(unit, tenant, client, subject, actor, scopes=scopes, origin=call.origin, now=now)
        life = min(client.access_token_life(tenant), _LIFE, ends - now)
        token = self._issuing.access(
            tenant,
            client,
            said | {"act": _act(client, subject, actor)},
            resources=resources,
            scopes=scopes,
            life=life,
            dpop_jkt=dpop_jkt,
            now=now,
        )
        return answered(token, scopes=scopes, life=life, dpop_jkt=dpop_jkt) | {"issued_token_type": ACCESS_TOKEN}

    def _allow(self, tenant: Tenant, client: Client, subject: Party, actor: Party | None, call: Call) -> None:
        """Who may act for whom. Raises ``InvalidRequest``.

        1. Whom the subject's token names in ``may_act``, if it does (section 4.4).
        2. An application, for whoever gave it their token; it says so, and adds itself to who acted before.
        3. A person, if they may impersonate people, and nobody who may do more than they, nor themselves; and neither
           of the two tokens is one of acting for somebody already.
        """
        if not _may_act(subject, actor, client):
            raise InvalidRequest("the subject's token names another actor", log="may_act")
        if actor is None:
            if _depth(subject) >= _LONGEST_CHAIN:
                raise InvalidRequest("too many have acted already")
            return
        try:
            _require_person(subject, actor)
        except Forbidden as refusal:
            self._log.refused(tenant, client, subject, actor, why=refusal.log, origin=call.origin, now=self._clock())
            raise InvalidRequest("the actor may not act for the subject", log=refusal.log) from refusal

    @staticmethod
    def _hold(unit: Unit, tenant: Tenant, party: Party, *, now: datetime) -> datetime:
        """Until when their token and their session count, which somebody might be ending right now."""
        held = grants.hold_session(
            unit.db,
            tenant_id=tenant.id,
            session_id=party.live.session_id,
            user_id=party.live.user_id,
            now=now,
            lives=tenant.settings.lives,
        )
        if held is None:
            raise InvalidRequest("the sign-in has ended")
        return min(party.ends, held.expires_at)


def _check_types(call: Call) -> None:
    if call.needed("subject_token_type") != ACCESS_TOKEN:
        raise InvalidRequest("subject_token_type has to be that of an access token")
    if call.one("requested_token_type") not in {None, ACCESS_TOKEN}:
        raise InvalidRequest("requested_token_type may only be that of an access token")
    if (call.one("actor_token") is None) != (call.one("actor_token_type") is None):
        raise InvalidRequest("actor_token and actor_token_type go together")
    if call.one("actor_token_type") not in {None, ACCESS_TOKEN}:
        raise InvalidRequest("actor_token_type has to be that of an access token")


def _require_person(subject: Party, actor: Party) -> None:
    """Raises ``Forbidden``."""
    if "act" in subject.claims or "act" in actor.claims:
        raise Forbidden(log="acting for somebody already")
    if actor.live.user_id == subject.live.user_id:
        raise Forbidden(log="acting for themselves")
    require(actor.scope, Permission.USERS_IMPERSONATE)
    require_over(actor.scope, roles=subject.live.roles, granted=subject.live.granted)


def _may_act(subject: Party, actor: Party | None, client: Client) -> bool:
    named = subject.claims.get("may_act")
    if named is None:
        return True
    acting = actor.claims["sub"] if actor else client.client_id
    return isinstance(named, Mapping) and named.get("sub") == acting


def _act(client: Client, subject: Party, actor: Party | None) -> dict[str, Any]:
    """Section 4.1: who acts now, and within, who did before.

    ``sid`` and ``gid``: so that it ends with the actor's sign-in and grant, too.
    """
    if actor:
        names = {name: actor.claims[name] for name in ("sub", "sid", "gid") if name in actor.claims}
        return {**names, "client_id": client.client_id}
    before = subject.claims.get("act")
    return {"sub": client.client_id} | ({"act": before} if before else {})


def _depth(subject: Party) -> int:
    acting, depth = subject.claims.get("act"), 0
    while acting:
        acting, depth = acting.get("act"), depth + 1
    return depth
