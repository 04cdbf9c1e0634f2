"""All tables together, for migrations and for the test that compares them."""

from app.storage import (  # noqa: F401 - importing an aggregate adds its tables to the metadata
    audit,
    links,
    lockout_lanes,
    outbox,
    pending_logins,
    revocations,
    roles,
    sessions,
    signing_keys,
    tenants,
    users,
)
from app.storage.base import metadata

__all__ = ["metadata"]
