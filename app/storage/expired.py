"""What nobody can use any more is removed, a bounded number at a time."""

from datetime import datetime

from sqlalchemy import text

from app.storage.base import Db

# Table, and the condition under which a row is of no more use. Sessions stay a month: people ask about them.
_RULES = {
    "pending_logins": "expires_at < :now",
    "link_requests": "expires_at < :now",
    "one_time_tokens": "expires_at < :now - interval '7 days'",
    "leak_checks": "expires_at < :now",
    "data_exports": "expires_at < :now",
    "authorization_flows": "expires_at < :now - interval '1 day'",
    "authorization_codes": "expires_at < :now - interval '1 day'",
    "pushed_requests": "expires_at < :now",
    "device_grants": "expires_at < :now - interval '1 day'",
    "shown_proofs": "expires_at < :now",
    "idempotent_requests": "expires_at < :now",
    "passkey_challenges": "expires_at < :now",
    "totp_authenticators": "confirmed_at IS NULL AND created_at < :now - interval '1 day'",
    "revocations": "expires_at < :now",
    "known_devices": "last_seen_at < :now - interval '400 days'",
    "sessions": "least(expires_at, revoked_at) < :now - interval '30 days'",
    "outbox": "delivered_at < :now - interval '7 days' OR failed_at < :now - interval '30 days'",
    "lockout_lanes": "touched_at < :now - interval '2 days' AND closed_at IS NULL"
    " AND (locked_until IS NULL OR locked_until < :now)",
    "risk_assessments": "at < :now - interval '365 days'",
    "signing_keys": "state = 'retiring' AND retires_at < :now - interval '7 days'",
}


def purge_unscoped(db: Db, *, now: datetime, most: int = 5000) -> dict[str, int]:
    """Remove up to ``most`` rows of each table, of all tenants; says how many went."""
    removed = {}
    for table, condition in _RULES.items():
        statement = text(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - table and condition stand above
            f"SELECT ctid FROM {table} WHERE {condition} LIMIT :most))"
        )
        removed[table] = db.execute(statement, {"now": now, "most": most}).rowcount  # type: ignore[attr-defined]
    return removed
