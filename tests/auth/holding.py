"""Holding passkeys: adding them and signing in with them, by the services themselves."""

from app.scope import Actor, ActorKind
from tests.cast import an_origin
from tests.soft_passkey import SoftPasskey


class Holder:
    """Somebody with a device that has passkeys."""

    def __init__(self, services, person):
        self.services = services
        self.person = person
        self.tenant = person.tenant

    @property
    def passkeys(self):
        return self.services.passkeys

    def new(self, **like):
        """A passkey that is not known yet."""
        return SoftPasskey(origin=like.pop("origin", self.tenant.origin), **like)

    def ask_to_add(self, **by):
        who = {"user_id": self.person.id, "email": self.person.email, "name": "Ada"}
        return self.passkeys.ask_to_add(self.tenant, **{**who, **by})

    def add(self, key=None, *, asked=None, credential=None, name="", **by):
        """Add one; hands over the passkey."""
        key, asked = key or self.new(), asked or self.ask_to_add()
        self.view = self.passkeys.add(
            by.pop("tenant", self.tenant),
            **{
                "user_id": self.person.id,
                "secret": asked.secret,
                "credential": key.create(asked.options) if credential is None else credential,
                "name": name,
                "actor": Actor(kind=ActorKind.USER, id=self.person.id),
                "origin": an_origin(),
                **by,
            },
        )
        return key

    def sign_in(self, key, *, asked=None, credential=None, tenant=None, for_api=True, secret=None, **wrong):
        asked = asked or self.passkeys.ask_to_sign_in(self.tenant)
        return self.passkeys.sign_in(
            tenant or self.tenant,
            secret=secret or asked.secret,
            credential=credential if credential is not None else key.get(asked.options, **wrong),
            for_api=for_api,
            origin=an_origin(),
        )

    def show(self, key, *, user_id=None, secret="a waiting sign-in", asked=None, **wrong):
        """As a second factor: what it proves, or ``None``."""
        user_id = user_id or self.person.id
        asked = asked or self.passkeys.ask_as_factor(self.tenant, user_id=user_id, secret=secret)
        with self.services.units.begin(self.tenant.id) as unit:
            return self.passkeys.check_as_factor(
                unit, self.tenant, user_id=user_id, secret=secret, credential=key.get(asked.options, **wrong)
            )

    def list(self):
        return self.passkeys.list(self.tenant, self.person.id)
