"""Text in columns, strips of columns, pages of strips. Knows measures only: neither documents nor languages.

Text is never parsed: a name with `<b>` or `&` in it is set as those characters. A strip stays whole on one page; a
heading stays with what follows it; a table's head is set again on each page that the table reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import accumulate

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from issuer.documents.typefaces import drawable
from issuer.documents.typefaces import width as width_of

MM = 72 / 25.4
BASELINE = 0.76
"""Where in its line a text stands: the same for each size, so that neighbours of one line spacing share baselines."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: font, size and line spacing in points, colour."""

    font: str
    size: float
    leading: float
    colour: str


@cache
def ink(colour: str) -> Color:
    """A colour of the sheet, read once."""
    return HexColor(colour)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one style, from `x` over `width`, `before` below what stands above."""

    lines: tuple[str, ...]
    style: Style
    x: float
    width: float
    right: bool = False
    before: float = 0

    @property
    def height(self) -> float:
        return self.before + len(self.lines) * self.style.leading

    def draw(self, canvas: Canvas, top: float) -> None:
        style = self.style
        text = canvas.beginText(self.x, top - self.before - BASELINE * style.leading)
        text.setFont(style.font, style.size, style.leading)
        text.setFillColor(ink(style.colour))
        for line in self.lines:
            if self.right:
                text.setXPos(self.x + self.width - width_of(line, style.font, style.size) - text.getX())
            text.textLine(line)
        canvas.drawText(text)


def block(text: str, style: Style, x: float, width: float, *, right: bool = False, before: float = 0) -> Block:
    """`text` broken into lines."""
    return Block(tuple(broken(text, style, width)), style, x, width, right, before)


def broken(text: str, style: Style, width: float) -> list[str]:
    """Lines of at most `width`: broken at spaces, and inside a word only where it is longer than a line."""
    return _filled(list(_words(text, style, width)), style, width)


def balanced(text: str, style: Style, width: float) -> list[str]:
    """As few lines as `broken` makes, of about one length: no lone word under a full line."""
    words = list(_words(text, style, width))
    lines = _filled(words, style, width)
    narrow, wide = width / len(lines), width
    while len(lines) > 1 and wide - narrow > 2:
        middle = (narrow + wide) / 2
        attempt = _filled(words, style, middle)
        if len(attempt) == len(lines):
            lines, wide = attempt, middle
        else:
            narrow = middle
    return lines


Word = tuple[str, float]
"""A word and its width."""


def _filled(words: list[Word], style: Style, width: float) -> list[str]:
    space = width_of(" ", style.font, style.size)
    lines: list[list[str]] = [[]]
    used = -space
    for word, wide in words:
        if lines[-1] and used + space + wide > width:
            lines.append([])
            used = -space
        lines[-1].append(word)
        used += space + wide
    return [" ".join(line) for line in lines]


def _words(text: str, style: Style, width: float) -> Iterator[Word]:
    for word in filter(None, drawable(text).split(" ")):
        wide = width_of(word, style.font, style.size)
        while wide > width and len(word) > 1:
            fits = _fitting(word, style, width)
            yield word[:fits], width
            word = word[fits:]
            wide = width_of(word, style.font, style.size)
        yield word, wide


def _fitting(word: str, style: Style, width: float) -> int:
    """How many characters of a word fit into `width`; up to a hyphen, if there is one in its latter half."""
    reach = accumulate(width_of(character, style.font, style.size) for character in word)
    count = sum(1 for end in reach if end <= width)
    hyphen = word.rfind("-", count // 2, count) + 1
    return hyphen or max(count, 1)


Column = tuple[Block, ...]
Mark = Callable[[Canvas, float], None]
"""Draws a rule or an ornament under a top edge."""


@dataclass(frozen=True)
class Strip:
    """What stands side by side, from one upper edge or, with `foot`, down to one lower edge.

    `grow` is its share of a page's spare room, `keep` ties it to the next strip, `marks` are drawn unless it stands
    at the top of a page, `head` is set again above it where it begins a page.
    """

    columns: tuple[Column, ...] = ()
    before: float = 0
    grow: float = 0
    keep: bool = False
    foot: bool = False
    marks: tuple[Mark, ...] = ()
    head: tuple[Strip, ...] = field(default=(), repr=False)

    @cached_property
    def text(self) -> str:
        """What stands in it, block by block."""
        return "\n".join(" ".join(piece.lines) for column in self.columns for piece in column)

    @cached_property
    def height(self) -> float:
        """Without the space before it, which falls away at the top of a page."""
        return max((sum(piece.height for piece in column) for column in self.columns), default=0)

    def draw(self, canvas: Canvas, top: float, *, bare: bool = False) -> None:
        for mark in () if bare else self.marks:
            mark(canvas, top)
        for column in self.columns:
            below = top - (self.height - sum(piece.height for piece in column) if self.foot else 0)
            for piece in column:
                piece.draw(canvas, below)
                below -= piece.height


@dataclass
class Page:
    """Strips at their distance from the top of the page's body."""

    room: float
    scale: float = 1
    """By how much the space between strips is drawn together."""
    placed: list[tuple[float, Strip]] = field(default_factory=list)
    used: float = 0

    def put(self, strips: Iterable[Strip]) -> None:
        for strip in strips:
            self.used += strip.before * self.scale if self.placed else 0
            self.placed.append((self.used, strip))
            self.used += strip.height

    def holds(self, strips: Sequence[Strip]) -> bool:
        return self.used + stacked(strips, self.scale, at_top=not self.placed) <= self.room + 0.01

    def draw(self, canvas: Canvas, top: float) -> None:
        for offset, strip in self.placed:
            strip.draw(canvas, top - offset, bare=offset == 0)


def stacked(strips: Sequence[Strip], scale: float = 1, *, at_top: bool = True) -> float:
    """The height of strips under each other."""
    space = sum(strip.before for strip in strips) - (strips[0].before if strips and at_top else 0)
    return sum(strip.height for strip in strips) + scale * space


def paginate(strips: Iterable[Strip], room: float, *, first: float | None = None, scale: float = 1) -> list[Page]:
    """Pages of `room` points each, or `first` for the first one, that hold all strips in order."""
    pages = [Page(room if first is None else first, scale)]
    for group in _tied(strips):
        for whole in [group] if stacked([*group[0].head, *group], scale) <= room else _torn(group, room):
            if not pages[-1].holds(whole):
                pages.append(Page(room, scale))
                pages[-1].put(whole[0].head)
            pages[-1].put(whole)
    return pages


def _tied(strips: Iterable[Strip]) -> Iterator[list[Strip]]:
    """Strips that must stand on one page, together."""
    group: list[Strip] = []
    for strip in strips:
        group.append(strip)
        if not strip.keep:
            yield group
            group = []
    if group:
        yield group


def _torn(group: list[Strip], room: float) -> Iterator[list[Strip]]:
    """A group too tall for any page, as single strips; a strip too tall for any page is cut between its lines."""
    for strip in group:
        most = room - stacked(strip.head)
        while strip.height > most:
            upper, strip = _cut(strip, most)
            yield [upper]
        yield [strip]


def _cut(strip: Strip, height: float) -> tuple[Strip, Strip]:
    halves = [_cut_column(column, height) for column in strip.columns]
    upper = replace(strip, columns=tuple(upper for upper, _ in halves))
    lower = replace(strip, columns=tuple(lower for _, lower in halves), before=0)
    return upper, lower


def _cut_column(column: Column, height: float) -> tuple[Column, Column]:
    upper: list[Block] = []
    for place, piece in enumerate(column):
        if piece.height > height:
            fits = max(int((height - piece.before) / piece.style.leading), 0)
            lower = replace(piece, lines=piece.lines[fits:], before=0)
            return (*upper, replace(piece, lines=piece.lines[:fits])), (lower, *column[place + 1 :])
        upper.append(piece)
        height -= piece.height
    return tuple(upper), ()
