"""Refresh tokens rotate, forgive a lost answer, and end when two hold them."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from app.auth import errors
from app.auth.refresh_tokens import _spell
from app.storage import audit
from tests.cast import an_origin


@pytest.fixture
def refresh(services):
    def refresh(person, token, tenant=None):
        return services.tokens.refresh(tenant or person.tenant, token, origin=an_origin())

    return refresh


def test_a_refresh_token_is_traded_for_a_new_pair_of_the_same_session(cast, refresh):
    first = cast.ada.sign_in().tokens
    second = refresh(cast.ada, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert second.session_id == first.session_id
    assert second.expires_in == 15 * 60


def test_the_immediate_parent_gets_the_same_successor_within_the_grace(cast, refresh):
    first = cast.ada.sign_in().tokens
    second = refresh(cast.ada, first.refresh_token)
    again = refresh(cast.ada, first.refresh_token)
    assert again.refresh_token == second.refresh_token
    assert refresh(cast.ada, second.refresh_token).refresh_token != second.refresh_token


def test_the_parent_after_the_grace_revokes_the_family_for_good(cast, refresh, clock):
    first = cast.ada.sign_in().tokens
    second = refresh(cast.ada, first.refresh_token)
    clock.forward(seconds=11)
    with pytest.raises(errors.RefreshTokenReused):
        refresh(cast.ada, first.refresh_token)
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.ada, second.refresh_token)


def test_the_grace_does_not_grow_by_being_used(cast, refresh, clock):
    first = cast.ada.sign_in().tokens
    refresh(cast.ada, first.refresh_token)
    clock.forward(seconds=6)
    refresh(cast.ada, first.refresh_token)
    clock.forward(seconds=6)
    with pytest.raises(errors.RefreshTokenReused):
        refresh(cast.ada, first.refresh_token)


def test_an_older_generation_revokes_the_family_even_within_the_grace(cast, refresh):
    """The django-oauth-toolkit fault #1617."""
    first = cast.ada.sign_in().tokens
    second = refresh(cast.ada, first.refresh_token)
    third = refresh(cast.ada, second.refresh_token)
    with pytest.raises(errors.RefreshTokenReused):
        refresh(cast.ada, first.refresh_token)
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.ada, third.refresh_token)


def test_reuse_ends_the_session_refuses_its_access_token_is_audited_and_mailed(cast, refresh, services, letters):
    signed_in = cast.ada.sign_in()
    second = refresh(cast.ada, signed_in.tokens.refresh_token)
    refresh(cast.ada, second.refresh_token)
    with pytest.raises(errors.RefreshTokenReused):
        refresh(cast.ada, signed_in.tokens.refresh_token)
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    with services.units.read(cast.acme.id) as db:
        happened = {(row.event, row.outcome) for row in audit.newest(db, tenant_id=cast.acme.id)}
    assert {("token.reused", "refused"), ("session.revoked", "success")} <= happened
    assert "ended that sign-in" in letters.to(cast.ada.email).text


def test_a_made_up_token_that_names_a_family_cannot_kill_it(cast, refresh, services):
    tokens = cast.ada.sign_in().tokens
    with services.units.read(cast.acme.id) as db:
        family = db.scalar(
            text("SELECT id FROM refresh_families WHERE session_id = :session"), {"session": tokens.session_id}
        )
    for generation in (1, 2, 900):
        forged = _spell(UUID(str(family)), generation, b"not the family's secret")
        with pytest.raises(errors.InvalidRefreshToken):
            refresh(cast.ada, forged)
    assert refresh(cast.ada, tokens.refresh_token)


@pytest.mark.parametrize(
    "token", ["", "prt_", "prt_" + "A" * 70, "prt_" + "é" * 70, "pk_live_x", "x" * 5000, "prt_" + "=" * 70]
)
def test_what_is_no_refresh_token_is_refused(cast, refresh, token):
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.ada, token)


def test_every_flipped_character_is_refused_and_the_token_still_works(cast, refresh):
    token = cast.ada.sign_in().tokens.refresh_token
    for place in range(4, len(token)):
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(errors.InvalidRefreshToken):
            refresh(cast.ada, flipped)
    assert refresh(cast.ada, token)


def test_a_hundred_parallel_refreshes_end_with_one_successor_and_a_live_session(cast, refresh):
    signed_in = cast.ada.sign_in()
    with ThreadPoolExecutor(20) as threads:
        pairs = list(threads.map(lambda _: refresh(cast.ada, signed_in.tokens.refresh_token), range(100)))
    assert len({pair.refresh_token for pair in pairs}) == 1
    assert refresh(cast.ada, pairs[0].refresh_token)
    assert cast.ada.scope(signed_in).user_id == cast.ada.id


def test_a_token_of_acme_is_nothing_at_globex(cast, refresh):
    tokens = cast.ada.sign_in().tokens
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.mallory, tokens.refresh_token)
    assert refresh(cast.ada, tokens.refresh_token)


def test_a_family_ends_after_seven_days_however_often_it_is_rotated(cast, refresh, clock):
    token = cast.ada.sign_in().tokens.refresh_token
    for _ in range(6):
        clock.forward(days=1)
        token = refresh(cast.ada, token).refresh_token
    clock.forward(days=1)
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.ada, token)


def test_remembered_families_live_thirty_days(cast, refresh, clock):
    token = cast.ada.sign_in(remember=True).tokens.refresh_token
    clock.forward(days=29)
    assert refresh(cast.ada, token)
    clock.forward(days=1, seconds=1)
    with pytest.raises(errors.InvalidRefreshToken):
        refresh(cast.ada, token)


def test_revoking_while_rotating_leaves_the_family_dead(cast, refresh, services):
    for _ in range(10):
        signed_in = cast.ada.sign_in()
        scope = cast.ada.scope(signed_in)

        def rotate(token=signed_in.tokens.refresh_token):
            try:
                return refresh(cast.ada, token).refresh_token
            except errors.InvalidRefreshToken:
                return None

        with ThreadPoolExecutor(2) as threads:
            rotated = threads.submit(rotate)
            threads.submit(services.sessions.logout, cast.acme, scope).result()
        for token in filter(None, [rotated.result(), signed_in.tokens.refresh_token]):
            with pytest.raises(errors.InvalidRefreshToken):
                refresh(cast.ada, token)


def test_no_refresh_token_rests_anywhere(cast, refresh, services, database_urls):
    first = cast.ada.sign_in().tokens.refresh_token
    tokens = [first, refresh(cast.ada, first).refresh_token]
    with psycopg.connect(database_urls[0]) as connection:
        rows = connection.execute("SELECT f::text, s::text FROM refresh_families f, sessions s").fetchall()
    held = repr(rows) + repr([services.ports.redis.dump(key) for key in services.ports.redis.keys("*")])
    assert not any(token[4:] in held for token in tokens)
