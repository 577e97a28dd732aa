"""Where the columns of a chart stand: across in per cent, for the width of a phone and of a desk; down in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

HIGH = 96
"""Pixels of the tallest column."""
LEAST = 3
"""Of a column that is there at all; a hidden one is as high as a line of small type and says nothing of its count."""
HIDDEN = 14
WIDEST = 8.0
"""Per cent: a few columns do not fill the page."""
SHOWN = 24
"""The newest that fit beside each other on a phone."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, from its upper edge down to the base line; `middle` is where its figure stands."""

    x: float
    width: float
    y: int
    height: int
    count: int | None

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)


def columns(counts: Sequence[int | None]) -> tuple[Column, ...]:
    """The columns of the newest counts, from the left; None is a hidden one."""
    newest = counts[-SHOWN:]
    most = max((n or 0 for n in newest), default=0)
    step = min(100 / max(len(newest), 1), WIDEST)
    return tuple(_column(at * step, step, n, most) for at, n in enumerate(newest))


def _column(x: float, step: float, n: int | None, most: int) -> Column:
    height = HIDDEN if n is None else max(LEAST, round(HIGH * n / most)) if n else 0
    return Column(round(x + step * 0.1, 2), round(step * 0.8, 2), HIGH - height, height, n)
