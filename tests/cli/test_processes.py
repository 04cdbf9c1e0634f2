"""The entry point itself, as a process."""

import pytest

from app.cli import main


def test_it_answers_in_json_and_in_words(spawn, cast):
    assert spawn("tenant", "list", "--json").json
    said = spawn("tenant", "list")
    assert said.code == 0
    assert f"slug={cast.acme.slug}" in said.out


def test_a_failure_is_one_line_on_standard_error(spawn):
    refused = spawn("tenant", "create", "ADMIN", "--name", "x")
    assert (refused.code, refused.out) == (1, "")
    assert len(refused.err.strip().splitlines()) == 1
    assert refused.err.startswith("portico: ")


def test_an_unknown_command_is_refused_with_how_to_ask(spawn):
    refused = spawn("dance")
    assert refused.code == 2
    assert "--help" in refused.err


def _commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


EVERY = dict(_commands(main))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_and_takes_json(portico, path):
    said = portico(*path, "--help", as_json=False)
    assert said.code == 0
    assert "--json" in said.out
    assert EVERY[path].help.strip().endswith((".", ":"))


def test_the_commands_of_this_stage_are_there():
    assert {" ".join(path) for path in EVERY} >= {
        "dev",
        "web",
        "worker",
        "scheduler",
        "migrate",
        "seed",
        "tenant create",
        "tenant list",
        "tenant suspend",
        "tenant activate",
        "user create",
        "user unlock",
        "user disable",
        "user enable",
        "keys rotate",
        "risk simulate",
        "config check",
        "doctor",
    }
