"""Reading our own source: which calls there are, and what is given to them by name."""

import ast
import importlib
from pathlib import Path

import app

ROOT = Path(app.__file__).parent


def calls(name, *, having):
    """(module, keywords) of every call of ``name``, or of a method of that name, that is given ``having``."""
    for path in sorted(ROOT.rglob("*.py")):
        found = [
            {keyword.arg: keyword.value for keyword in node.keywords}
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and name == getattr(node.func, "attr", getattr(node.func, "id", None))
        ]
        if any(having in keywords for keywords in found):
            module = importlib.import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
            yield from ((module, keywords) for keywords in found if having in keywords)


def meant(module, node):
    """What a constant, or a name of a constant, says; ``None`` for what is only known when it runs."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute):
        return getattr(meant(module, node.value), node.attr, None)
    return getattr(module, node.id, None) if isinstance(node, ast.Name) else None
