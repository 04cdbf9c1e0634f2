"""Somebody who is signed in shows once more that it is them."""

import re

from app.auth.showing_again import Shown
from app.errors import Problem
from tests.cast import PASSWORD, an_origin


class Again:
    """A person in a browser, or with a token; what opens their session now is ``held``."""

    def __init__(self, person, signed_in, *, apped=None):
        self.person, self.apped = person, apped
        self.services, self.tenant = person.services, person.tenant
        self.page = signed_in.cookie is not None
        self.held = signed_in.cookie or signed_in.tokens.access_token
        self.refresh_token = None if self.page else signed_in.tokens.refresh_token

    @property
    def scope(self):
        return self.scope_of(self.held)

    def scope_of(self, held, tenant=None):
        sessions = self.services.sessions
        look = sessions.by_cookie if self.page else sessions.by_token
        return look(tenant or self.tenant, held, origin=an_origin())

    def prove(self, password=PASSWORD, *, scope=None, held=None, tenant=None, **shown):
        """Raises what is refused; hands over what the session is known by from now on."""
        held = held or self.held
        renewed = self.services.reauthentication.prove(
            tenant or self.tenant,
            scope or self.scope,
            Shown(password=password, **shown),
            **({"cookie": held} if self.page else {"token": held}),
        )
        self.held = renewed.cookie or renewed.access_token
        return renewed

    def try_to(self, *arguments, **shown):
        """The class of the refusal, and the fields that it names; ``None`` for a success."""
        try:
            self.prove(*arguments, **shown)
        except Problem as refusal:
            return (type(refusal), *refusal.by_field)
        return None

    def passes(self):
        """The class of the refusal of something that wants a fresh proof, or ``None``."""
        try:
            self.services.freshness.require(self.tenant, self.scope)
        except Problem as refusal:
            return type(refusal)
        return None

    def ask_mail(self, letters):
        """Ask for a code by mail and read it."""
        self.services.reauthentication.mail_code(self.tenant, self.scope)
        return re.search(r"^\d{6}$", letters.to(self.person.email).text, re.MULTILINE)[0]


def without_password(owner, person):
    """Somebody who never had a password, or has none any more."""
    owner.execute("UPDATE users SET password_hash = NULL, password_changed_at = NULL WHERE id = %s", [person.id])
