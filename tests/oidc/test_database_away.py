"""While PostgreSQL is away: what is remembered is told, and nothing is claimed that nobody wrote down (ASVS 16.5)."""

import pytest

from app.storage import news
from app.storage.pool import engine_over, open_pool
from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program
from tests.waiting import until

DISCOVERY, JWKS = "/.well-known/openid-configuration", "/oauth2/jwks"


@pytest.fixture
def cut_off(portal, settings, services, cast, monkeypatch):
    """A program at a portal that has just lost its database, and what it holds."""
    # A busy machine hears the news' pulse late, and what is remembered then counts for half a second.
    monkeypatch.setattr(news, "_STALE_S", 60)
    pool = open_pool(settings.database_url.get_secret_value(), most=4, application="broken")
    pool.open()
    notes = an_application(services, cast.acme)
    mine = issued(services, cast.ada, notes)
    app = portal(ports={"pool": pool, "engine": engine_over(pool)})
    program, heard = Program(app, cast.acme.origin, notes), app.extensions["portico"].news

    def is_remembered():
        before = pool.get_stats().get("requests_num", 0)
        assert program.get(DISCOVERY).status_code == program.get(JWKS).status_code == 200
        assert program.ask("/oauth2/introspect", token=mine.access_token).json["active"]
        return pool.get_stats().get("requests_num", 0) == before

    # Whoever begins to listen to the news forgets what was remembered before.
    assert until(lambda: heard.fresh and is_remembered())
    pool.close()
    return program, mine


def test_discovery_keys_and_known_tokens_are_told_of(cut_off):
    program, mine = cut_off
    assert program.get(DISCOVERY).json["issuer"] == program.origin
    assert program.get(JWKS).json["keys"]
    assert program.ask("/oauth2/introspect", token=mine.access_token).json["active"]


def test_nothing_is_said_to_be_revoked_or_in_force_that_nobody_could_look_up(cut_off):
    program, mine = cut_off
    answers = [
        program.ask("/oauth2/revoke", token=mine.access_token),
        program.ask("/oauth2/revoke", token=mine.refresh_token),
        program.ask("/oauth2/introspect", token=mine.refresh_token),
        program.get("/oauth2/userinfo", token=mine.access_token),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
