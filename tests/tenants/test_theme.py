"""Whatever colour a tenant chooses, text stays readable (WCAG 2.2, 1.4.3)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import theme
from app.tenancy import Theme

COLOURS = some.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")
GREYS = some.integers(min_value=0, max_value=255).map(lambda number: f"#{number:02x}{number:02x}{number:02x}")
READABLE = 4.5


@given(COLOURS | GREYS)
def test_text_on_every_colour_reads(colour):
    assert theme.contrast(theme.text_on(colour), colour) >= READABLE


@given(COLOURS | GREYS)
def test_links_of_every_colour_read_in_light_and_in_dark(colour):
    for ground in (theme._LIGHT, theme._DARK):
        assert theme.contrast(theme.readable(colour, on=ground), ground) >= READABLE


@given(COLOURS)
def test_a_colour_that_reads_already_is_left_alone(colour):
    for ground in ("#ffffff", "#000000"):
        if theme.contrast(colour, ground) >= 4.6:
            assert theme.readable(colour, on=ground) == colour


@given(COLOURS)
def test_every_stylesheet_is_three_properties_and_nothing_else(colour):
    text = theme.stylesheet(Theme(primary=colour))
    assert text.startswith(f":root{{--brand:{colour};--on-brand:#")
    assert text.count(";") == 2
    assert "<" not in text


def test_the_grounds_are_those_of_the_stylesheet():
    """The hardest ground that links stand on: if tokens.css changes, this has to."""
    css = Path(theme.__file__).with_name("static").joinpath("css", "tokens.css").read_text().lower()
    assert theme._LIGHT in css
    assert theme._DARK in css


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_wcags(one, other, ratio):
    assert theme.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert theme.contrast(one, other) == theme.contrast(other, one)


@pytest.mark.parametrize("colour", ["red", "#fff", "#GGGGGG", "#3b5bdb;}", "#3B5BDB", "url(x)", ""])
def test_what_is_no_colour_is_no_theme(colour):
    with pytest.raises(ValueError, match="primary"):
        Theme(primary=colour)


def test_the_version_changes_with_the_colour_and_only_with_it():
    assert theme.version(Theme(primary="#112233")) == theme.version(Theme(primary="#112233"))
    assert theme.version(Theme(primary="#112233")) != theme.version(Theme(primary="#112234"))
