"""Codes as the authorization endpoint writes them down, and what an application does with them."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app import crypto
from app.ids import uuid7
from app.scope import Scope
from app.storage.hot_codes import NewCode, give
from tests.oidc.clients import CALLBACK

VERIFIER = "a-verifier-of-forty-three-characters-or-more"
FULL = ("openid", "profile", "email", "offline_access")


def challenge_of(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Code:
    """A code, and the person whose it is. ``fields``: what redeems it, but for who the client is."""

    text: str
    grant_id: UUID
    scope: Scope

    @property
    def fields(self):
        return {
            "grant_type": "authorization_code",
            "code": self.text,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }


def a_code(services, person, application, *, scopes=FULL, signed_in=None, **more):
    """A code for somebody who is really signed in. ``more``: further columns."""
    scope = person.scope(signed_in or person.sign_in())
    now, text, grant_id = services.ports.clock(), crypto.mint(), uuid7()
    columns = {
        "redirect_uri": CALLBACK,
        "resources": (),
        "claims": {},
        "nonce": "n-0S6_WzA2Mj",
        "verifier_digest": challenge_of(VERIFIER),
        "dpop_jkt": None,
        "auth_time": scope.auth_time,
        "acr": scope.acr,
        "amr": scope.amr,
        "expires_at": now + timedelta(seconds=60),
    } | more
    code = NewCode(
        id=uuid7(),
        secret_digest=crypto.digest(text),
        application_id=application.id,
        session_id=scope.session_id,
        user_id=scope.user_id,
        grant_id=grant_id,
        scopes=scopes,
        created_at=now,
        **columns,
    )
    give(services.ports.pool, tenant_id=person.tenant.id, code=code, flow_id=None, by_consent=False)
    return Code(text=text, grant_id=grant_id, scope=scope)


class TokenClient:
    """An application that calls the token endpoint of a tenant, known by what it was registered with."""

    def __init__(self, app, tenant, application=None):
        self.http = app.test_client(use_cookies=False)
        self.tenant = tenant
        self.application = application

    def post(self, fields, *, headers=None, path="/oauth2/token", **more):
        """As it is registered: by Basic, or by its name alone; ``headers`` with Authorization replace that."""
        sent, fields = dict(headers or {}), dict(fields)
        if self.application and "Authorization" not in sent:
            if self.application.client.auth_method == "client_secret_basic":
                sent["Authorization"] = basic(self.application.client_id, self.application.secret)
            elif self.application.client.auth_method == "client_secret_post":
                fields |= {"client_id": self.application.client_id, "client_secret": self.application.secret}
            elif "client_assertion" not in fields:
                fields.setdefault("client_id", self.application.client_id)
        return self.http.post(path, data=fields, headers=sent, base_url=self.tenant.origin, **more)

    def refresh(self, token, *, headers=None, **fields):
        return self.post({"grant_type": "refresh_token", "refresh_token": token, **fields}, headers=headers)


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def redeemed(services, app, person, application, **more):
    """The tokens that a code gave: (client, answer's JSON, code)."""
    code = a_code(services, person, application, **more)
    client = TokenClient(app, person.tenant, application)
    answer = client.post(code.fields)
    assert answer.status_code == 200, answer.text
    return client, answer.json, code


__all__ = ["CALLBACK", "FULL", "VERIFIER", "Code", "TokenClient", "a_code", "basic", "challenge_of", "redeemed"]
