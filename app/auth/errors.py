"""The refusals of signing in and of what surrounds it."""

from app.errors import Problem


class InvalidCredentials(Problem):
    """Unknown, wrong and locked, all in the same words."""

    code = "invalid_credentials"
    status = 401
    title = "That email address and password don't match."


class EmailNotVerified(Problem):
    code = "email_not_verified"
    status = 403
    title = "Please confirm your email address first."


class AccountDisabled(Problem):
    code = "account_disabled"
    status = 403
    title = "This account has been switched off. Please ask your administrator."


class AccountLeaving(Problem):
    code = "account_leaving"
    status = 403
    title = "This account is about to be deleted. The link in our message keeps it."


class SignInBlocked(Problem):
    """Too risky. The owner is told by mail, with a way back in."""

    code = "sign_in_blocked"
    status = 403
    title = "This sign-in looked too unusual, so we stopped it. We have sent you a message about it."


class EmailCodeRequired(Problem):
    """Right so far; a code that was mailed is owed. ``members`` carry ``challenge`` and ``methods``."""

    code = "email_code_required"
    status = 401
    title = "Enter the code that we have sent you."


class SecondFactorRequired(Problem):
    """Right so far; the second factor is owed. ``members`` carry ``challenge`` and ``methods``."""

    code = "second_factor_required"
    status = 401
    title = "One more step, to be sure that it is you."


class SecondFactorEnrolmentRequired(Problem):
    """Right so far; but a second factor has to be set up. ``members``: ``challenge``, ``methods``, ``skip_until``."""

    code = "second_factor_enrolment_required"
    status = 401
    title = "Please set up a second step for signing in first."


class StepUpRequired(Problem):
    """Signed in, but too long ago or too weakly for this (RFC 9470). ``members``: ``max_age``, ``acr_values``."""

    code = "insufficient_user_authentication"
    status = 401
    title = "Please confirm that it is you first."


class PasskeyRefused(Problem):
    """Unknown, another's, too late, or not checked by the device: all in the same words."""

    code = "passkey_refused"
    status = 401
    title = "That passkey did not work. Try again, or choose another way."


class PasskeyKnown(Problem):
    code = "passkey_known"
    status = 409
    title = "This passkey is here already."


class LastWayIn(Problem):
    code = "last_way_in"
    status = 409
    title = "This is your only way in. Add another one first."


class SecondFactorNeeded(Problem):
    """Their tenant asks for a second factor, and this is the last; or there is none for what was asked."""

    code = "second_factor_needed"
    status = 409
    title = "A second step is needed here. Set up another one first."


class ResetUnderWay(Problem):
    code = "reset_under_way"
    status = 409
    title = "This has been started already."


class SessionLimitReached(Problem):
    code = "session_limit_reached"
    status = 403
    title = "You are signed in on as many devices as are allowed. Sign out on one of them first."


class MethodDisabled(Problem):
    """A way in that the tenant has switched off."""

    code = "method_disabled"
    status = 403
    title = "This way of signing in is not available here."


class InvalidCode(Problem):
    """Wrong, used, replaced, expired, tried too often, or never sent: all in the same words."""

    code = "invalid_code"
    status = 401
    title = "That code does not work. Check it, or ask for a new message."


class TenantSuspended(Problem):
    code = "tenant_suspended"
    status = 403
    title = "This service is paused at the moment."


class UnknownTenant(Problem):
    code = "unknown_tenant"
    status = 404
    title = "Nobody lives at this address."


class RegistrationClosed(Problem):
    code = "registration_closed"
    status = 403
    title = "New accounts cannot be created here."


class EmailTaken(Problem):
    """Only where a tenant has switched verification off: the one stated exception to rule 3."""

    code = "email_taken"
    status = 409
    title = "There is an account with this email address already."


class LinkExpired(Problem):
    code = "link_expired"
    status = 410
    title = "This link has expired or was already used."


class PasswordRequired(Problem):
    code = "password_required"
    status = 422
    title = "Please type the password for this account."


class InvalidToken(Problem):
    """An access token or session that does not count."""

    code = "invalid_token"
    status = 401
    title = "Please sign in again."


class InvalidRefreshToken(Problem):
    code = "invalid_refresh_token"
    status = 401
    title = "Please sign in again."


class RefreshTokenReused(Problem):
    code = "refresh_token_reused"
    status = 401
    title = "This sign-in was used twice, so it has been ended. Please sign in again."
