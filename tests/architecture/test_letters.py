"""Every letter has its template, in three parts, and is written whatever is known."""

import ast
import re
from dataclasses import fields, replace

import pytest

from app.email.post import Letter
from app.email.render import Writer
from tests.architecture.reading import ROOT, calls, meant

FOLDER = ROOT / "templates" / "email"
TEMPLATES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
FULL = Letter(
    template="",
    to="ada@acme.example",
    name="Ada <b>Lovelace</b>",
    link="http://acme.portal.test/page?token=secret",
    code="123456",
    expires_in="15 minutes",
    reason="A reason.",
    client="Chrome on Linux",
    place="Berlin, Germany",
    ip="192.0.2.7",
    at="25 November 2026, 12:00 UTC",
    address="new@acme.example",
)
# How each is labelled where it is shown.
FACTS = {"client": "Device", "place": "Place", "ip": "IP address", "at": "Time|Signed in"}


@pytest.fixture
def write(cast):
    writer = Writer(carrier=None)

    def write(template, **changes):
        return writer.write(cast.acme, replace(FULL, template=template, **changes))

    return write


def named():
    """Every template that a letter is made with, by constant or through ``alerts._letter``."""
    found = {meant(module, keywords["template"]) for module, keywords in calls("Letter", having="template")} - {None}
    alerts = ast.parse((ROOT / "auth" / "alerts.py").read_text())
    passed_on = {
        node.args[0].value
        for node in ast.walk(alerts)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_letter"
    }
    return found | passed_on


def test_every_template_that_is_named_exists_and_every_one_that_exists_is_used():
    assert named() == set(TEMPLATES)
    for template in TEMPLATES:
        assert {path.name for path in (FOLDER / template).iterdir()} == {"subject.txt", "body.txt", "body.html"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_is_written_when_nothing_is_known(write, template):
    optional = {field.name: "" for field in fields(Letter) if field.name not in {"template", "to"}}
    mail = write(template, **optional)
    assert mail.subject
    for text in (mail.text, mail.html):
        assert "None" not in text
        assert not re.search(r"\{[{%]|[%}]\}", text)
        assert not [label for labels in FACTS.values() for label in labels.split("|") if f"{label}:" in text]
    assert "Hello," in mail.text


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("fact", FACTS)
def test_what_is_not_known_is_left_out_and_the_rest_stays(write, template, fact):
    label = rf"({FACTS[fact]}):"
    whole, without = write(template), write(template, **{fact: ""})
    for known, unknown in ((whole.text, without.text), (whole.html, without.html)):
        assert getattr(FULL, fact) not in unknown
        assert not re.search(label, unknown)
        others = [getattr(FULL, name) for name in ("client", "place", "ip") if name != fact]
        # Without a time it is another alert, about something that happened nowhere.
        assert fact == "at" or all((other in known) is (other in unknown) for other in others)


@pytest.mark.parametrize("template", TEMPLATES)
def test_text_and_html_say_the_same_facts_and_nothing_is_markup_that_people_brought(write, template):
    mail = write(template)
    for field in ("link", "code", *FACTS, "address", "expires_in"):
        value = getattr(FULL, field)
        assert (value in mail.text) is (value in mail.html), field
    assert "<b>Lovelace" not in mail.html
    assert "\n" not in mail.subject
    assert FULL.to in mail.text
    assert FULL.code not in mail.subject
