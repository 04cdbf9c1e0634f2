"""Apps and codes, many at once: one gets it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth import errors
from app.errors import InvalidInput, NotFound
from tests.auth.apps import Apps, refused


@pytest.fixture
def apps(services):
    return Apps(services)


def at_once(act, arguments):
    """Call ``act`` with each of the arguments, all in the same moment."""
    start = threading.Barrier(len(arguments))

    def run(argument):
        start.wait()
        return act(argument)

    with ThreadPoolExecutor(len(arguments)) as threads:
        return list(threads.map(run, arguments))


def test_gitea_one_code_typed_many_times_at_once_works_once(cast, apps):
    app = apps.enrol(cast.bob)
    code = apps.code(app)
    spelled = [code, f"{code[:3]} {code[3:]}", f" {code}", f"{code[:3]}-{code[3:]}"] * 5
    assert sum(at_once(lambda typed: apps.spend(cast.bob, typed), spelled)) == 1


def test_one_code_in_many_sign_ins_at_once_begins_one_session(cast, apps, sessions_of):
    app = apps.enrol(cast.bob)
    challenges = [apps.challenge(cast.bob) for _ in range(4)]
    code = apps.code(app)
    answers = at_once(lambda challenge: apps.answer(cast.bob, code, challenge=challenge), challenges)
    assert sum(answer is not errors.InvalidCode for answer in answers) == 1
    assert sessions_of(cast.bob) == 1


def test_an_enrolment_confirmed_many_times_at_once_is_confirmed_once(services, cast, apps, letters):
    begun = apps.begin(cast.bob)
    letters.deliver().clear()
    said = at_once(lambda step: refused(apps.confirm, cast.bob, begun, apps.code(begun, step)), [-1, 0, 1])
    assert said.count(None) == 1
    assert set(said) <= {None, errors.InvalidCode, NotFound}
    assert len(services.totp.list(cast.acme, cast.bob.id)) == 1
    assert len(letters.deliver()) == 1, "they are told once"


def test_however_many_are_begun_and_confirmed_at_once_there_are_two_at_the_most(services, cast, apps):
    apps.enrol(cast.bob, "The first")

    def add(number):
        begun = []
        if refused(lambda: begun.append(apps.begin(cast.bob, f"number {number}"))):
            return InvalidInput
        return refused(apps.confirm, cast.bob, begun[0], apps.code(begun[0]))

    said = at_once(add, range(4))
    assert said.count(None) <= 1
    assert set(said) <= {None, InvalidInput, NotFound, errors.InvalidCode}
    assert len(services.totp.list(cast.acme, cast.bob.id)) <= 2


def test_two_confirmations_cannot_make_three(services, cast, apps, owner):
    """Even where two are open at once, which the index forbids."""
    first, other = apps.enrol(cast.bob, "1"), apps.begin(cast.bob, "2")
    owner.execute("DROP INDEX uq_totp_authenticators_open")
    try:
        owner.execute(
            "INSERT INTO totp_authenticators (tenant_id, id, user_id, name, secret_encrypted, created_at, confirmed_at)"
            " SELECT tenant_id, gen_random_uuid(), user_id, '3', secret_encrypted, created_at, created_at"
            " FROM totp_authenticators WHERE id = %s",
            [first.id],
        )
        assert refused(apps.confirm, cast.bob, other) is InvalidInput
    finally:
        owner.execute(
            "CREATE UNIQUE INDEX uq_totp_authenticators_open ON totp_authenticators (tenant_id, user_id)"
            " WHERE confirmed_at IS NULL"
        )
    assert len(services.totp.list(cast.acme, cast.bob.id)) == 2


def test_whoever_has_shown_one_factor_alone_adds_no_second_beside_another(services, cast, apps):
    """Begun on the way in, where one was required; meanwhile the owner has set up their own."""
    apps.enrol(cast.bob, "Phone")
    begun, confirm = apps.begin(cast.bob, "Thief"), services.totp.confirm
    how = {"user_id": cast.bob.id, "totp_id": begun.id, "code": apps.code(begun), "origin": apps.origin}
    assert refused(confirm, cast.acme, **how, only_first=True) is errors.InvalidCode
    assert len(services.totp.list(cast.acme, cast.bob.id)) == 1


def test_parallel_guesses_do_not_beat_the_counter(cast, apps, owner):
    app = apps.enrol(cast.bob)
    near = {apps.code(app, step) for step in (-1, 0, 1)}
    wrong = [code for code in (f"{number:06d}" for number in range(30)) if code not in near][:20]
    challenge = apps.challenge(cast.bob)
    said = at_once(lambda code: apps.answer(cast.bob, code, challenge=challenge), wrong)
    assert set(said) == {errors.InvalidCode}
    looked_at = owner.execute("SELECT in_a_row FROM code_guesses WHERE user_id = %s", [cast.bob.id]).fetchone()[0]
    assert looked_at == 5
    assert apps.answer(cast.bob, apps.code(app), challenge=challenge) is errors.InvalidCode
