"""What tests of accounts share: the owner's eyes on the database, and ways to leave and to come back."""

import pytest

from app.errors import Problem
from tests.blueprints.conftest import plain_logs
from tests.cast import an_origin

__all__ = ["plain_logs"]


@pytest.fixture
def scope_of():
    """The caller that a new session of somebody's makes."""

    def scope_of(person, **wanted):
        return person.scope(person.sign_in(**wanted))

    return scope_of


@pytest.fixture
def leave(services, scope_of):
    """Somebody deletes their account; hands over the refusal's class, or ``None``."""

    def leave(person, *, scope=None, confirmation=None):
        try:
            services.farewell.leave(
                person.tenant,
                scope or scope_of(person),
                confirmation=person.email if confirmation is None else confirmation,
            )
        except Problem as refusal:
            return type(refusal)
        return None

    return leave


@pytest.fixture
def keep(services):
    """Somebody follows the link that keeps an account; hands over the refusal's class, or ``None``."""

    def keep(tenant, token):
        try:
            services.farewell.stay(tenant, token=token, origin=an_origin())
        except Problem as refusal:
            return type(refusal)
        return None

    return keep


@pytest.fixture
def sweep(services, owner):
    """Erase whoever is due, and say whether somebody is still there. Other tests' people go too."""

    def sweep(person):
        services.upkeep._erasure.erase_due()
        return owner.execute("SELECT count(*) FROM users WHERE id = %s", [person.id]).fetchone()[0] == 1

    return sweep
