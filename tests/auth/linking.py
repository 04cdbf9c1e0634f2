"""Asking for mailed links and codes, and using them, as somebody's browser or client."""

import re

from app.errors import Problem
from app.ids import uuid7
from tests.cast import an_origin

UNKNOWN = "nobody@acme.example"


def code_in(mail):
    """The code that a mail shows."""
    return re.search(r"^(\d{6})$", mail.text, re.MULTILINE)[1]


def another(code):
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def refusal_of(act, *arguments, **more):
    """The class of the refusal, or ``None`` when it went well."""
    try:
        act(*arguments, **more)
    except Problem as refusal:
        return type(refusal)
    return None


class Links:
    """One tenant's, all by the services themselves."""

    def __init__(self, services, tenant, letters):
        self.services = services
        self.tenant = tenant
        self.letters = letters

    def ask(self, email, *, for_api=False, remember=False, **origin):
        return self.services.magic_links.ask(
            self.tenant, email=email, remember=remember, for_api=for_api, origin=an_origin(**origin)
        )

    def mailed(self, person, **how):
        """(what whoever asked keeps, the link's secret, the code)."""
        challenge = self.ask(person.email, **how)
        return challenge, self.letters.token_to(person.email), code_in(self.letters[-1])

    def look(self, token, challenge=None, tenant=None):
        return self.services.magic_links.look(tenant or self.tenant, token=token, challenge=challenge)

    def follow(self, token, challenge=None, *, for_api=False, tenant=None, **origin):
        return self.services.magic_links.follow(
            tenant or self.tenant, token=token, challenge=challenge, for_api=for_api, origin=an_origin(**origin)
        )

    def type(self, code, challenge=None, *, for_api=False, tenant=None, **origin):
        return self.services.magic_links.redeem(
            tenant or self.tenant, code=code, challenge=challenge, for_api=for_api, origin=an_origin(**origin)
        )

    def number(self, challenge):
        return self.services.magic_links.number(challenge)

    def approve(self, token, number, tenant=None):
        self.services.magic_links.approve(tenant or self.tenant, token=token, number=number, origin=an_origin())

    def wait(self, challenge, tenant=None, **origin):
        """What the waiting browser does again and again: ``None`` as long as it may not come in."""
        return self.services.magic_links.enter_approved(
            tenant or self.tenant, challenge=challenge, origin=an_origin(**origin)
        )


def found(cast, **settings):
    """A tenant with these settings, and somebody in it."""
    tenant = cast.found(f"t-{uuid7().hex[-12:]}", "Wary", **settings)
    return cast.person(tenant, "zoe@wary.example")
