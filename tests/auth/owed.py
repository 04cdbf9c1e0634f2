"""What somebody at the gate may still owe: a fact, the step that it is, and the refusal."""

from app.auth import errors
from app.auth.stages import PendingLogin, Step

WELCOME = PendingLogin(
    tenant_suspended=False,
    lane_open=True,
    proven=True,
    disabled=False,
    leaving=False,
    email_verified=True,
    verification_required=True,
)
# In the order of the stages.
OWED = [
    ({"tenant_suspended": True}, Step.ACTIVE_TENANT, errors.TenantSuspended),
    ({"lane_open": False}, Step.OPEN_LANE, errors.InvalidCredentials),
    ({"proven": False}, Step.PROOF, errors.InvalidCredentials),
    ({"disabled": True}, Step.ENABLED_ACCOUNT, errors.AccountDisabled),
    ({"leaving": True}, Step.KEPT_ACCOUNT, errors.AccountLeaving),
    ({"email_verified": False}, Step.VERIFIED_EMAIL, errors.EmailNotVerified),
    ({"risk": "high"}, Step.BEARABLE_RISK, errors.SignInBlocked),
    ({"second_factor_available": True}, Step.SECOND_FACTOR, errors.SecondFactorRequired),
    ({"risk": "medium"}, Step.EMAIL_CODE, errors.EmailCodeRequired),
    ({"second_factor_required": True}, Step.ENROLMENT, errors.SecondFactorEnrolmentRequired),
]
