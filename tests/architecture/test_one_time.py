"""Of many who use a mailed link or code at once, one gets it: each purpose is spent in one statement."""

import ast
import inspect
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.auth import email_change, email_codes, magic_links, one_time, reauthentication, recovery, verification
from app.crypto import digest
from app.ids import uuid7
from app.storage import links
from app.users import farewell
from tests.architecture.reading import ROOT, calls, meant

MODULES = (email_change, email_codes, magic_links, reauthentication, recovery, verification, farewell)
PURPOSES = sorted({module.PURPOSE for module in MODULES} | set(one_time.LIVES))
SPENT_IN = {"storage/links.py", "storage/authorizations.py", "storage/device_grants.py"}
SPENDING = ("spend", "spend_by_id", "spend_approved")


def test_every_purpose_that_is_minted_is_known_here():
    minted = {meant(module, keywords["purpose"]) for module, keywords in calls("mint", having="purpose")} - {None}
    assert minted <= set(PURPOSES)
    assert len(PURPOSES) == len(MODULES) + len(one_time.LIVES)


def test_only_storage_marks_a_token_as_spent_and_only_one_that_is_open():
    for path in ROOT.rglob("*.py"):
        writes = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if (isinstance(node, ast.keyword) and node.arg == "spent_at")
            or (isinstance(node, ast.Attribute) and node.attr == "spent_at" and isinstance(node.ctx, ast.Store))
        ]
        # Codes of applications and of their devices have tests of their own: nobody mails them.
        assert not writes or path.relative_to(ROOT).as_posix() in SPENT_IN, path
    marking = [
        (name, inspect.getsource(function))
        for name, function in inspect.getmembers(links, inspect.isfunction)
        if "spent_at=" in inspect.getsource(function)
    ]
    assert {name for name, _ in marking} == {"void", "tried", *SPENDING}
    for name, source in marking:
        assert "spent_at.is_(None)" in source, name
        assert (source.count("update("), source.count("select(")) == (1, 0), name


@pytest.fixture
def minted(services, cast):
    def minted(purpose):
        """(id, secret, challenge) of a link of Ada's that has been approved."""
        token_id, secret, challenge, now = uuid7(), uuid7().hex, uuid7().hex, services.ports.clock()
        with services.units.begin(cast.acme.id) as unit:
            links.mint(
                unit.db,
                tenant_id=cast.acme.id,
                new_id=token_id,
                user_id=cast.ada.id,
                purpose=purpose,
                secret_digest=digest(secret),
                challenge_digest=digest(challenge),
                sent_to=cast.ada.email,
                now=now,
                expires_at=now + timedelta(minutes=5),
            )
        with services.units.begin(cast.acme.id) as unit:
            links.tried(unit.db, tenant_id=cast.acme.id, token_id=token_id, approved_at=now)
        return {
            "spend": {"purpose": purpose, "secret_digest": digest(secret)},
            "spend_by_id": {"token_id": token_id},
            "spend_approved": {"purpose": purpose, "challenge_digest": digest(challenge)},
        }

    return minted


@pytest.mark.parametrize("purpose", PURPOSES)
def test_of_twelve_who_use_it_at_once_by_any_way_one_gets_it(services, cast, minted, purpose):
    ways, barrier = minted(purpose), Barrier(12)

    def use(number):
        way, now = SPENDING[number % 3], services.ports.clock()
        barrier.wait()
        with services.units.begin(cast.acme.id) as unit:
            return getattr(links, way)(unit.db, tenant_id=cast.acme.id, now=now, **ways[way]) is not None

    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(use, range(12))) == [False] * 11 + [True]


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("way", SPENDING)
def test_what_is_too_late_or_somebody_elses_is_not_spent(services, cast, minted, purpose, way):
    ways = minted(purpose)
    for tenant, late in ((cast.globex, 0), (cast.acme, 6)):
        with services.units.begin(tenant.id) as unit:
            now = services.ports.clock() + timedelta(minutes=late)
            assert getattr(links, way)(unit.db, tenant_id=tenant.id, now=now, **ways[way]) is None
