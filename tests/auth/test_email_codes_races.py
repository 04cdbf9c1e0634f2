"""The code of an unusual sign-in, by many at once: one session, and five tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth import errors
from tests.auth.linking import another
from tests.auth.test_magic_links_races import CROWD, rush, won
from tests.auth.wary import MEDIUM, Wary


@pytest.fixture
def wary(services, cast, letters):
    return Wary(services, cast, letters, MEDIUM)


def test_fifty_with_the_code_make_one_session(wary, sessions_of):
    challenge, code = wary.mailed()
    outcomes = rush(*[lambda: wary.redeem(challenge, code)] * CROWD)
    assert len(won(outcomes)) == 1
    assert outcomes.count(errors.InvalidCode) == CROWD - 1
    assert sessions_of(wary.zoe) == 2


def test_fifty_wrong_ones_at_once_are_five_tries(wary, owner, sessions_of):
    challenge, code = wary.mailed()
    outcomes = rush(*[lambda: wary.redeem(challenge, another(code))] * CROWD)
    assert set(outcomes) == {errors.InvalidCode}
    tries = owner.execute(
        "SELECT tries FROM one_time_tokens WHERE tenant_id = %s AND purpose = 'email_code'", [wary.tenant.id]
    )
    assert tries.fetchone() == (5,)
    assert rush(lambda: wary.redeem(challenge, code)) == [errors.InvalidCode]
    assert sessions_of(wary.zoe) == 1


def test_sending_again_while_the_code_is_typed_ends_in_one_way_or_the_other(wary, sessions_of):
    for _ in range(5):
        challenge, code = wary.mailed()
        before = sessions_of(wary.zoe)
        wary.resend(challenge)
        outcomes = rush(wary.letters.deliver, lambda c=challenge, k=code: wary.redeem(c, k))
        assert sessions_of(wary.zoe) - before == (outcomes[1] is not errors.InvalidCode)


def test_many_unusual_sign_ins_at_once_each_owe_a_code(wary, sessions_of):
    with ThreadPoolExecutor(10) as threads:
        said = list(threads.map(lambda _: wary.attempt(), range(20)))
    assert said == [errors.EmailCodeRequired] * 20
    assert sessions_of(wary.zoe) == 1
