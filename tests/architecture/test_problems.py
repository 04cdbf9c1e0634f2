"""Every refusal is a class with a code of its own, a status, and a title that is a sentence."""

import http
import importlib
import pkgutil
import re

import app
from app.errors import Problem


def problems():
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.startswith("app.embedded"):
            importlib.import_module(module.name)
    found, waiting = [], [Problem]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


def test_every_code_is_unique_and_stable_to_spell():
    codes = [kind.code for kind in problems()]
    assert len(codes) == len(set(codes)), sorted(code for code in codes if codes.count(code) > 1)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_title_is_a_sentence():
    for kind in problems():
        assert kind.title.endswith("."), kind
        assert kind.title[0].isupper(), kind


def test_every_status_is_that_of_an_error():
    for kind in problems():
        assert kind.status >= 400, kind
        http.HTTPStatus(kind.status)


def test_what_is_for_the_log_is_shown_to_nobody():
    problem = Problem("Shown.", log="hidden")
    assert "hidden" not in str(problem)
