"""Who a test needs and is not about: accounts, sign-ins and second steps that are there at once.

The pages that lead there have tests of their own (journeys.py, factors.py); most tests only begin behind them.
"""

from functools import cached_property

from playwright.sync_api import Page

from app.embedded.environment import complete
from app.scope import Origin
from app.settings import load
from app.wiring import Services, real_ports, wire
from e2e import passing
from e2e.errand import Errand
from e2e.factors import App
from e2e.journeys import PASSWORD
from e2e.live import environ_of


class People:
    """By the portal's own services, over the live portal's database, and by its forms without their pages."""

    def __init__(self, portal) -> None:
        self._portal = portal

    @cached_property
    def _services(self) -> Services:
        settings = load(complete(environ_of(self._portal.said.parent)))
        return wire(settings, real_ports(settings, application="e2e", connections=2))

    def close(self) -> None:
        if "_services" in self.__dict__:
            self._services.close()

    def found(self, slug: str, name: str) -> None:
        """A tenant, with nobody in it."""
        self._services.tenant_administration.create(slug=slug, name=name)

    def join(self, origin: str, email: str, *, name: str = "Eve Adams", role: str = "member") -> None:
        """Somebody has an account whose address is confirmed. No browser is known yet, and no mail was sent."""
        words = {"email": email, "password": PASSWORD, "name": name, "role_names": [role]}
        self._services.users.create(self._tenant(origin), **words, check=False)

    def enter(self, page: Page, origin: str, email: str) -> None:
        """They are signed in here, by password; ``page`` stays where it is."""
        leads = Errand(page, origin).send_form("/login", email=email, password=PASSWORD)
        assert leads == "/account", leads

    def arrive(self, page: Page, origin: str, email: str, *, name: str = "Eve Adams") -> None:
        """Both."""
        self.join(origin, email, name=name)
        self.enter(page, origin, email)

    def owe(self, page: Page, origin: str, email: str) -> None:
        """Their password was right, and ``page`` is at what else is owed."""
        leads = Errand(page, origin).send_form("/login", email=email, password=PASSWORD)
        assert leads.startswith("/login/"), leads
        page.goto(f"{origin}{leads}")

    def leave(self, page: Page, origin: str) -> None:
        """They are signed out here; ``page`` stays where it is."""
        assert Errand(page, origin).send_form("/logout") == "/login"

    def register(self, page: Page, origin: str, email: str, *, name: str = "Eve Adams") -> None:
        """They have registered here and confirmed nothing; ``page`` stays where it is."""
        leads = Errand(page, origin).send_form("/register", email=email, password=PASSWORD, name=name)
        assert leads == "/login/verify", leads

    def arrive_with_app(self, page: Page, origin: str, email: str, *, called: str = "") -> App:
        """They have an account, are signed in here, and have an app. Both codes that it shows can be used."""
        self.arrive(page, origin, email)
        tenant, scope = self._tenant(origin), self._scope(page, origin)
        begun = self._services.own_apps.begin(tenant, scope, name=called)
        app = App(begun.secret)
        self._services.own_apps.confirm(tenant, scope, begun.id, code=app.code())
        passing.since_a_code(self._portal, email, app)
        return app

    def get_codes(self, page: Page, origin: str) -> list[str]:
        """For who is signed in here and has an app: backup codes, which they have saved. Making them is slow."""
        return self._services.backup_codes.make(self._tenant(origin), self._scope(page, origin), show=False)

    def lose_factors(self, origin: str, email: str, reason: str) -> None:
        """An operator was told that they have lost them, and has begun to take them away."""
        self._services.factor_resets.start_as_operator(self._tenant(origin), email=email, reason=reason)

    def _tenant(self, origin: str):
        tenant = self._services.tenants.by_host(origin.partition("://")[2].partition(":")[0])
        assert tenant, origin
        return tenant

    def _scope(self, page: Page, origin: str):
        cookies = {found["name"]: found["value"] for found in page.context.cookies(origin)}
        scope = self._services.sessions.by_cookie(self._tenant(origin), cookies["portico_session"], origin=Origin())
        assert scope, f"nobody is signed in at {origin}"
        return scope
