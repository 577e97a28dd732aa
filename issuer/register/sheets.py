"""The register of a year as a workbook: to sort, to filter, to hand over to another system."""

from collections.abc import Callable, Iterator

from issuer.register.book import Book, Line
from issuer.workbooks import Value, streamed
from schemas.kinds.table import Kind
from schemas.languages import Language, say

Cell = Callable[[Kind, Line, Language], Value]


def _state(_: Kind, line: Line, language: Language) -> Value:
    if line.state is None:
        return say("register.unused" if line.unused else "register.waits")[language]
    return say(f"status.state.{line.state}")[language]


def _of_change(name: str) -> Cell:
    return lambda _, line, __: getattr(line.end.change, name) if line.end else None


def _last(name: str) -> Cell:
    return lambda _, line, __: getattr(line.handed_over[-1], name) if line.handed_over else None


COLUMNS: tuple[tuple[str, Cell], ...] = (
    ("kind", lambda kind, _, language: kind.title[language]),
    ("number", lambda _, line, __: line.number),
    ("holder", lambda _, line, __: line.holder),
    ("title", lambda _, line, __: line.title),
    ("decision_number", lambda _, line, __: line.decision_number),
    ("decided_on", lambda _, line, __: line.decided_on),
    ("issued_on", lambda _, line, __: line.issued_on),
    ("handed_on", _last("on")),
    ("handed_to", _last("to")),
    ("form", lambda _, line, language: _form(line, language)),
    ("prints", lambda _, line, __: None if line.state is None else line.prints),
    ("state", _state),
    ("end_on", _of_change("told_on")),
    ("end_minutes", lambda _, line, __: line.end.minutes if line.end else None),
    ("basis", lambda _, line, __: line.end.change.basis if line.end else line.unused),
    ("authority", _of_change("authority")),
    ("successor", _of_change("successor")),
)
"""Name, what stands in a row. Of several times of handing over the last one; the second sheet has all."""


def _form(line: Line, language: Language) -> Value:
    return say(f"register.form.{line.handed_over[-1].form}")[language] if line.handed_over else None


def workbook(book: Book, language: Language) -> bytes:
    """The .xlsx, its words in `language`."""

    def headings(*names: str) -> list[str]:
        return [say(f"register.column.{name}")[language] for name in names]

    given = ("number", "handed_on", "handed_to", "form", "handed_by")
    return streamed(
        {
            say("register.sheet.book")[language]: (headings(*(name for name, _ in COLUMNS)), _lines(book, language)),
            say("register.sheet.handed_over")[language]: (headings(*given), _handed_over(book, language)),
        }
    )


def _lines(book: Book, language: Language) -> Iterator[list[Value]]:
    for chapter in book.chapters:
        for line in chapter.lines():
            yield [cell(chapter.kind, line, language) for _, cell in COLUMNS]


def _handed_over(book: Book, language: Language) -> Iterator[list[Value]]:
    for number, given in book.handed_over():
        yield [number, given.on, given.to, say(f"register.form.{given.form}")[language], given.by]
