"""Authentication apps and backup codes, in the hands of their owners."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from app.auth import errors
from app.auth.second_factor import Answer
from app.errors import Problem
from app.scope import Actor, ActorKind
from tests.cast import an_origin


class Apps:
    """Enrols and types. The clock stands at the beginning of a step, so that none ends in the middle of a test."""

    def __init__(self, services):
        self.services, self.clock, self.origin = services, services.ports.clock, an_origin()
        self.clock.forward(seconds=31 - self.clock().timestamp() % 30)

    def begin(self, person, name="", tenant=None):
        tenant = tenant or person.tenant
        return self.services.totp.begin(tenant, user_id=person.id, email=person.email, name=name)

    def code(self, app, step=0):
        """What the app shows now, or so many steps from now."""
        return self.shows(app.secret, step)

    def shows(self, secret, step=0):
        return pyotp.TOTP(secret).at(self.clock() + timedelta(seconds=30 * step))

    def confirm(self, person, app, code=None, tenant=None):
        self.services.totp.confirm(
            tenant or person.tenant,
            user_id=person.id,
            totp_id=app.id,
            code=self.code(app, -1) if code is None else code,
            actor=Actor(kind=ActorKind.USER, id=person.id),
            origin=self.origin,
        )

    def enrol(self, person, name=""):
        """An app that counts; the code that it shows now is still unused."""
        app = self.begin(person, name)
        self.confirm(person, app)
        return app

    def spend(self, person, code, tenant=None):
        with self.services.units.begin((tenant or person.tenant).id) as unit:
            return self.services.totp.spend(unit, tenant or person.tenant, person.id, code)

    def challenge(self, person):
        """Half-way in: the password was right."""
        with pytest.raises(errors.SecondFactorRequired) as owed:
            person.sign_in()
        return owed.value.members["challenge"]

    def answer(self, person, code, method="totp", challenge=None):
        """The second step; hears the class of the refusal, or gets the session."""
        answer = Answer(challenge=challenge or self.challenge(person), method=method, code=code)
        try:
            return self.services.second_factor.redeem(person.tenant, answer, for_api=True, origin=self.origin)
        except Problem as refusal:
            return type(refusal)

    def scope(self, person):
        """Somebody who has just shown both factors."""
        signed_in = self.answer(person, code=self.make(person)[0], method="backup_code")
        return person.scope(signed_in)

    def make(self, person):
        """New backup codes, without asking whether it is them."""
        actor = Actor(kind=ActorKind.USER, id=person.id)
        return self.services.backup_codes.make_for(person.tenant, person.id, actor=actor, origin=self.origin)

    def use(self, person, code, tenant=None):
        """Use a backup code up: whether it counted."""
        tenant, codes = tenant or person.tenant, self.services.backup_codes
        digest = codes.digest_of(tenant, person.id, code)
        with self.services.units.begin(tenant.id) as unit:
            return bool(digest) and codes.spend(unit, tenant, person.id, digest, origin=self.origin)


def with_settings(tenant, **changes):
    return replace(tenant, settings=tenant.settings.model_copy(update=changes))


def refused(act, *arguments, **more):
    """The class of a refusal, or ``None``."""
    try:
        act(*arguments, **more)
    except Problem as refusal:
        return type(refusal)
    return None
