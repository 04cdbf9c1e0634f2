"""A password that somebody had is not chosen again; and what happens when one is set."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app import crypto
from app.ids import uuid7
from app.storage import links, password_history, users
from tests.cast import PASSWORD

NEXT = [f"uncommon gherkin orbit {number}x" for number in range(30)]


def under(person, **settings):
    """Their tenant, with other settings."""
    return replace(person.tenant, settings=person.tenant.settings.model_copy(update=settings))


def test_neither_the_current_one_nor_one_of_the_last_five_may_be_chosen(cast, choose):
    assert choose(cast.bob, PASSWORD) == "reused"
    for password in NEXT[:4]:
        assert choose(cast.bob, password) is None
    assert [choose(cast.bob, password) for password in [PASSWORD, *NEXT[:4]]] == ["reused"] * 5
    assert choose(cast.bob, NEXT[4]) is None
    assert choose(cast.bob, PASSWORD) is None, "the sixth is forgiven"


def test_another_spelling_of_the_same_password_is_the_same(cast, choose):
    assert choose(cast.bob, "caf\u00e9 gherkin orbit 4") is None
    assert choose(cast.bob, "cafe\u0301 gherkin orbit 4") == "reused"
    assert choose(cast.bob, "Caf\u00e9 gherkin orbit 4") is None


def test_a_tenant_says_how_many_are_remembered_and_the_current_one_never_counts_as_new(cast, choose):
    for password in NEXT[:3]:
        choose(cast.bob, password)
    assert choose(cast.bob, NEXT[2], tenant=under(cast.bob, password_history=0)) == "reused"
    assert choose(cast.bob, NEXT[1], tenant=under(cast.bob, password_history=1)) is None
    assert choose(cast.bob, NEXT[0], tenant=under(cast.bob, password_history=24)) == "reused"


@pytest.mark.parametrize(("remembered", "comparisons"), [(0, 1), (1, 1), (5, 5), (24, 24)])
def test_there_are_always_as_many_comparisons_however_many_passwords_there_were(
    cast, choose, hasher, remembered, comparisons
):
    tenant, price = under(cast.bob, password_history=remembered), set()
    nobody = cast.person(cast.acme, "social@acme.example", password=None)
    for person, password in ((nobody, NEXT[0]), (cast.bob, NEXT[0]), (cast.bob, NEXT[1])):
        before = hasher.computed
        assert choose(person, password, tenant=tenant) is None
        price.add(hasher.computed - before)
    assert price == {comparisons + 1}


def test_twenty_four_are_kept_and_no_more(cast, choose, services):
    for password in NEXT[:26]:
        choose(cast.bob, password, tenant=under(cast.bob, password_history=1))
        services.ports.clock.forward(seconds=1)
    with services.units.read(cast.acme.id) as db:
        kept = password_history.newest(db, tenant_id=cast.acme.id, user_id=cast.bob.id, most=100)
    assert len(kept) == 24
    most = under(cast.bob, password_history=24)
    assert choose(cast.bob, NEXT[3], tenant=most) == "reused"
    assert choose(cast.bob, PASSWORD, tenant=most) is None


def test_what_is_set_signs_in_and_what_was_does_not(cast, choose, services, guess):
    with services.units.begin(cast.acme.id) as unit:
        before = users.lock(unit.db, tenant_id=cast.acme.id, user_id=cast.bob.id)
        before.password_leaked_at = services.ports.clock()
    choose(cast.bob, NEXT[0])
    with services.units.read(cast.acme.id) as db:
        after = users.by_id(db, tenant_id=cast.acme.id, user_id=cast.bob.id)
    assert after.password_changed_at > before.password_changed_at
    assert after.updated_at == after.password_changed_at
    assert after.password_leaked_at is None
    assert guess(cast.acme, cast.bob.email, PASSWORD) is not None
    assert cast.bob.sign_in(password=NEXT[0])


def test_links_that_were_sent_before_die_and_others_live(cast, choose, services):
    now, secrets = services.ports.clock(), {}
    with services.units.begin(cast.acme.id) as unit:
        for purpose in ("password_reset", "magic_link", "email_change", "verification"):
            secrets[purpose] = crypto.digest(crypto.mint())
            links.mint(
                unit.db,
                tenant_id=cast.acme.id,
                new_id=uuid7(),
                user_id=cast.bob.id,
                purpose=purpose,
                secret_digest=secrets[purpose],
                challenge_digest=None,
                sent_to=cast.bob.email,
                now=now,
                expires_at=now + timedelta(hours=1),
            )
    choose(cast.bob, NEXT[0])
    with services.units.read(cast.acme.id) as db:
        open_still = {
            purpose
            for purpose, digest in secrets.items()
            if links.peek(db, tenant_id=cast.acme.id, purpose=purpose, secret_digest=digest, now=now)
        }
    assert open_still == {"verification"}


def test_of_two_who_change_it_at_once_each_remembers_what_the_other_wrote(cast, choose, services):
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda password: choose(cast.bob, password), NEXT[:4])) == [None] * 4
    assert [choose(cast.bob, password) for password in [PASSWORD, *NEXT[:4]]] == ["reused"] * 5


def test_nothing_is_looked_at_while_a_unit_is_open(cast, new_passwords, services):
    with services.units.begin(cast.acme.id), pytest.raises(RuntimeError, match="unit"):
        new_passwords().check(cast.acme, NEXT[0], field="password", own_words=[], user=None)


def test_the_history_of_another_tenant_is_out_of_sight(cast, choose, services):
    choose(cast.bob, NEXT[0])
    with services.units.read(cast.globex.id) as db:
        assert password_history.newest(db, tenant_id=cast.acme.id, user_id=cast.bob.id, most=100) == []
