"""Somebody with a second factor, and how they show it."""

import pyotp

from app.auth import errors
from app.auth.second_factor import Answer
from app.errors import Problem
from tests.cast import an_origin

PERIOD_S = 30


class Apped:
    """A person with an authentication app. The clock moves on for each code: none works twice."""

    def __init__(self, person, clock, secret):
        self.person = person
        self.services = person.services
        self.clock = clock
        self.secret = secret

    @property
    def tenant(self):
        return self.person.tenant

    def code(self):
        """One that has not been used yet."""
        self.clock.forward(seconds=PERIOD_S)
        return self.now()

    def now(self):
        """The code of this very moment."""
        return pyotp.TOTP(self.secret).at(self.clock())

    def wrong(self):
        return f"{(int(self.now()) + 1) % 1_000_000:06d}"

    def first(self, **how):
        """Sign in as far as the second step: the challenge."""
        return challenge_of(self.person.sign_in, **how)

    def answer(self, challenge, code, *, method="totp", for_api=True, trust=False, tenant=None, **origin):
        answer = Answer(challenge=challenge, method=method, code=code, trust=trust)
        return self.services.second_factor.redeem(
            tenant or self.tenant, answer, for_api=for_api, origin=an_origin(**origin)
        )

    def sign_in(self, *, tokens=True, trust=False, device=None, **how):
        """All the way."""
        challenge = self.first(tokens=tokens, device=device, **how)
        return self.answer(challenge, self.code(), for_api=tokens, trust=trust, device=device)


def with_app(person, clock):
    """Give somebody an authentication app."""
    made = person.services.totp.begin(person.tenant, user_id=person.id, email=person.email)
    person.services.totp.confirm(
        person.tenant,
        user_id=person.id,
        totp_id=made.id,
        code=pyotp.TOTP(made.secret).at(clock()),
        origin=an_origin(),
    )
    return Apped(person, clock, made.secret)


def challenge_of(act, *arguments, refusal=errors.SecondFactorRequired, **more):
    """What whoever is asked for a second step keeps."""
    try:
        act(*arguments, **more)
    except refusal as asked:
        return asked.members["challenge"]
    except Problem as other:
        raise AssertionError(f"refused with {other.code}, not {refusal.code}") from other
    raise AssertionError("let in")
