"""One text in three languages side by side: Kazakh first and largest, Russian and English beside or below it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from issuer.documents.layout import MM, Block, Column, Strip, Style, balanced, block
from issuer.documents.styles import LABEL, LEFT, VALUE, VALUE_SMALL, WIDTH
from schemas.languages import LANGUAGES, Text

GUTTER = 5 * MM
_KAZAKH = 0.37
"""Its share of three columns."""

Place = tuple[float, float]
"""A column's left edge and width."""


def thirds(x: float = LEFT, width: float = WIDTH) -> tuple[Place, Place, Place]:
    """The columns for Kazakh, Russian and English."""
    free = width - 2 * GUTTER
    first, other = free * _KAZAKH, free * (1 - _KAZAKH) / 2
    second = x + first + GUTTER
    return (x, first), (second, other), (second + other + GUTTER, other)


def row(label: Text, value: Text, *, before: float = 7, keep: bool = False) -> Strip:
    """A label and its value in each of three columns."""
    pairs = zip(thirds(), label, value, strict=True)
    columns = tuple(
        (block(name, LABEL, x, wide), block(words, VALUE_SMALL if n else VALUE, x, wide))
        for n, ((x, wide), (_, name), (_, words)) in enumerate(pairs)
    )
    return Strip(columns, before=before, keep=keep)


def across(text: Text, styles: tuple[Style, Style]) -> tuple[Column, ...]:
    """A text in each of three columns."""
    return in_places(text, styles, thirds())


def in_places(text: Text, styles: tuple[Style, Style], places: Sequence[Place]) -> tuple[Column, ...]:
    """A text, each language in its own column."""
    return tuple((block(words, styles[n > 0], *places[n]),) for n, (_, words) in enumerate(text))


def level(first: Style, other: float) -> tuple[Style, Style]:
    """A style and its smaller sister on the same line spacing, so that they share baselines."""
    return first, replace(first, size=other)


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a block: how it is set in Kazakh, how in the others, and its distance from what stands above."""

    text: Text
    first: Style
    other: Style
    gap: float = 0


def large(parts: Sequence[Part], *, before: float, grow: float = 0, gap: float = 5) -> list[Strip]:
    """A block in Kazakh over the whole width; the same block in Russian and in English in two halves below.

    A block that reads the same as one before it is left out.
    """
    blocks = [[part.text[lang] for part in parts] for lang in LANGUAGES]
    kazakh = tuple(_set(part.text.kk, part.first, LEFT, WIDTH, part.gap) for part in parts)
    others = [words for n, words in enumerate(blocks) if words not in blocks[:n]][1:]
    halves = tuple(
        tuple(_set(text, part.other, *HALVES[n], part.gap) for text, part in zip(words, parts, strict=True))
        for n, words in enumerate(others)
    )
    return [Strip((kazakh,), before=before, grow=grow), *([Strip(halves, before=gap)] if halves else [])]


_HALF = (WIDTH - GUTTER) / 2
HALVES: tuple[Place, Place] = (LEFT, _HALF), (LEFT + _HALF + GUTTER, _HALF)
"""The two columns of the face."""


def _set(words: str, style: Style, x: float, width: float, before: float) -> Block:
    return Block(tuple(balanced(words, style, width)), style, x, width, before=before)


def stack(text: Text, styles: tuple[Style, Style], place: Place, *, right: bool = False, gap: float = 0) -> Column:
    """The three languages under each other; what reads the same stands once."""
    different = dict.fromkeys(words for _, words in text)
    return tuple(
        block(words, styles[n > 0], *place, right=right, before=gap if n else 0) for n, words in enumerate(different)
    )
