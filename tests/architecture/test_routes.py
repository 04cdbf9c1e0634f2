"""Closed by default, nothing changes on a reading method, and every door is known by name."""

import re
from collections import defaultdict

import psycopg
import pytest

from app.blueprints._counting import MARK
from app.blueprints._guards import OPEN
from tests.architecture.doors import EXPECTED_OPEN, UNLIMITED

READING = ("GET", "HEAD", "OPTIONS")


def rules(app):
    return list(app.url_map.iter_rules())


def path_of(rule):
    """A path that matches the rule, whatever it names."""
    return re.sub(r"<uuid:\w+>", "01a21000-0000-7000-8000-000000000000", re.sub(r"<(path:)?\w+>", "x", rule.rule))


def everything(owner_url):
    """Every row of every table."""
    with psycopg.connect(owner_url) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT relispartition ORDER BY 1"
        ).fetchall()
        return {
            table: sorted(row for (row,) in connection.execute(f"SELECT t::text FROM {table} t").fetchall())
            for (table,) in tables
        }


def test_every_open_route_is_listed_here(app):
    is_open = {
        rule.endpoint
        for rule in rules(app)
        if getattr(app.view_functions[rule.endpoint], OPEN, rule.endpoint == "static")
    }
    assert is_open == EXPECTED_OPEN


def test_every_other_route_sends_a_stranger_away(app, cast, browse, call):
    browser, client = browse(cast.acme), call(cast.acme)
    for rule in rules(app):
        if rule.endpoint in EXPECTED_OPEN:
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            if rule.rule.startswith("/api/"):
                answer = client.call(method, path_of(rule).removeprefix("/api/v1"))
                assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), rule
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            else:
                answer = browser.open(method, path_of(rule))
                assert (answer.status_code, answer.location) == (303, "/login"), rule


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "signed in"])
def test_reading_methods_change_nothing(app, cast, browse, call, letters, database_urls, signed_in):
    """Not even a link in a mail, opened by a scanner or prefetched (ASVS 3.5.3)."""
    browser, client = browse(cast.acme), call(cast.acme)
    client.post("/auth/register", {"email": "zoe@acme.example", "password": "three uncommon gherkins"})
    client.post("/auth/magic-links", {"email": cast.ada.email})
    client.post("/auth/password-resets", {"email": cast.bob.email})
    mailed = {"/verify-email": "zoe@acme.example", "/magic-link": cast.ada.email, "/reset-password": cast.bob.email}
    links = [f"{path}?token={letters.token_to(address)}" for path, address in mailed.items()]
    token = client.tokens(cast.ada)["access_token"]
    if signed_in:
        assert browser.sign_in(cast.ada).status_code == 303
    client.get("/me", token=token)
    browser.get("/oauth2/jwks")  # a tenant's first keys are made when somebody first asks for them
    before = everything(database_urls[0])
    paths = [path_of(rule) for rule in rules(app)] + [*links, *mailed, "/logout?x=1", "/login?email=a@b.example"]
    for path in paths:
        for method in READING:
            bearer = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") and signed_in else {}
            assert browser.open(method, path, headers=bearer).status_code < 500, (method, path)
    assert everything(database_urls[0]) == before


def test_no_rule_answers_a_reading_method_with_a_writing_view(app):
    for rule in rules(app):
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            assert not rule.methods & {"GET", "HEAD"}, rule


def test_every_open_route_that_acts_is_limited(app):
    acting = {rule.endpoint for rule in rules(app) if "POST" in rule.methods and rule.endpoint in EXPECTED_OPEN}
    assert {name for name in acting if not getattr(app.view_functions[name], MARK, ())} == UNLIMITED


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PROPFIND", "CONNECT"])
def test_what_is_not_declared_is_405_with_allow_and_no_override_helps(app, cast, browse, method):
    browser, declared = browse(cast.acme), defaultdict(set)
    for rule in rules(app):
        declared[path_of(rule)] |= rule.methods
    for path, methods in declared.items():
        if method not in methods:
            answer = browser.open(method, path, headers={"X-HTTP-Method-Override": "GET"})
            assert answer.status_code == 405, path
            assert set(answer.headers["Allow"].split(", ")) == methods, path
