"""A tenant that finds things unusual, and somebody who signs in there."""

import re

import pytest

from app.auth import errors
from app.auth.login import Attempt
from app.auth.second_factor import Answer
from app.errors import Problem
from tests.auth.linking import code_in, found
from tests.cast import PASSWORD, an_origin

MEDIUM = {"risk_weights": {"new_device": 50}}
HIGH = {"risk_weights": {"new_device": 80}}
TABLE = "SELECT level, outcome, score, factors, signals, session_id, mode, network FROM risk_assessments"


class Wary:
    """Zoe has signed in once, from a browser that is known since: ``device``. Any other one is unusual."""

    def __init__(self, services, cast, letters, settings):
        self.services = services
        self.letters = letters
        self.zoe = found(cast, **settings)
        self.tenant = self.zoe.tenant
        self.device = self.zoe.sign_in(tokens=False).device
        letters.deliver().clear()

    def challenge(self, *, tokens=False, **how):
        """Sign in from a new browser as far as the code: what it keeps."""
        with pytest.raises(errors.EmailCodeRequired) as refusal:
            self.sign_in(tokens=tokens, **how)
        assert refusal.value.members["methods"] == ["email_code"]
        return refusal.value.members["challenge"]

    def sign_in(self, *, password=PASSWORD, tokens=False, remember=False, **origin):
        """With her password, from some browser or client."""
        attempt = Attempt(email=self.zoe.email, password=password, wants_tokens=tokens, remember=remember)
        return self.services.login.with_password(self.tenant, attempt, origin=an_origin(**origin))

    def mailed(self, **how):
        """(what the browser keeps, the code)."""
        challenge = self.challenge(**how)
        return challenge, self.code()

    def code(self):
        """The newest code that was mailed."""
        mail = self.letters.to(self.zoe.email)
        assert "with the right password" in mail.text
        return code_in(mail)

    def redeem(self, challenge, code, *, for_api=False, tenant=None, **origin):
        answer = Answer(challenge=challenge, method="email_code", code=code)
        return self.services.second_factor.redeem(
            tenant or self.tenant, answer, for_api=for_api, origin=an_origin(**origin)
        )

    def resend(self, challenge):
        self.services.second_factor.send_code(self.tenant, challenge, for_api=False, origin=an_origin())

    def attempt(self, **how):
        """Sign in, and hear the refusal's class, or ``None``."""
        try:
            self.sign_in(**how)
        except Problem as refusal:
            return type(refusal)
        return None

    def allow_link(self):
        """The secret in the newest mail about a sign-in that was stopped."""
        return re.search(r"/allow-sign-in\?token=([\w-]+)", self.letters.to(self.zoe.email).text)[1]

    def allow(self, token, **origin):
        return self.services.reopening.allow(self.tenant, token=token, origin=an_origin(**origin))


def assessments(owner, person):
    """What was stored of somebody's sign-ins, newest first."""
    query = f"{TABLE} WHERE tenant_id = %s AND user_id = %s ORDER BY at DESC, id DESC"
    names = ("level", "outcome", "score", "factors", "signals", "session_id", "mode", "network")
    rows = owner.execute(query, [person.tenant.id, person.id]).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
