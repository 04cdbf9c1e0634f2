"""What a refresh token is, and which family it belongs to.

It is ``prt_`` and base64url of: the family's id (16 bytes), the generation (4), and an HMAC-SHA256 over both (32) under
a secret of that family. The row holds the generation and the secret, encrypted. So no token rests anywhere, every
generation ever issued is recognised without storing one, and a token that merely names a family is told from one truly
issued before the family is touched.
"""

import base64
import binascii
import struct
import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from app import crypto
from app.auth.errors import InvalidRefreshToken
from app.crypto import Cipher
from app.ids import uuid7
from app.storage import hot
from app.storage.pool import Pool

PREFIX = "prt_"
FIRST = 1
_HEAD = struct.Struct(">16sI")
_MAC_BYTES = 32
_LENGTH = len(PREFIX) + (4 * (_HEAD.size + _MAC_BYTES) + 2) // 3
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family that begins: its id, its secret as it rests, and its first token."""

    id: UUID
    sealed: bytes
    token: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A token truly issued, of whatever generation, and the one that comes after it."""

    family_id: UUID
    generation: int
    successor: str


@dataclass(frozen=True, slots=True)
class _Presented:
    family_id: UUID
    generation: int
    mac: bytes


class Families:
    """Begins families and recognises their tokens. Whether a family lives is asked when it is rotated."""

    def __init__(self, pool: Pool, *, cipher: Cipher) -> None:
        self._pool = pool
        self._cipher = cipher
        self._secrets: OrderedDict[tuple[UUID, UUID], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, tenant_id: UUID, *, family_id: UUID | None = None) -> Family:
        """A family, not yet written."""
        new_id, secret = family_id or uuid7(), crypto.mint().encode()
        sealed = self._cipher.encrypt(secret, place=_place(tenant_id, new_id))
        self._remember(tenant_id, new_id, secret)
        return Family(id=new_id, sealed=sealed, token=_spell(new_id, FIRST, secret))

    def recognise(self, tenant_id: UUID, presented: str) -> Recognised:
        """Raises ``InvalidRefreshToken`` for what is malformed, made up, or of another tenant; nothing is touched."""
        token = _parse(presented)
        secret = self._secret(tenant_id, token.family_id)
        if secret is None or not crypto.same(token.mac, _mac(secret, token.family_id, token.generation)):
            raise InvalidRefreshToken(log="not issued by us")
        return Recognised(token.family_id, token.generation, _spell(token.family_id, token.generation + 1, secret))

    def _secret(self, tenant_id: UUID, family_id: UUID) -> bytes | None:
        """The family's secret. It never changes, so it is remembered."""
        if known := self._secrets.get((tenant_id, family_id)):
            return known
        sealed = hot.family_secret(self._pool, tenant_id=tenant_id, family_id=family_id)
        if sealed is None:
            return None
        secret = self._cipher.decrypt(sealed, place=_place(tenant_id, family_id))
        self._remember(tenant_id, family_id, secret)
        return secret

    def _remember(self, tenant_id: UUID, family_id: UUID, secret: bytes) -> None:
        with self._lock:
            self._secrets[tenant_id, family_id] = secret
            if len(self._secrets) > _REMEMBERED:
                self._secrets.popitem(last=False)


def _parse(presented: str) -> _Presented:
    if len(presented) != _LENGTH or not presented.startswith(PREFIX) or not presented.isascii():
        raise InvalidRefreshToken(log="malformed")
    text = presented.removeprefix(PREFIX)
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise InvalidRefreshToken(log="malformed") from error
    if len(raw) != _HEAD.size + _MAC_BYTES or _base64(raw) != text:
        raise InvalidRefreshToken(log="malformed")
    family, generation = _HEAD.unpack_from(raw)
    # An int4 in the database: whatever is beyond was never issued.
    if not FIRST <= generation < 2**31 - 1:
        raise InvalidRefreshToken(log="malformed")
    return _Presented(UUID(bytes=family), generation, raw[_HEAD.size :])


def _spell(family_id: UUID, generation: int, secret: bytes) -> str:
    head = _HEAD.pack(family_id.bytes, generation)
    return PREFIX + _base64(head + crypto.sign(secret, head))


def _mac(secret: bytes, family_id: UUID, generation: int) -> bytes:
    return crypto.sign(secret, _HEAD.pack(family_id.bytes, generation))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _place(tenant_id: UUID, family_id: UUID) -> str:
    return f"refresh_families:{tenant_id}:{family_id}"
