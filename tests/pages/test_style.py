"""The tokens: every pair of text and ground holds 7:1, by day and by night; one stylesheet, closed in itself."""

import re

import pytest

from registry.pages import content_security_policy, style

PAIRS = [("ink", "ground"), ("muted", "ground"), ("accent", "ground"), ("on-accent", "accent")] + [
    (tone, f"{tone}-ground") for tone in ("valid", "ended", "waiting", "unknown", "test")
]
ON_THE_PAGE = [(tone, "ground") for tone in ("valid", "ended", "waiting")]
EDGES = [("field", "ground")]
"""What only has to be seen, not read: 3:1 (WCAG 1.4.11)."""


def tokens(dark: bool) -> dict[str, str]:
    """The colours by name."""
    light, night = re.findall(r":root\{(color-scheme:light dark;)?([^}]*)\}", style())[:2]
    found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", light[1]))
    return found | dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", night[1])) if dark else found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
def test_every_pair_is_easy_to_read(dark: bool) -> None:
    colours = tokens(dark)
    for text, ground in PAIRS + ON_THE_PAGE:
        assert contrast(colours[text], colours[ground]) >= 7, (text, ground)
    for edge, ground in EDGES:
        assert contrast(colours[edge], colours[ground]) >= 3, (edge, ground)


def test_the_style_asks_for_nothing() -> None:
    assert "url(" not in style()
    assert "@import" not in style()
    assert "@font-face" not in style()
    assert "<" not in style()


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
