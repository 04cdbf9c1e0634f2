"""Each first step, under each policy, with each set of factors, on a trusted device or not: what the gate says.

``in 1``, ``in 2``: a session, and what it proves. Otherwise the ways to take a second step, or that one has to be set
up.
"""

import pytest

from app.auth import errors
from app.auth.login import Attempt
from app.auth.second_factor import Answer
from app.scope import Actor, ActorKind
from tests.auth.linking import Links
from tests.auth.second_steps import PERIOD_S, with_app
from tests.cast import an_origin
from tests.soft_passkey import SoftPasskey

POLICIES = {
    "off": {"second_factor": "off"},
    "optional": {},
    "required": {"second_factor": "required"},
    "of the role": {"second_factor_roles": ["member"]},
    "with grace": {"second_factor": "required", "second_factor_grace_days": 7},
    "mail counts": {"second_factor": "required", "second_factor_email": True},
}
TABLE = """
policy      | factors     | trusted | password           | API                | link             | passkey
off         | none        | no      | in 1               | in 1               | in 1             | -
off         | app         | no      | totp               | totp               | totp             | -
off         | app         | yes     | in 1               | in 1               | in 1             | -
off         | passkey     | no      | passkey            | passkey            | passkey          | in 2
off         | passkey     | yes     | in 1               | in 1               | in 1             | in 2
off         | app passkey | no      | passkey totp       | passkey totp       | passkey totp     | in 2
off         | app passkey | yes     | in 1               | in 1               | in 1             | in 2
optional    | none        | no      | in 1               | in 1               | in 1             | -
optional    | app         | no      | totp               | totp               | totp             | -
optional    | app         | yes     | in 1               | in 1               | in 1             | -
optional    | passkey     | no      | passkey            | passkey            | passkey          | in 2
optional    | passkey     | yes     | in 1               | in 1               | in 1             | in 2
optional    | app passkey | no      | passkey totp       | passkey totp       | passkey totp     | in 2
optional    | app passkey | yes     | in 1               | in 1               | in 1             | in 2
required    | none        | no      | set up             | set up             | set up           | -
required    | app         | no      | totp               | totp               | totp             | -
required    | app         | yes     | in 1               | in 1               | in 1             | -
required    | passkey     | no      | passkey            | passkey            | passkey          | in 2
required    | passkey     | yes     | in 1               | in 1               | in 1             | in 2
required    | app passkey | no      | passkey totp       | passkey totp       | passkey totp     | in 2
required    | app passkey | yes     | in 1               | in 1               | in 1             | in 2
of the role | none        | no      | set up             | set up             | set up           | -
of the role | app         | no      | totp               | totp               | totp             | -
of the role | app         | yes     | in 1               | in 1               | in 1             | -
of the role | passkey     | no      | passkey            | passkey            | passkey          | in 2
of the role | app passkey | yes     | in 1               | in 1               | in 1             | in 2
with grace  | none        | no      | set up             | in 1               | set up           | -
with grace  | app         | no      | totp               | totp               | totp             | -
with grace  | app         | yes     | in 1               | in 1               | in 1             | -
with grace  | passkey     | no      | passkey            | passkey            | passkey          | in 2
with grace  | app passkey | no      | passkey totp       | passkey totp       | passkey totp     | in 2
mail counts | none        | no      | email_code         | email_code         | set up           | -
mail counts | app         | no      | totp email_code    | totp email_code    | totp             | -
mail counts | app         | yes     | in 1               | in 1               | in 1             | -
mail counts | passkey     | no      | passkey email_code | passkey email_code | passkey          | in 2
mail counts | app passkey | yes     | in 1               | in 1               | in 1             | in 2
"""
_HEAD, *_LINES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
ROWS = [
    pytest.param(policy, factors, trusted == "yes", first, wanted, id=f"{first}, {policy}, {factors}, {trusted}")
    for policy, factors, trusted, *cells in _LINES
    for first, wanted in zip(_HEAD[3:], cells, strict=True)
    if wanted != "-"
]


class Arriving:
    """Somebody of a tenant of their own, with these factors, and whether their device is trusted."""

    def __init__(self, cast, clock, letters, policy, factors):
        self.services, self.clock, self.letters = cast.services, clock, letters
        self.person = cast.bob
        self.app = with_app(self.person, clock) if "app" in factors else None
        self.passkey = self._with_passkey() if "passkey" in factors else None
        change = self.services.tenant_administration.change_settings
        self.person.tenant = self.tenant = change(cast.acme, POLICIES[policy])

    def _with_passkey(self):
        tenant, passkeys = self.person.tenant, self.services.passkeys
        soft = SoftPasskey(tenant.origin)
        asked = passkeys.ask_to_add(tenant, user_id=self.person.id, email=self.person.email, name="Bob")
        passkeys.add(
            tenant,
            user_id=self.person.id,
            secret=asked.secret,
            credential=soft.create(asked.options),
            actor=Actor(kind=ActorKind.USER, id=self.person.id),
            origin=an_origin(),
        )
        return soft

    def trusted_device(self):
        """The secret of a device on which both steps were taken, and that is to be trusted."""
        try:
            return self.password(None, trust=False).device
        except errors.SecondFactorRequired as asked:
            return self.second(asked.members["challenge"]).device

    def second(self, challenge):
        if self.app:
            self.clock.forward(seconds=PERIOD_S)
            answer = Answer(challenge=challenge, method="totp", code=self.app.now(), trust=True)
        else:
            services = self.services
            asked = services.second_factor.ask_passkey(self.tenant, challenge, for_api=False, origin=an_origin())
            said = self.passkey.get(asked.options)
            answer = Answer(challenge=challenge, method="passkey", credential=said, trust=True)
        return self.services.second_factor.redeem(self.tenant, answer, for_api=False, origin=an_origin())

    def password(self, device, **_):
        return self._password(device, tokens=False)

    def api(self, device):
        return self._password(device, tokens=True)

    def _password(self, device, *, tokens):
        attempt = Attempt(email=self.person.email, password=self.person.password, wants_tokens=tokens)
        return self.services.login.with_password(self.tenant, attempt, origin=an_origin(device=device))

    def link(self, device):
        links = Links(self.services, self.tenant, self.letters)
        kept, token, _ = links.mailed(self.person)
        return links.follow(token, kept, device=device)

    def with_passkey(self, device):
        asked = self.services.passkeys.ask_to_sign_in(self.tenant)
        return self.services.passkeys.sign_in(
            self.tenant,
            secret=asked.secret,
            credential=self.passkey.get(asked.options),
            for_api=False,
            remember=False,
            origin=an_origin(device=device),
        )


def said(person, act, device):
    """What came of it, in the words of the table."""
    try:
        return f"in {person.scope(act(device)).acr}"
    except errors.SecondFactorEnrolmentRequired:
        return "set up"
    except errors.SecondFactorRequired as refusal:
        return " ".join(refusal.members["methods"])


@pytest.mark.parametrize(("policy", "factors", "trusted", "first", "wanted"), ROWS)
def test_the_gate_says(cast, clock, letters, policy, factors, trusted, first, wanted):
    arriving = Arriving(cast, clock, letters, policy, factors)
    device = arriving.trusted_device() if trusted else None
    ways = {"password": arriving.password, "API": arriving.api, "link": arriving.link, "passkey": arriving.with_passkey}
    assert said(arriving.person, ways[first], device) == wanted
