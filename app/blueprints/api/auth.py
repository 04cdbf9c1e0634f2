"""Registering, signing in and out, and refreshing, without a page."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from app import crypto
from app.auth import errors
from app.auth.login import Attempt
from app.auth.registration import NewAccount
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import API, INTROSPECTION, LINKS, REFRESH, REGISTRATION, SIGN_IN, VERIFICATION, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._accounts import signed_in_answer
from app.blueprints.api._operations import answer, operation
from app.blueprints.oidc._calls import as_sent
from app.errors import Forbidden, InvalidInput, TooManyRequests, Unauthenticated
from app.oidc.errors import OAuthRefusal

bp = Blueprint("api_auth", __name__, url_prefix="/api/v1/auth")
TAG = "Sign-in"


@bp.post("/register")
@open_to_anyone
@limited(*REGISTRATION)
@operation(
    "Register an address",
    tag=TAG,
    body=schemas.Register,
    answers={202: schemas.VerificationSent, 201: schemas.SignedIn},
    refusals=(InvalidInput, errors.RegistrationClosed, errors.EmailTaken, TooManyRequests),
    is_open=True,
)
def register(body: schemas.Register) -> Response:
    wanted = NewAccount(email=body.email, password=body.password, name=body.name, wants_tokens=True)
    registered = services().registration.register(_context.tenant(), wanted, origin=_context.origin())
    if registered.signed_in:
        return answer(signed_in_answer(registered.signed_in), 201)
    return answer(schemas.VerificationSent(challenge=registered.challenge), 202)


@bp.post("/verify-email")
@open_to_anyone
@limited(*LINKS)
@operation(
    "Follow the link of a verification mail",
    tag=TAG,
    body=schemas.VerifyEmail,
    answers={204: None},
    refusals=(InvalidInput, errors.LinkExpired, errors.PasswordRequired, TooManyRequests),
    is_open=True,
)
def verify_email(body: schemas.VerifyEmail) -> Response:
    services().verification.verify(
        _context.tenant(),
        token=body.token,
        challenges=[crypto.digest(body.challenge)] if body.challenge else [],
        new_password=body.new_password,
        origin=_context.origin(),
    )
    return answer(None, 204)


@bp.post("/verification-emails")
@open_to_anyone
@limited(*VERIFICATION)
@operation(
    "Ask for another verification mail",
    tag=TAG,
    body=schemas.Email,
    answers={202: None},
    refusals=(InvalidInput, TooManyRequests),
    is_open=True,
)
def resend(body: schemas.Email) -> Response:
    services().verification.resend(_context.tenant(), email=body.email, origin=_context.origin())
    return answer(None, 202)


@bp.post("/login")
@open_to_anyone
@limited(*SIGN_IN)
@operation(
    "Sign in with a password",
    tag=TAG,
    body=schemas.LoginBody,
    answers={200: schemas.SignedIn},
    refusals=(
        InvalidInput,
        errors.InvalidCredentials,
        errors.EmailNotVerified,
        errors.EmailCodeRequired,
        errors.SecondFactorRequired,
        errors.SecondFactorEnrolmentRequired,
        errors.AccountDisabled,
        errors.AccountLeaving,
        errors.SignInBlocked,
        errors.SessionLimitReached,
        errors.MethodDisabled,
        errors.TenantSuspended,
        TooManyRequests,
    ),
    is_open=True,
)
def login(body: schemas.LoginBody) -> Response:
    attempt = Attempt(email=body.email, password=body.password, remember=body.remember, wants_tokens=True)
    origin = replace(_context.origin(), device=body.device_token or None)
    return answer(signed_in_answer(services().login.with_password(_context.tenant(), attempt, origin=origin)))


@bp.post("/refresh")
@open_to_anyone
@limited(*REFRESH)
@operation(
    "Trade a refresh token for a new pair",
    tag=TAG,
    body=schemas.Refresh,
    answers={200: schemas.Tokens},
    refusals=(InvalidInput, errors.InvalidRefreshToken, errors.RefreshTokenReused, TooManyRequests),
    is_open=True,
)
def refresh(body: schemas.Refresh) -> Response:
    fresh = services().tokens.refresh(_context.tenant(), body.refresh_token, origin=_context.origin())
    return answer(
        schemas.Tokens(
            access_token=fresh.access_token,
            refresh_token=fresh.refresh_token,
            expires_in=fresh.expires_in,
            session_id=fresh.session_id,
        )
    )


@bp.post("/logout")
@limited(*API)
@operation("End this session", tag=TAG, answers={204: None}, refusals=(errors.InvalidToken,))
def logout() -> Response:
    services().sessions.logout(_context.tenant(), _context.scope(), token=_context.bearer())
    return answer(None, 204)


@bp.post("/introspect")
@open_to_anyone
@limited(*INTROSPECTION)
@operation(
    "Ask whether a token is in force",
    tag=TAG,
    body=schemas.Introspect,
    answers={200: schemas.Introspection},
    refusals=(InvalidInput, Unauthenticated, Forbidden),
)
def introspect(body: schemas.Introspect) -> Response:
    """An access token may introspect itself: whoever presents it learns only what they hold.

    A client that shows its secret with Basic learns what it would at ``/oauth2/introspect``.
    """
    presented = _context.bearer()
    if presented is None:
        return answer(schemas.Introspection.model_validate(_asked_by_client(body.token)))
    if not crypto.same(presented.encode(), body.token.encode()):
        raise Forbidden("An access token may only introspect itself.")
    said = services().sessions.introspect(_context.tenant(), body.token)
    return answer(schemas.Introspection.model_validate({"active": said.active, **said.claims}))


def _asked_by_client(token: str) -> dict[str, Any]:
    tenant, openid = _context.tenant(), services().openid
    if not request.authorization or request.authorization.type != "basic":
        raise Unauthenticated
    try:
        client = openid.client_auth.authenticate(tenant, as_sent())
    except OAuthRefusal as refusal:
        raise Unauthenticated(log=refusal.log) from refusal
    return openid.introspection.ask(tenant, client, token)
