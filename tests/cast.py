"""Ada owns Acme, Bob is a member of it. Mallory is from Globex and must see nothing of either."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.auth.login import Attempt
from app.ids import uuid7
from app.scope import Origin
from app.tenancy import Tenant

PASSWORD = "correct horse battery staple"


@dataclass
class Person:
    """Somebody with an account, and where it is."""

    tenant: Tenant
    email: str
    id: UUID
    services: object
    password: str = PASSWORD

    def sign_in(self, *, tokens=True, password=None, device=None, **wanted):
        """Through the gate, from some browser or client."""
        attempt = Attempt(email=self.email, password=password or self.password, wants_tokens=tokens, **wanted)
        return self.services.login.with_password(self.tenant, attempt, origin=an_origin(device=device))

    def scope(self, signed_in):
        """The caller that a session makes."""
        if signed_in.cookie:
            return self.services.sessions.by_cookie(self.tenant, signed_in.cookie, origin=an_origin())
        return self.services.sessions.by_token(self.tenant, signed_in.tokens.access_token, origin=an_origin())


class Cast:
    """Made anew for each test, in tenants of its own, so that tests do not meet.

    Globex and Mallory come when they are first called: most tests are about Acme alone.
    """

    def __init__(self, services):
        self.services = services
        self._mark = uuid7().hex[-10:]
        self.acme = self.found(f"acme-{self._mark}", "Acme")
        self.ada = self.person(self.acme, "ada@acme.example", role="owner")
        self.bob = self.person(self.acme, "bob@acme.example", role="member")

    @property
    def globex(self):
        return self._others[0]

    @property
    def mallory(self):
        return self._others[1]

    @cached_property
    def _others(self):
        globex = self.found(f"globex-{self._mark}", "Globex")
        return globex, self.person(globex, "mallory@globex.example", role="owner")

    def found(self, slug, name, **settings):
        """A new tenant."""
        return self.services.tenant_administration.create(slug=slug, name=name, settings=settings)

    def person(self, tenant, email, *, role="member", password=PASSWORD):
        """A person with a verified address."""
        made = self.services.users.create(
            tenant, email=email, password=password, name=email.split("@")[0].title(), role_names=[role], check=False
        )
        return Person(tenant=tenant, email=email, id=made.id, services=self.services, password=password)


def an_origin(*, device=None, ip="192.0.2.7", agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"):
    return Origin(ip=ip, user_agent=agent, device=device)
