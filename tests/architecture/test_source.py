"""Habits that a machine can see in the source."""

import ast
import importlib
import re
from pathlib import Path

import app
from app.jobs import prepare
from app.queue import Job
from app.settings import VARIABLES

ROOT = Path(app.__file__).parent
TOP = ROOT.parent
SOURCES = [path for path in [*ROOT.rglob("*.py"), TOP / "wsgi.py", TOP / "worker.py"] if "static" not in path.parts]


def name_of(path):
    return path.relative_to(TOP).as_posix()


def attributes(path, owner, *names):
    """Places where ``owner.name`` is read."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in names
        and (getattr(node.value, "id", None) == owner or getattr(node.value, "attr", None) == owner)
    ]


def test_the_environment_is_read_by_the_entry_points_alone():
    reading = {name_of(path) for path in SOURCES if attributes(path, "os", "environ", "getenv", "environb")}
    embedded = {name for name in reading if name.startswith("app/embedded/")}
    assert reading - embedded <= {"wsgi.py", "worker.py", "app/cli/_frame.py"}


def test_the_session_of_flask_sqlalchemy_is_never_used():
    assert not [name_of(path) for path in SOURCES if attributes(path, "db", "session")]


def test_only_the_outbox_and_the_blacklist_act_after_the_commit():
    acting = {
        name_of(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "after_commit"
    }
    assert acting == {"app/outbox.py", "app/auth/blacklist.py"}


def test_workers_are_woken_by_the_outbox_and_the_sweep_alone():
    waking = {
        name_of(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "enqueue"
    }
    assert waking <= {"app/outbox.py", "app/upkeep.py", "app/queue.py"}


def test_every_job_name_resolves_to_a_function():
    for job in Job:
        module, _, function = job.value.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function)), job
    assert callable(prepare)


def test_flask_stays_at_the_edge():
    for path in SOURCES:
        at_the_edge = name_of(path).startswith(("app/blueprints/", "app/__init__.py", "app/web.py"))
        if not at_the_edge:
            assert not re.search(r"^(from|import) flask", path.read_text(), re.MULTILINE), path


def test_blueprints_never_import_storage():
    for path in (ROOT / "blueprints").rglob("*.py"):
        assert "app.storage" not in path.read_text(), path


def test_every_static_file_that_templates_name_exists():
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        for name in re.findall(r"""asset\(["']([^"']+)["']\)""", text):
            assert (ROOT / "static" / name).is_file(), f"{template.name} names {name}"
        assert not re.search(r"""["'](https?:)?//[^"']*\.(js|css)["']""", text), f"{template.name} loads from elsewhere"


def test_no_template_has_inline_script_style_or_handler():
    for template in (ROOT / "templates").rglob("*.html"):
        if "email" in template.parts:
            continue
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text), template
        # The icons' own paths are marked safe: they stand in that file and come from nobody.
        assert "|safe" not in text or template.name == "_icon.html", template


def test_documentation_lists_exactly_the_variables():
    page = TOP / "docs" / "configuration.md"
    listed = set(re.findall(r"^\|\s*`([A-Z][A-Z0-9_]+)`", page.read_text(), re.MULTILINE))
    assert listed == set(VARIABLES)
