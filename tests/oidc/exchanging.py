"""Applications that exchange tokens: one that people use, an agent, and a service behind both."""

from types import SimpleNamespace

import pytest

from app.oidc.application_details import AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE
from tests.oidc.clients import STANDARD_SCOPES, an_application
from tests.oidc.codes import TokenClient
from tests.oidc.issued import issued
from tests.oidc.telling import said

GRANT = TOKEN_EXCHANGE
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
INVOICES, MAIL = "https://invoices.example/", "https://mail.example/"
SCOPES = (*STANDARD_SCOPES, "invoices:read", "invoices:write")


class Desk:
    """One tenant's applications. ``agent`` may exchange; ``notes`` may not, and people use it."""

    def __init__(self, services, app, tenant):
        self.services, self.app, self.tenant = services, app, tenant
        self.notes = an_application(
            services, tenant, scopes=SCOPES, resources=(INVOICES,), grant_types=(AUTHORIZATION_CODE,)
        )
        self.agent = self.an_agent()

    def an_agent(self, name="Agent", **more):
        more = {"scopes": SCOPES, "resources": (INVOICES, MAIL), "serves": (INVOICES,), **more}
        return an_application(
            self.services,
            self.tenant,
            name=name,
            grant_types=(AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE),
            **more,
        )

    def token_of(self, person, *, application=None, **more):
        """An access token of somebody's, from the agent itself unless said otherwise."""
        return issued(self.services, person, application or self.agent, **more)

    def ask(self, subject, *, actor=None, by=None, headers=None, **more):
        """Exchange. ``subject`` and ``actor``: what ``token_of`` gave, or the text of a token."""
        fields = {"grant_type": GRANT, "subject_token": text(subject), "subject_token_type": ACCESS}
        if actor:
            fields |= {"actor_token": text(actor), "actor_token_type": ACCESS}
        fields = {name: value for name, value in {**fields, **more}.items() if value is not None}
        return TokenClient(self.app, self.tenant, by or self.agent).post(fields, headers=headers)

    def got(self, *args, **more):
        """The same where it succeeds: the answer, and what its token says."""
        answer = self.ask(*args, **more)
        assert answer.status_code == 200, answer.text
        return SimpleNamespace(json=answer.json, claims=said(answer.json["access_token"]))

    def refused(self, *args, **more):
        """The same where it does not: why."""
        answer = self.ask(*args, **more)
        assert answer.status_code == 400, answer.text
        assert "access_token" not in answer.json
        return answer.json["error"]


def text(token):
    return token if isinstance(token, str) else token.access_token


@pytest.fixture
def desk(services, app, cast):
    return Desk(services, app, cast.acme)


@pytest.fixture
def sam(cast):
    """Sam from support, who may act for people without power."""
    return cast.person(cast.acme, "sam@acme.example", role="support")
