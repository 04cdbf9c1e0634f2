"""The devices that somebody is known by, and the warnings of new ones."""

import pytest

ALERT = "New sign-in to your Acme account"


@pytest.fixture
def devices(owner):
    """(digest, last seen) of somebody's devices."""

    def devices(person):
        query = "SELECT digest, last_seen_at FROM known_devices WHERE user_id = %s ORDER BY last_seen_at"
        return [(bytes(digest), seen) for digest, seen in owner.execute(query, [person.id])]

    return devices


@pytest.fixture
def alerts(letters, cast):
    """How many warnings of a new device Bob has got since the last time."""

    def alerts():
        # By its links: where the clock has moved, promises of other tests are due as well.
        found = [mail for mail in letters.deliver() if mail.subject == ALERT and cast.acme.origin in mail.text]
        letters.clear()
        return len([mail for mail in found if mail.to == cast.bob.email])

    return alerts
