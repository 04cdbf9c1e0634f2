"""A tenant's colour, made readable: text on it, and links in it, keep WCAG's contrast whatever was chosen."""

import hashlib
from functools import lru_cache

from app.tenancy import Theme

# The hardest ground that links stand on, in light and in dark: ``--sunken`` in tokens.css.
_LIGHT, _DARK = "#eff1f4", "#1e2127"
_TEXT_CONTRAST = 4.6
_STEP = 0.04

Rgb = tuple[float, float, float]


@lru_cache(maxsize=4096)
def stylesheet(theme: Theme) -> str:
    """The three custom properties that ``tokens.css`` leaves to the tenant."""
    light, dark = readable(theme.primary, on=_LIGHT), readable(theme.primary, on=_DARK)
    return f":root{{--brand:{theme.primary};--on-brand:{text_on(theme.primary)};--accent:light-dark({light},{dark})}}\n"


@lru_cache(maxsize=4096)
def version(theme: Theme) -> str:
    """Changes when the stylesheet does, so that it can be cached for ever."""
    return hashlib.sha256(stylesheet(theme).encode()).hexdigest()[:12]


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on ``colour``. The worse case of the better one is 4.58:1."""
    return max("#000000", "#ffffff", key=lambda text: contrast(text, colour))


def readable(colour: str, *, on: str) -> str:
    """``colour``, moved towards black or white until it reads at 4.5:1 and more on ``on``."""
    goal = _rgb(text_on(on))
    mixed = start = _rgb(colour)
    share = 0.0
    while contrast(_hex(mixed), on) < _TEXT_CONTRAST and share < 1:
        share = min(1.0, share + _STEP)
        mixed = (
            start[0] + (goal[0] - start[0]) * share,
            start[1] + (goal[1] - start[1]) * share,
            start[2] + (goal[2] - start[2]) * share,
        )
    return _hex(mixed)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's curve
        for channel in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)
