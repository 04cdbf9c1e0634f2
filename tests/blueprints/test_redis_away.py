"""With Redis gone everything still works, limits still bite, and tighter."""

import pytest
from pydantic import SecretStr

from app.embedded import redis
from app.storage import redis as redis_storage


@pytest.fixture
def server(tmp_path):
    server = redis.start(tmp_path, durable=False)
    yield server
    server.kill()


@pytest.fixture
def doomed(portal, server):
    """A portal over a Redis of its own, which a test may kill."""
    connection = redis_storage.connect(server.url)
    yield portal(rate_limit_scale=1.0, web_workers=1, redis_url=SecretStr(server.url), ports={"redis": connection})
    connection.close()


def test_one_signs_in_refreshes_and_signs_out(doomed, server, cast, browse, call):
    client, browser = call(cast.acme, on=doomed), browse(cast.acme, on=doomed)
    early = client.tokens(cast.ada)
    server.kill()
    assert browser.sign_in(cast.ada).status_code == 303
    assert browser.get("/account").status_code == 200
    tokens = client.tokens(cast.ada)
    assert client.get("/me", token=early["access_token"]).status_code == 200
    assert client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200
    assert client.post("/auth/logout", token=tokens["access_token"]).status_code == 204
    assert client.get("/me", token=tokens["access_token"]).status_code == 401
    assert client.post("/auth/introspect", {"token": tokens["access_token"]}, token=tokens["access_token"]).json == {
        "active": False
    }


def test_what_was_revoked_before_stays_revoked(doomed, server, cast, call):
    client = call(cast.acme, on=doomed)
    token = client.tokens(cast.ada)["access_token"]
    client.post("/auth/logout", token=token)
    server.kill()
    assert client.get("/me", token=token).status_code == 401
    assert client.post("/auth/introspect", {"token": token}, token=token).json == {"active": False}


def test_limits_bite_and_tighter(doomed, server, cast, call):
    client = call(cast.acme, on=doomed)
    server.kill()
    answers = [client.post("/auth/login", {"email": "eve@acme.example", "password": "x"}) for _ in range(11)]
    statuses = [answer.status_code for answer in answers]
    assert 401 in statuses
    assert statuses.count(401) <= 9
    assert statuses[-1] == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "RateLimit" in answers[-1].headers


def test_it_is_ready_still(doomed, server, cast, browse):
    server.kill()
    answer = browse(cast.acme, on=doomed).get("/readyz")
    assert answer.status_code == 200
    assert answer.json["checks"]["redis"] != "ok"


def test_who_has_reached_a_limit_gets_only_the_tighter_one_more_when_it_goes(doomed, server, cast, call):
    """A process that has lost Redis does not know what was counted there; it starts its own, smaller, count."""
    client = call(cast.acme, on=doomed)
    for _ in range(10):
        client.post("/auth/login", {"email": "eve@acme.example", "password": "x"})
    server.kill()
    while_away = [client.post("/auth/login", {"email": "eve@acme.example", "password": "x"}) for _ in range(20)]
    assert [answer.status_code for answer in while_away].count(401) <= 9
