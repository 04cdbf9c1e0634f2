"""Rotation under load (GHSA-392p-2q2v-4372): no fork, no double, and whoever revokes wins."""

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, redeemed
from tests.waiting import at_once

MANY = 50


def test_fifty_at_once_get_the_same_successor_and_one_rotation_was_made(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    client, tokens, code = redeemed(services, app, cast.bob, notes)
    answers = at_once(*[lambda: TokenClient(app, cast.acme, notes).refresh(tokens["refresh_token"])] * MANY)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    generation = owner.execute("SELECT generation FROM refresh_families WHERE id = %s", (code.grant_id,)).fetchone()
    assert generation == (2,)
    assert client.refresh(answers[0].json["refresh_token"]).status_code == 200


def test_without_grace_whoever_comes_late_ends_the_family_for_all(services, app, cast):
    strict = cast.found(f"strict-{cast.acme.slug[-8:]}", "Strict", refresh_grace_seconds=0)
    person = cast.person(strict, "eve@strict.example")
    notes = an_application(services, strict)
    client, tokens, _ = redeemed(services, app, person, notes)
    answers = at_once(*[lambda: TokenClient(app, strict, notes).refresh(tokens["refresh_token"])] * 16)
    won = {answer.json["refresh_token"] for answer in answers if answer.status_code == 200}
    # Some may have come in the same moment: they got the same.
    assert len(won) == 1
    assert client.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert client.refresh(won.pop()).json["error"] == "invalid_grant"


def test_whoever_revokes_while_others_rotate_wins(services, app, cast):
    notes = an_application(services, cast.acme)
    for _ in range(6):
        client, tokens, code = redeemed(services, app, cast.bob, notes)

        def revoke(grant_id=code.grant_id):
            with services.units.begin(cast.acme.id) as unit:
                return services.openid.revoking.grant(unit, cast.acme, grant_id, now=services.ports.clock())

        rotate = [lambda token=tokens["refresh_token"]: TokenClient(app, cast.acme, notes).refresh(token)] * 8
        revoked, *answers = at_once(revoke, *rotate)
        assert revoked is True
        for answer in answers:
            last = answer.json.get("refresh_token", tokens["refresh_token"])
            assert client.refresh(last).json["error"] == "invalid_grant"
