"""One's own current password, asked for once more of somebody who is signed in."""

from datetime import datetime

from app.auth.lockout import Lockout
from app.auth.passwords import Passwords
from app.errors import refuse
from app.scope import Scope
from app.tenancy import Tenant


class OwnPassword:
    """Compares it, and counts the guesses."""

    def __init__(self, *, lockout: Lockout, passwords: Passwords) -> None:
        self._lockout = lockout
        self._passwords = passwords

    def check(self, tenant: Tenant, scope: Scope, password: str) -> datetime | None:
        """Since when it has been theirs.

        Raises ``InvalidInput`` unless ``password`` is theirs; wrong, locked and none read the same. Guesses are counted
        in a lane of the account's own: a stolen session does not find out the password.
        """
        guess = self._lockout.begin_own(tenant, scope)
        matches = self._passwords.match(guess.knock.password_hash, password)
        if not (matches and guess.open):
            self._lockout.fail(tenant, guess, origin=scope.origin)
            raise refuse("password", "wrong_password", "That is not your current password.")
        self._lockout.right(tenant, guess)
        return guess.knock.password_changed_at
