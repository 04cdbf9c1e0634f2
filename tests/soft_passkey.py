"""A passkey in software: it makes a key, and signs what it is asked, or whatever a test wants it to."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ICLOUD = UUID("fbfc3007-154e-4ecc-8c0b-6e020557d7bd")
_UP, _UV, _BE, _BS, _AT = 1, 4, 8, 16, 64


@dataclass
class SoftPasskey:
    """``verifies``: it checks who holds it. ``synced``: its maker copies it between devices.

    ``steps``: how much its counter goes up with each use; most have none.
    """

    origin: str
    aaguid: UUID = ICLOUD
    verifies: bool = True
    synced: bool = True
    count: int = 0
    steps: int = 0
    user_handle: bytes | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(20))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options, *, algorithm=-7, **wrong):
        """The answer to ``navigator.credentials.create``, as ``toJSON`` writes it."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        client = self._client("webauthn.create", options, **wrong)
        point = self._point()
        cose = {1: 2, 3: algorithm, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = self.aaguid.bytes + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(options["rp"]["id"], at=True, **wrong) + attested + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._json(
            clientDataJSON=client,
            attestationObject=attestation,
            transports=["internal", "hybrid", "telepathy"],
        )

    def get(self, options, *, signer=None, handle=..., **wrong):
        """The answer to ``navigator.credentials.get``."""
        self.count += self.steps
        client = self._client("webauthn.get", options, **wrong)
        data = self._data(options["rpId"], **wrong)
        signed = data + hashlib.sha256(client).digest()
        signature = (signer or self.key).sign(signed, ec.ECDSA(hashes.SHA256()))
        told = self.user_handle if handle is ... else handle
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._json(**parts, **({"userHandle": told} if told is not None else {}))

    def copy(self):
        """The same passkey in other hands."""
        return SoftPasskey(
            origin=self.origin,
            count=self.count,
            steps=self.steps,
            user_handle=self.user_handle,
            credential_id=self.credential_id,
            key=self.key,
        )

    def _point(self):
        return self.key.public_key().public_numbers()

    def _client(self, kind, options, *, origin=None, challenge=None, type_=None, client=None, **_):
        said = {
            "type": type_ or kind,
            "challenge": bytes_to_base64url(challenge) if challenge else options["challenge"],
            "origin": origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps({**said, **(client or {})}).encode()

    def _data(self, rp_id, *, at=False, rp=None, up=True, flags=None, **_):
        backup = (_BE | _BS) if self.synced else 0
        said = (_UP if up else 0) | (_UV if self.verifies else 0) | backup | (_AT if at else 0)
        hashed = hashlib.sha256((rp or rp_id).encode()).digest()
        return hashed + bytes([said if flags is None else flags]) + self.count.to_bytes(4, "big")

    def _json(self, **response):
        named = bytes_to_base64url(self.credential_id)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                name: bytes_to_base64url(value) if isinstance(value, bytes) else value
                for name, value in response.items()
            },
        }


def host_of(origin):
    return urlsplit(origin).hostname
