"""All tables together, for migrations and for the test that compares them."""

from app.storage import (  # noqa: F401 - importing an aggregate adds its tables to the metadata
    applications,
    audit,
    authorizations,
    backup_codes,
    code_guesses,
    data_exports,
    device_grants,
    factor_resets,
    grants,
    known_devices,
    leak_checks,
    link_requests,
    links,
    lockout_lanes,
    outbox,
    passkeys,
    password_history,
    pending_logins,
    revocations,
    risk_assessments,
    roles,
    sessions,
    shown_proofs,
    signing_keys,
    tenants,
    totp_authenticators,
    users,
)
from app.storage.base import metadata

__all__ = ["metadata"]
