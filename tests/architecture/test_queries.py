"""No query without its tenant, and nobody outside storage writes one."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import app
import app.storage
from app.storage import hot

ROOT = Path(app.__file__).parent
# Before a tenant is known there is none to name: a function of the resolver's, which tells six columns.
UNSCOPED_OVER_THE_DRIVER = {
    "migrate.current",
    "migrate.is_harmless",
    "pool.connect_once",
    "pool.engine_over",
    "tenants.resolve",
}
# Every query over all tenants. A new one is a sweep's or an operator's, and a reviewer sees it here.
UNSCOPED = {
    "applications.told_unscoped",
    "audit.prepare_months_unscoped",
    "backup_codes.hide_unscoped",
    "expired.purge_unscoped",
    "factor_resets.due_unscoped",
    "leaving.due_unscoped",
    "outbox.backlog_unscoped",
    "outbox.claim_unscoped",
    "outbox.kept_unscoped",
    "revocations.all_unscoped",
    "revocations.published_unscoped",
    "revocations.unpublished_unscoped",
    "sessions.count_live_unscoped",
    "signing_keys.without_next_unscoped",
    "tenants.add_unscoped",
    "tenants.all_unscoped",
}


def functions(parameter):
    for module in pkgutil.iter_modules(app.storage.__path__):
        loaded = importlib.import_module(f"app.storage.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                parameters = inspect.signature(function).parameters
                if parameter in parameters:
                    yield f"{module.name}.{name}", parameters


def test_every_query_names_its_tenant_or_says_that_it_does_not():
    unscoped = {name for name, parameters in functions("db") if "tenant_id" not in parameters}
    assert unscoped == UNSCOPED
    assert all(name.endswith("_unscoped") for name in unscoped)


def test_no_query_with_a_tenant_claims_to_have_none():
    assert not [
        name for name, parameters in functions("db") if "tenant_id" in parameters and name.endswith("_unscoped")
    ]


def test_every_hot_statement_names_its_tenant():
    without = {name for name, parameters in functions("pool") if "tenant_id" not in parameters}
    assert without - {"tenants.resolve"} == UNSCOPED_OVER_THE_DRIVER - {"tenants.resolve"}
    assert hot.session_by_digest


def test_queries_take_what_they_need_by_name():
    for name, parameters in functions("db"):
        kinds = {p.kind for key, p in parameters.items() if key != "db"}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, name


def calls(path):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def test_unscoped_queries_run_only_in_a_platform_unit():
    """The module that calls one opens units of the platform's."""
    for path in ROOT.rglob("*.py"):
        if "storage" in path.parts:
            continue
        names = {c.func.attr for c in calls(path) if isinstance(c.func, ast.Attribute)}
        if any(name.endswith("_unscoped") for name in names):
            assert "platform" in names, path


@pytest.mark.parametrize("verb", ["commit", "rollback", "flush"])
def test_transactions_end_in_storage_alone(verb):
    for path in ROOT.rglob("*.py"):
        found = [c for c in calls(path) if isinstance(c.func, ast.Attribute) and c.func.attr == verb]
        # Migrations end their own; what runs servers flushes files.
        allowed = path == ROOT / "storage" / "migrate.py" or "embedded" in path.parts
        assert allowed or not found, path


def test_units_are_begun_by_services_and_by_nobody_else():
    """Not by blueprints, jobs or the CLI, and not by storage itself."""
    for path in ROOT.rglob("*.py"):
        found = [
            c
            for c in calls(path)
            if isinstance(c.func, ast.Attribute)
            and c.func.attr in {"begin", "read", "platform"}
            and isinstance(c.func.value, ast.Attribute | ast.Name)
            and getattr(c.func.value, "attr", getattr(c.func.value, "id", "")) in {"_units", "units"}
        ]
        place = path.relative_to(ROOT).parts[0]
        assert not found or place not in {"blueprints", "storage", "jobs.py", "cli", "__init__.py"}, path
