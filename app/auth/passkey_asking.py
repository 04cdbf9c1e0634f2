"""What passkeys are asked: a challenge, once, for five minutes, bound to whoever asked for it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app import crypto
from app.auth.passkey_replies import ALGORITHMS, Expected, Reply, Unfit
from app.ids import uuid7
from app.storage import passkeys, tenants
from app.storage.base import Db
from app.storage.passkeys import Passkey
from app.storage.unit import Unit
from app.tenancy import Tenant

Purpose = Literal["sign_in", "second_factor", "add"]
LIFE = timedelta(minutes=5)
_CHALLENGE_BYTES = 32
_MILLISECONDS = int(LIFE / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``options`` for the browser, as JSON, and the ``secret`` without which nobody can answer."""

    secret: str
    options: dict[str, Any]


def challenge(
    unit: Unit, tenant: Tenant, *, purpose: Purpose, user_id: UUID | None, secret: str, now: datetime
) -> bytes:
    """Remember that something random is to be signed.

    One secret may wait for several answers, as a browser does with a sign-in page in each of two tabs.
    """
    asked = secrets.token_bytes(_CHALLENGE_BYTES)
    passkeys.challenge_with(
        unit.db,
        tenant_id=tenant.id,
        new_id=uuid7(),
        secret_digest=_bound(secret, asked),
        purpose=purpose,
        user_id=user_id,
        now=now,
        expires_at=now + LIFE,
    )
    return asked


def expected(
    unit: Unit, tenant: Tenant, reply: Reply, *, purpose: Purpose, user_id: UUID | None, secret: str, now: datetime
) -> Expected:
    """What the reply has to be about, once: of many who try at the same time, one gets it. Raises ``Unfit``.

    What it claims to have signed is found only if it was asked, and asked of whoever holds this secret.
    """
    asked = passkeys.answer(
        unit.db, tenant_id=tenant.id, secret_digest=_bound(secret, reply.challenge), purpose=purpose, now=now
    )
    if asked is None or asked.user_id != user_id:
        raise Unfit("not_asked")
    return Expected(challenge=reply.challenge, rp_id=rp_id(tenant), origins=origins(unit.db, tenant))


def rp_id(tenant: Tenant) -> str:
    """The name that passkeys are bound to: the host of the tenant, whatever other domains it has."""
    return urlsplit(tenant.origin).hostname or ""


def origins(db: Db, tenant: Tenant) -> list[str]:
    """Where passkeys of this tenant may be used (section 5.11, related origins)."""
    return [tenant.origin, *(f"https://{host}" for host in tenants.verified_hosts(db, tenant_id=tenant.id))]


def options_to_get(tenant: Tenant, asked: bytes, *, own: Sequence[Passkey], must_verify: bool) -> dict[str, Any]:
    """Sign with one of ``own``; without any, with whichever the device has for us."""
    level = UserVerificationRequirement.REQUIRED if must_verify else UserVerificationRequirement.PREFERRED
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=rp_id(tenant),
            challenge=asked,
            timeout=_MILLISECONDS,
            allow_credentials=[_named(passkey) for passkey in own],
            user_verification=level,
        )
    )


def options_to_create(
    tenant: Tenant, asked: bytes, *, user_id: UUID, email: str, name: str, own: Sequence[Passkey]
) -> dict[str, Any]:
    """Make a new passkey, which the device can find by itself, where none of ``own`` is."""
    return options_to_json_dict(
        generate_registration_options(
            rp_id=rp_id(tenant),
            rp_name=tenant.name,
            user_id=user_id.bytes,
            user_name=email,
            user_display_name=name or email,
            challenge=asked,
            timeout=_MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[_named(passkey) for passkey in own],
            supported_pub_key_algs=ALGORITHMS,
        )
    )


def _named(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id, transports=[AuthenticatorTransport(one) for one in passkey.transports] or None
    )


def _bound(secret: str, asked: bytes) -> bytes:
    return crypto.digest(f"{secret}:{asked.hex()}")
