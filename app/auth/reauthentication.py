"""Showing once more that it is you, before something that would hurt if it were not."""

from app.auth.lockout import Lockout
from app.auth.passwords import Passwords
from app.errors import refuse
from app.scope import Scope
from app.tenancy import Tenant


class Reauthentication:
    """Asks for the current password. Second factors come with their own issue."""

    def __init__(self, *, lockout: Lockout, passwords: Passwords) -> None:
        self._lockout = lockout
        self._passwords = passwords

    def prove(self, tenant: Tenant, scope: Scope, password: str, *, field: str = "password") -> None:
        """Raises ``InvalidInput`` for ``field`` unless ``password`` is theirs; wrong, locked and none read the same.

        Guesses are counted in a lane of the account's own: a stolen session does not find out the password.
        """
        guess = self._lockout.begin_own(tenant, scope)
        matches = self._passwords.match(guess.knock.password_hash, password)
        if not (matches and guess.open):
            self._lockout.fail(tenant, guess, origin=scope.origin)
            raise refuse(field, "wrong_password", "That is not your current password.")
        self._lockout.right(tenant, guess)
