"""What an application gets in the end: a code, or a refusal by its registered name, always with our name (RFC 9207)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app import crypto
from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.oidc import redirects
from app.oidc.checks import UnknownClient
from app.oidc.errors import AccessDenied, ConsentRequired, LoginRequired, OAuthRefusal
from app.oidc.flows import Flow
from app.oidc.requests import AuthorizationRequest, ResponseMode
from app.scope import Scope
from app.storage import authorization_flows, hot_codes
from app.storage.hot_codes import NewCode
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import Tenant

CODE_LIFE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Parameters, and the address that they are carried to by the browser."""

    redirect_uri: str
    mode: ResponseMode
    parameters: Mapping[str, str]

    @property
    def location(self) -> str:
        """Where ``query`` leads."""
        return redirects.with_parameters(self.redirect_uri, self.parameters)

    @property
    def origin(self) -> str:
        """The one place that ``form_post`` may post to."""
        return redirects.origin_of(self.redirect_uri)


class Refused(Exception):
    """A request was refused, and its application may hear so."""

    def __init__(self, refusal: OAuthRefusal, answer: Answer) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal
        self.answer = answer


class Answering:
    """Gives each flow one answer."""

    def __init__(self, pool: Pool, units: Units, *, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._units = units
        self._clock = clock

    def code(self, tenant: Tenant, flow: Flow, scope: Scope) -> Answer | None:
        """A code for who is signed in; ``None`` where the flow has had its answer. Only its digest stays here.

        Where they have just taken back what they had allowed, the application hears ``consent_required``; where they
        have just signed out, ``login_required``. Raises ``UnknownClient`` where it has been switched off or removed a
        moment ago.
        """
        secret = crypto.mint()
        outcome = hot_codes.give(
            self._pool,
            tenant_id=tenant.id,
            code=self._new(flow, scope, secret),
            flow_id=flow.id if flow.kept else None,
            by_consent=not flow.client.first_party,
        )
        if outcome == "gone":
            raise UnknownClient("client_id is not known here, or switched off")
        if outcome == "signed_out":
            return self.refuse(tenant, flow, LoginRequired("they have just signed out"))
        if outcome == "taken_back":
            return refusal_to(tenant, flow.request, ConsentRequired("it was taken back"))
        return answer_to(tenant, flow.request, {"code": secret}) if outcome == "given" else None

    def refuse(self, tenant: Tenant, flow: Flow, refusal: OAuthRefusal) -> Answer | None:
        """A refusal, in place of a code."""
        if flow.kept:
            with self._units.begin(tenant.id) as unit:
                if not authorization_flows.answer(unit.db, tenant_id=tenant.id, flow_id=flow.id, now=self._clock()):
                    return None
        return refusal_to(tenant, flow.request, refusal)

    def _new(self, flow: Flow, scope: Scope, secret: str) -> NewCode:
        request, now = flow.request, self._clock()
        return NewCode(
            id=uuid7(),
            secret_digest=crypto.digest(secret),
            application_id=flow.client.id,
            session_id=_session_of(scope),
            user_id=scope.user_id,
            grant_id=uuid7(),
            redirect_uri=request.redirect_uri,
            scopes=request.scopes,
            resources=request.resources,
            claims=request.claims,
            nonce=request.nonce,
            verifier_digest=request.code_challenge,
            dpop_jkt=request.dpop_jkt,
            auth_time=scope.auth_time or now,
            acr=scope.acr,
            amr=scope.amr,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )


def answer_to(tenant: Tenant, request: AuthorizationRequest, said: Mapping[str, str]) -> Answer:
    """What is said, with ``state`` as it was sent (RFC 6749, section 4.1.2) and ``iss`` (RFC 9207, section 2)."""
    state = {"state": request.state} if request.state is not None else {}
    return Answer(
        redirect_uri=request.redirect_uri,
        mode=request.response_mode,
        parameters={**said, **state, "iss": tenant.origin},
    )


def refusal_to(tenant: Tenant, request: AuthorizationRequest, refusal: OAuthRefusal) -> Answer:
    """RFC 6749, section 4.1.2.1."""
    described = {"error_description": refusal.description} if refusal.description else {}
    return answer_to(tenant, request, {"error": refusal.error, **described})


def _session_of(scope: Scope) -> UUID:
    if scope.session_id is None:
        raise AccessDenied("only somebody who is signed in here can be answered for")
    return scope.session_id
