"""Bob's account, taken over by somebody who knows his password."""

import pytest

from tests.auth.steps import move


@pytest.fixture
def thief(cast):
    """A session at Bob's account that somebody else holds, who knows the password."""
    return cast.bob.sign_in()


@pytest.fixture
def stolen(cast, thief, letters):
    """The address is the thief's now; Bob has the link that undoes it."""
    return move(cast.bob, cast.bob.scope(thief), "thief@x.example", letters)


@pytest.fixture
def email(owner, cast):
    def email():
        return owner.execute("SELECT email FROM users WHERE id = %s", [cast.bob.id]).fetchone()[0]

    return email
