"""The sheet and its type: A4, margins of 20 mm, Noto Serif for display, Noto Sans in two weights, one accent."""

from issuer.documents.layout import MM, Style
from issuer.documents.typefaces import SANS, SANS_BOLD, SERIF

PAGE = (210 * MM, 297 * MM)
LEFT = 20 * MM
RIGHT = PAGE[0] - LEFT
TOP = PAGE[1] - LEFT
WIDTH = RIGHT - LEFT
FOOT = 20 * MM
"""The rule above the footer."""

INK = "#16191d"
MUTED = "#4a5160"
HAIR = "#c8cdd5"
ACCENT = "#0a4a6e"
TEST = "#4b2a7b"
TEST_GROUND = "#f1eafa"

LABEL = Style(SANS, 6.8, 9, MUTED)
VALUE = Style(SANS, 8.8, 11.3, INK)
VALUE_SMALL = Style(SANS, 8, 11.3, INK)
CELL = Style(SANS, 8.2, 10.6, INK)
CELL_SMALL = Style(SANS, 7.5, 10.6, INK)
STRONG = Style(SANS_BOLD, 8.4, 11, INK)
FIGURE = Style(SERIF, 19, 23, INK)
FIGURE_NOTE = Style(SANS, 8.2, 23, INK)
FIGURE_LABEL = Style(SANS, 6.4, 9, MUTED)


def serif(size: float, colour: str = INK) -> Style:
    """Display type."""
    return Style(SERIF, size, 1.2 * size, colour)


def sans(size: float, colour: str = INK, *, bold: bool = False) -> Style:
    """Text type."""
    return Style(SANS_BOLD if bold else SANS, size, 1.35 * size, colour)
