"""Whatever is promised has somebody who keeps it."""

import ast
import re

import psycopg

from app.auth.alerts import REASONS
from tests.architecture.reading import calls, meant


def said(name, keyword):
    """Every value that is given to ``name`` by this keyword."""
    return {meant(module, keywords[keyword]) for module, keywords in calls(name, having=keyword)} - {None}


def promised_by_statements(owner_url):
    """What functions of the database promise by themselves."""
    with psycopg.connect(owner_url) as connection:
        bodies = connection.execute("SELECT prosrc FROM pg_proc WHERE prosrc ~* 'insert +into +outbox'").fetchall()
    kind_of = re.compile(r"insert\s+into\s+outbox.*?'([\w.]+)'", re.IGNORECASE | re.DOTALL)
    return {kind for (body,) in bodies for kind in kind_of.findall(body)}


def test_every_kind_that_is_promised_has_a_keeper_and_no_keeper_waits_for_nothing(services, database_urls):
    asked_for = {f"mail.{purpose}" for purpose in said("ask", "purpose")}
    assert "mail.verification" in asked_for
    by_statements = promised_by_statements(database_urls[0])
    assert by_statements == {"mail.login_alert", "mail.session_revoked", "oidc.backchannel_logout"}
    assert said("put", "kind") | asked_for | by_statements == set(services.drainer._keepers)


def test_no_kind_is_put_together_but_that_of_requests():
    """So that the test above sees them all."""
    promising = [(module.__name__, meant(module, words["kind"])) for module, words in calls("put", having="kind")]
    asking = [(module.__name__, meant(module, words["purpose"])) for module, words in calls("ask", having="purpose")]
    assert {name for name, value in promising if not value} == {"app.auth.requests"}
    assert asking
    assert all(value for _, value in asking)


def test_every_reason_to_alert_has_its_sentence():
    alerts = [
        meant(module, keywords["reason"])
        for module, keywords in calls("put", having="kind")
        if meant(module, keywords["kind"]) == "mail.security_alert"
    ]
    assert set(alerts) == set(REASONS)


def test_a_promise_carries_ids_and_plain_words_never_a_secret():
    """It rests in the database."""
    for module, keywords in calls("put", having="kind"):
        carried = {name for name in keywords if name} - {"tenant_id", "kind"}
        assert all(name.endswith("_id") or name in {"reason", "event", "factor", "name"} for name in carried), module
        assert not [node for node in keywords.values() if isinstance(node, ast.Call)], module
