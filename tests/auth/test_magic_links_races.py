"""Whoever has the link, the code or the approval fifty times at once gets one session."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.auth import errors
from app.errors import Problem
from tests.auth.linking import another

CROWD = 50


def rush(*acts):
    """Do them all at the same moment: what came of each."""
    barrier = Barrier(len(acts))

    def one(act):
        barrier.wait()
        try:
            return act()
        except Problem as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def won(outcomes):
    return [outcome for outcome in outcomes if outcome and not isinstance(outcome, type)]


@pytest.fixture
def asked(links, cast):
    return links.mailed(cast.ada)


def test_ghsa_hc7v_fifty_with_the_link_make_one_session(links, cast, asked, sessions_of):
    challenge, token, _ = asked
    outcomes = rush(*[lambda: links.follow(token, challenge)] * CROWD)
    assert len(won(outcomes)) == 1
    assert outcomes.count(errors.LinkExpired) == CROWD - 1
    assert sessions_of(cast.ada) == 1


def test_fifty_with_the_code_make_one_session(links, cast, asked, sessions_of):
    challenge, _, code = asked
    outcomes = rush(*[lambda: links.type(code, challenge)] * CROWD)
    assert len(won(outcomes)) == 1
    assert outcomes.count(errors.InvalidCode) == CROWD - 1
    assert sessions_of(cast.ada) == 1


def test_fifty_who_wait_for_one_approval_make_one_session(links, cast, asked, sessions_of):
    challenge, token, _ = asked
    links.approve(token, links.number(challenge))
    outcomes = rush(*[lambda: links.wait(challenge)] * CROWD)
    assert len(won(outcomes)) == 1
    assert outcomes.count(None) == CROWD - 1
    assert sessions_of(cast.ada) == 1


def test_all_three_at_once_make_one_session_and_one_mark(links, cast, asked, sessions_of, happened):
    challenge, token, code = asked
    links.approve(token, links.number(challenge))
    ways = (
        lambda: links.follow(token, challenge),
        lambda: links.type(code, challenge),
        lambda: links.wait(challenge),
    )
    outcomes = rush(*ways * 16)
    assert len(won(outcomes)) == 1
    assert sessions_of(cast.ada) == 1
    trail = [event for event, _, _ in happened(cast.acme)]
    assert (trail.count("magic_link.used"), trail.count("session.created")) == (1, 1)


def test_fifty_wrong_codes_at_once_are_five_tries(links, asked, owner, cast):
    challenge, _, code = asked
    wrong = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, CROWD + 1)]
    outcomes = rush(*[lambda guess=guess: links.type(guess, challenge) for guess in wrong])
    assert set(outcomes) == {errors.InvalidCode}
    tries = owner.execute("SELECT tries FROM one_time_tokens WHERE tenant_id = %s", [cast.acme.id]).fetchone()
    assert tries == (5,)
    assert rush(lambda: links.type(code, challenge)) == [errors.InvalidCode]


def test_fifty_wrong_numbers_at_once_are_five_tries(links, asked, owner, cast, sessions_of):
    challenge, token, _ = asked
    number = links.number(challenge)
    rush(*[lambda: links.approve(token, another(number))] * CROWD)
    tries = owner.execute("SELECT tries FROM one_time_tokens WHERE tenant_id = %s", [cast.acme.id]).fetchone()
    assert tries == (5,)
    assert rush(lambda: links.approve(token, number)) == [errors.LinkExpired]
    assert sessions_of(cast.ada) == 0


def test_asking_again_while_the_old_link_is_followed_ends_in_one_way_or_the_other(links, cast, sessions_of, letters):
    for _ in range(10):
        challenge, token, _ = links.mailed(cast.ada)
        before = sessions_of(cast.ada)
        links.ask(cast.ada.email)
        outcomes = rush(letters.deliver, lambda c=challenge, t=token: links.follow(t, c))
        let_in = outcomes[1] is not errors.LinkExpired
        assert sessions_of(cast.ada) - before == let_in


def test_a_password_change_and_the_link_at_once_do_not_block_each_other(links, cast, services, sessions_of):
    for n in range(5):
        scope = cast.ada.scope(cast.ada.sign_in())
        challenge, token, _ = links.mailed(cast.ada)
        new = f"another set of radishes {n}"

        def change(scope=scope, new=new):
            services.password_change.change(
                cast.acme, scope, password=cast.ada.password, new_password=new, keep_sessions=False
            )
            return "changed"

        outcomes = rush(change, lambda c=challenge, t=token: links.follow(t, c))
        assert outcomes[0] == "changed"
        cast.ada.password = new
