"""Leaked passwords are refused when they are chosen; where nobody can tell, they rest until somebody can."""

import logging

import pytest
import structlog

from app import logs
from app.auth.leaks import fingerprint
from app.errors import InvalidInput
from tests.auth.petra import EMAIL, MINE
from tests.cast import an_origin

KIND = "password.leak_check"


def refusal(act, *arguments, **named):
    with pytest.raises(InvalidInput) as refused:
        act(*arguments, **named)
    (said,) = refused.value.errors
    return said.pointer, said.code


def test_a_leaked_password_is_refused_wherever_one_is_chosen(join, hibp, portal, cast, letters, choose):
    hibp.leak(MINE)
    assert refusal(join) == ("/password", "leaked")
    assert refusal(portal.users.create, cast.acme, email=EMAIL, password=MINE) == ("/password", "leaked")
    join(password="three uncommon gherkins")
    follow = {"challenges": [], "new_password": MINE, "origin": an_origin()}
    token = letters.token_to(EMAIL)
    assert refusal(portal.verification.verify, cast.acme, token=token, **follow) == ("/new_password", "leaked")
    assert choose(cast.bob, MINE, leaks=portal.ports.leaks) == "leaked"


def test_the_seed_may_use_a_leaked_one_and_asks_nobody(portal, hibp, cast):
    hibp.leak(MINE)
    portal.users.create(cast.acme, email=EMAIL, password=MINE, check=False)
    assert hibp.asked == []


def test_whoever_has_a_leaked_password_may_still_prove_their_address_with_it(join, hibp, portal, cast, letters):
    join()
    hibp.leak(MINE)
    token = letters.token_to(EMAIL)
    follow = {"challenges": [], "new_password": MINE, "origin": an_origin()}
    assert portal.verification.verify(cast.acme, token=token, **follow) == EMAIL


def test_where_somebody_could_tell_nothing_rests(join, rests):
    join()
    assert rests()[1] is None


def test_where_nobody_can_tell_it_is_accepted_and_its_fingerprint_rests_encrypted(join, hibp, rests, owner, clock):
    hibp.mood = "failing"
    join()
    user, check = rests()
    assert check.password_changed_at == user.password_changed_at
    assert (check.expires_at - clock()).total_seconds() == pytest.approx(86400, abs=60)
    row = owner.execute("SELECT t::text FROM leak_checks t WHERE user_id = %s", [user.id]).fetchone()[0]
    assert fingerprint(MINE).hex() not in row
    clock.forward(hours=24, minutes=1)
    assert rests()[1] is None


def test_a_taken_address_costs_the_same_and_leaves_no_fingerprint(hibp, join, cast, owner, hasher, letters):
    hibp.mood = "failing"
    price = set()
    for email in (EMAIL, EMAIL, cast.bob.email):
        before, asked = hasher.computed, len(hibp.asked)
        join(email=email)
        price.add((hasher.computed - before, len(hibp.asked) - asked))
    assert price == {(1, 1)}
    kinds = owner.execute("SELECT kind FROM outbox WHERE tenant_id = %s", [cast.acme.id]).fetchall()
    assert sorted(kinds) == [("mail.verification",)] * 3 + [(KIND,)] * 3
    rows = owner.execute("SELECT user_id FROM leak_checks WHERE tenant_id = %s", [cast.acme.id]).fetchall()
    assert len(rows) == 1
    assert (cast.bob.id,) not in rows
    letters.deliver()


def test_nothing_of_it_is_logged_or_rests(join, hibp, letters, owner, services, capfd):
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(level="DEBUG", plain=False)
    try:
        for mood in ("failing", "slow", "redirecting", "well"):
            hibp.mood = mood
            join()
            letters.deliver()
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
    said = "".join(capfd.readouterr())
    assert said.count("nobody can tell") == 3
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    rests = "".join(str(owner.execute(f"SELECT t::text FROM {table} t").fetchall()) for (table,) in tables)
    rests += "".join(repr(services.ports.redis.dump(key)) for key in services.ports.redis.keys("*"))
    assert EMAIL in rests
    for place in (said.upper(), rests.upper()):
        assert MINE.upper() not in place
        assert fingerprint(MINE).hex().upper() not in place
        assert f"/RANGE/{fingerprint(MINE).hex().upper()[:5]}" not in place
