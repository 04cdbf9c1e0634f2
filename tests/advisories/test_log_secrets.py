"""Class O: run every flow, then look for every secret in what was logged and in what rests."""

import psycopg
import structlog

from app.logs import strike_out

PASSWORD = "three uncommon gherkins"


def flows(cast, call, browse, letters):
    """Register, confirm, sign in rightly and wrongly, refresh, reuse, introspect, sign out. Yields each secret."""
    client, browser = call(cast.acme), browse(cast.acme)
    challenge = client.post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD}).json["challenge"]
    token = letters.token_to("zoe@x.example")
    client.post("/auth/verify-email", {"token": token, "challenge": challenge})
    client.post("/auth/verify-email", {"token": token, "challenge": challenge})
    yield from (PASSWORD, challenge, token)
    first = client.tokens(cast.ada)
    second = client.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).json
    third = client.post("/auth/refresh", {"refresh_token": second["refresh_token"]}).json
    client.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    for pair in (first, second, third):
        yield from (pair["access_token"], pair["refresh_token"])
    yield first["device_token"]
    client.login(cast.ada, password="my wrong passphrase")
    client.get("/me", token=first["access_token"] + "tampered")
    client.post("/auth/introspect", {"token": first["access_token"]}, token=first["access_token"])
    yield from ("my wrong passphrase", cast.ada.password)
    browser.post("/login", {"email": cast.bob.email})
    yield browser.cookie("portico_pending")
    browser.post("/login/password", {"password": "another wrong passphrase"})
    browser.post("/login/password", {"password": cast.bob.password})
    yield from ("another wrong passphrase", browser.cookie("portico_session"), browser.cookie("portico_device"))
    browser.get(f"/verify-email?token={token}")
    browser.get(f"/nothing?token={token}&password={PASSWORD}")
    browser.post("/logout")
    client.raw("/auth/login", b'{"email":"zoe@x.example","password":"unfinished passphrase')
    yield "unfinished passphrase"


def test_no_secret_is_logged(cast, call, browse, letters, capfd):
    lines = []
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            strike_out,
            lambda _, __, event: lines.append(repr(event)) or repr(event),
        ]
    )
    try:
        secrets = list(flows(cast, call, browse, letters))
    finally:
        structlog.configure(**before)
    assert len(lines) > 20
    said = "\n".join(lines) + "".join(capfd.readouterr())
    assert len(secrets) > 15
    assert [secret for secret in secrets if secret in said] == []


def test_no_secret_rests_in_the_database_or_in_redis(cast, call, browse, letters, database_urls, services):
    secrets = list(flows(cast, call, browse, letters))
    with psycopg.connect(database_urls[0]) as owner:
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        rows = [str(owner.execute(f"SELECT t::text FROM {table} t").fetchall()) for (table,) in tables]
    redis = services.ports.redis
    rows += [repr(key) + repr(redis.dump(key)) for key in redis.keys("*")]
    held = "\n".join(rows)
    assert cast.ada.email in held
    assert [secret for secret in secrets if secret in held or secret.encode().hex() in held] == []


def test_asvs_16_4_1_a_line_break_in_what_is_logged_starts_no_line(cast, call, services):
    agent = {"User-Agent": 'Mozilla\t5.0\u0085x {"event": "forged"}'.encode().decode("latin-1")}
    answer = call(cast.acme).post("/auth/login", {"email": "a@b.example", "password": "x"}, headers=agent)
    assert answer.status_code == 401
    from app.storage import audit

    with services.units.read(cast.acme.id) as db:
        kept = audit.newest(db, tenant_id=cast.acme.id)[0].user_agent
    assert kept.isprintable()
