"""A code counts once, however many redeem it at the same moment (GHSA-7w99-5wm4-3g79; RFC 6749, section 4.1.2)."""

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code
from tests.waiting import at_once

MANY = 50


def test_of_fifty_at_once_one_gets_tokens_and_they_are_revoked_by_the_others(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    client = TokenClient(app, cast.acme, notes)
    answers = at_once(*[lambda: TokenClient(app, cast.acme, notes).post(code.fields)] * MANY)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (MANY - 1)
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    families = owner.execute(
        "SELECT revoked_at IS NOT NULL FROM refresh_families WHERE application_id = %s", (notes.id,)
    ).fetchall()
    assert families == [(True,)]
    first = next(answer for answer in answers if answer.status_code == 200)
    assert client.refresh(first.json["refresh_token"]).status_code == 400


def test_many_codes_at_once_each_get_their_own(services, app, cast):
    notes = an_application(services, cast.acme)
    signed_in = cast.bob.sign_in()
    codes = [a_code(services, cast.bob, notes, signed_in=signed_in) for _ in range(12)]
    answers = at_once(*[lambda code=code: TokenClient(app, cast.acme, notes).post(code.fields) for code in codes])
    assert [answer.status_code for answer in answers] == [200] * 12
    assert len({answer.json["refresh_token"] for answer in answers}) == 12


def test_whoever_logs_out_at_that_moment_leaves_nothing_that_counts(services, app, cast):
    notes = an_application(services, cast.acme)
    for _ in range(8):
        code = a_code(services, cast.bob, notes)
        client = TokenClient(app, cast.acme, notes)
        answer, _ = at_once(
            lambda code=code, client=client: client.post(code.fields),
            lambda code=code: services.sessions.end(cast.acme, code.scope, code.scope.session_id),
        )
        if answer.status_code == 200:
            assert client.refresh(answer.json["refresh_token"]).json["error"] == "invalid_grant"
        else:
            assert answer.json["error"] == "invalid_grant"


def test_whoever_removes_the_application_at_that_moment_is_waited_for(services, app, cast):
    ada = cast.ada.scope(cast.ada.sign_in())
    for number in range(6):
        notes = an_application(services, cast.acme, name=f"Notes {number}")
        signed_in = cast.bob.sign_in()
        codes = [a_code(services, cast.bob, notes, signed_in=signed_in) for _ in range(7)]
        removed, *answers = at_once(
            lambda notes=notes: services.openid.applications.delete(cast.acme, ada, notes.id),
            *[lambda code=code, notes=notes: TokenClient(app, cast.acme, notes).post(code.fields) for code in codes],
        )
        assert removed is None
        assert {answer.status_code for answer in answers} <= {200, 400, 401}
