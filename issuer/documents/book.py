"""The register of a year on paper: A4 across, one line a number, a chapter for each kind.

Pages are drawn as the lines come, so a long book needs no memory; how many pages there are is set last.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reportlab.pdfgen.canvas import Canvas

from issuer.documents.layout import MM, Column, Strip, block
from issuer.documents.rules import rule
from issuer.documents.styles import ACCENT, HAIR, INK, MUTED, TEST, sans
from issuer.documents.typefaces import SANS, widths
from issuer.register.book import Book, Chapter, Line
from schemas.languages import LANGUAGES, Language, say

WIDE, HIGH = 297 * MM, 210 * MM
LEFT, RIGHT = 20 * MM, WIDE - 10 * MM
"""The wider margin is for the binding."""
WIDTH = RIGHT - LEFT
TOP, BOTTOM = HIGH - 10 * MM, 16 * MM
GUTTER = 5.0

CELL, STRONG = sans(7), sans(7, bold=True)
HEAD, HEAD_OTHER = sans(6.4, bold=True), sans(5.8, MUTED)
NAME, FINE, TITLE, BAND = sans(9.5, bold=True), sans(6.6, MUTED), sans(8.4, bold=True), sans(8.4, TEST, bold=True)
PAGES = "pages"
"""The name under which the number of all pages is set, once it is known."""
SHOWN = 6
"""Of the times that one document was handed over; the workbook has all."""

LONGEST = 600
"""Characters of one piece, so that a line never fills a page."""

Cell = Callable[[int, Line, Language], Sequence[str]]
"""What stands in a line, each piece on a line of its own."""


def _decision(_: int, line: Line, __: Language) -> Sequence[str]:
    return [*filter(None, [line.decision_number]), _day(line.decided_on)]


def _handed_over(_: int, line: Line, __: Language) -> Sequence[str]:
    given = [f"{_day(each.on)} {each.to}" for each in line.handed_over]
    return [*(["…"] if len(given) > SHOWN else []), *given[-SHOWN:]] or ["–"]


def _forms(_: int, line: Line, language: Language) -> Sequence[str]:
    forms = dict.fromkeys(each.form for each in line.handed_over)
    return [say(f"register.form.{form}")[language] for form in forms] or ["–"]


def _end(_: int, line: Line, language: Language) -> Sequence[str]:
    if line.state is None:
        return [say("register.unused" if line.unused else "register.waits")[language], *filter(None, [line.unused])]
    state = say(f"status.state.{line.state}")[language]
    if line.end is None:
        return [state]
    change = line.end.change
    successor = f"{say('register.column.successor')[language]}: {change.successor}" if change.successor else None
    return [f"{state}, {_day(change.told_on)}", *filter(None, (line.end.minutes, change.basis, successor))]


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "–"


COLUMNS: tuple[tuple[str, float, Cell], ...] = (
    ("place", 26, lambda at, _, __: [str(at)]),
    ("number", 100, lambda _, line, __: [line.number]),
    ("holder", 104, lambda _, line, __: [line.holder or "–"]),
    ("title", 126, lambda _, line, __: [line.title or "–"]),
    ("decision", 64, _decision),
    ("issued_on", 50, lambda _, line, __: [_day(line.issued_on)]),
    ("handed_over", 100, _handed_over),
    ("form", 54, _forms),
    ("prints", 38, lambda _, line, __: [str(line.prints or "–")]),
    ("end", 95, _end),
)
"""Name, width in points before they are stretched to the page, what stands there."""


def render(book: Book, language: Language) -> bytes:
    """The PDF; what is told in words is in `language`, headings are in all three."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDE, HIGH), invariant=1, pageCompression=1, lang=language)
    canvas.setTitle(f"{say('register.title')[language]} {book.year}: {book.institution.name[language]}")
    painter = _Painter(canvas, book, language)
    for chapter in book.chapters:
        painter.chapter(chapter)
    painter.finish()
    canvas.save()
    return out.getvalue()


def _places() -> Iterator[tuple[float, float]]:
    """The left edge and the width of each column."""
    stretch, x = WIDTH / sum(wide for _, wide, _ in COLUMNS), LEFT
    for _, wide, _ in COLUMNS:
        yield x, wide * stretch - GUTTER
        x += wide * stretch


PLACES = tuple(_places())


@dataclass
class _Painter:
    canvas: Canvas
    book: Book
    language: Language
    page: int = 0
    below: float = 0
    """Where the next strip begins."""

    def chapter(self, chapter: Chapter) -> None:
        """On pages of its own; below the last line there is room for what closes it."""
        head, close = (_heading(self.book, chapter), _head()), _close(chapter)
        self._turn(head)
        for at, line in enumerate(chapter.lines(), start=1):
            row = _row(at, line, self.language)
            if self.below - row.before - row.height < BOTTOM + close.before + close.height:
                self._turn(head)
            self._draw(row)
        self._draw(close)

    def finish(self) -> None:
        """The last page, and how many there are."""
        self._foot()
        self.canvas.showPage()
        self.canvas.beginForm(PAGES, lowerx=0, lowery=0, upperx=WIDE, uppery=HIGH)
        block(f"/ {self.page}", FINE, RIGHT - 24, 24).draw(self.canvas, BOTTOM - 8)
        self.canvas.endForm()

    def _turn(self, head: Sequence[Strip]) -> None:
        if self.page:
            self._foot()
            self.canvas.showPage()
        self.page += 1
        self.below = TOP
        for strip in head:
            self._draw(strip)

    def _draw(self, strip: Strip) -> None:
        strip.draw(self.canvas, self.below - strip.before)
        self.below -= strip.before + strip.height

    def _foot(self) -> None:
        printed = say("register.printed_on", day=_day(self.book.printed_on), by=self.book.printed_by)
        rule(HAIR, 0.5, x=LEFT, width=WIDTH)(self.canvas, BOTTOM - 4)
        words = " · ".join(text for _, text in say("register.page"))
        for piece in (
            block(_drawable(" · ".join(text for _, text in printed)), FINE, LEFT, WIDTH * 0.75),
            block(f"{words} {self.page}", FINE, RIGHT - 154, 127, right=True),
        ):
            piece.draw(self.canvas, BOTTOM - 8)
        self.canvas.doForm(PAGES)


def _heading(book: Book, chapter: Chapter) -> Strip:
    """Whose book, of which year, and which kind; again on each page."""
    own, title = book.institution.name, say("register.title")
    half = WIDTH / 2 - GUTTER
    test = " · ".join(text for _, text in say("paper.test"))
    left = (
        *((block(test, BAND, LEFT, half),) if book.institution.test else ()),
        block(_drawable(own.kk), NAME, LEFT, half),
        block(_drawable(f"{own.ru} · {own.en}"), FINE, LEFT, half),
    )
    right = (
        block(f"{title.kk}, {book.year}", NAME, RIGHT - half, half, right=True),
        block(f"{title.ru} · {title.en}", FINE, RIGHT - half, half, right=True),
        block(chapter.kind.title.kk, TITLE, RIGHT - half, half, right=True, before=3),
        block(f"{chapter.kind.title.ru} · {chapter.kind.title.en}", FINE, RIGHT - half, half, right=True),
    )
    return Strip((left, right))


def _head() -> Strip:
    """The names of the columns, between two rules."""
    columns = tuple(_names(name, *place) for (name, _, _), place in zip(COLUMNS, PLACES, strict=True))
    tallest = max(sum(piece.height for piece in column) for column in columns)
    upper, lower = (rule(ACCENT, 0.8, below=y, x=LEFT, width=WIDTH) for y in (-3, tallest + 2))
    return Strip(columns, before=9, marks=(upper, lower))


def _names(name: str, x: float, wide: float) -> Column:
    label = say(f"register.column.{name}")
    return tuple(block(label[lang], HEAD_OTHER if at else HEAD, x, wide) for at, lang in enumerate(LANGUAGES))


def _row(at: int, line: Line, language: Language) -> Strip:
    columns = tuple(
        tuple(
            block(_drawable(each[:LONGEST]), STRONG if name == "number" else CELL, *place)
            for each in said(at, line, language)
        )
        for (name, _, said), place in zip(COLUMNS, PLACES, strict=True)
    )
    return Strip(columns, before=6, marks=(rule(HAIR, 0.4, below=-2.5, x=LEFT, width=WIDTH),) if at > 1 else ())


def _close(chapter: Chapter) -> Strip:
    """How many numbers there are, and a line for whoever answers for them."""
    count, sign = (" · ".join(t for _, t in said) for said in (say(_TOTAL, count=chapter.count), say(_SIGNATURE)))
    x, wide = LEFT + WIDTH * 0.6, WIDTH * 0.4
    upper, line = rule(ACCENT, 0.8, below=-3, x=LEFT, width=WIDTH), rule(INK, 0.5, below=26, x=x, width=wide)
    left, right = block(count, STRONG, LEFT, WIDTH * 0.55), block(sign, FINE, x, wide, before=28)
    return Strip(((left,), (right,)), before=8, marks=(upper, line))


_TOTAL, _SIGNATURE = "register.total", "register.signature"


def _drawable(words: str) -> str:
    """A character that the font lacks is marked; it stops a certificate, but not the book. The workbook has it."""
    known = widths(SANS)
    return "".join(letter if letter in known or letter.isspace() else "?" for letter in words)
