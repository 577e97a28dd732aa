"""Writing .xlsx: the template of a kind and the register's workbook, the same bytes each time."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from issuer.cells import say_choices
from issuer.grids import Cell, Fault
from issuer.layouts import Column, Sheet, model_of, sheet_of
from schemas.kinds.table import Kind
from schemas.languages import Language, Text, say

_HINT = Font(italic=True, color="5F6B7A", size=9)
_HEADING = Font(bold=True)
_HEADING_FILL = PatternFill("solid", fgColor="DCE6F2")
_AS_TEXT = "@"


def template(kind: Kind, language: Language) -> bytes:
    """An empty .xlsx for `kind`: its sheets, one line of hints, the headings in `language`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheet_of(kind.name, model_of(kind)).walk():
        page = book.create_sheet(sheet.title[language])
        page.append([hint[language] for hint in hints(sheet)])
        page.append([column.heading[language] for column in sheet.columns])
        _dress(page, heading_row=2, as_text=[c.field.shape in ("text", "texts") for c in sheet.columns])
    return packed(book)


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook of `sheets`, each with its headings in the first row."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append([None if isinstance(cell, Fault) else cell for cell in row])
        _dress(page, heading_row=1, as_text=[isinstance(cell, str) for cell in rows[1]])
    return packed(book)


Value = str | int | date | None


def streamed(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Value]]]]) -> bytes:
    """A workbook of sheets that may be long, each with its headings and then its rows: written as the rows come. Dates
    are dates; a text is a text, whatever it begins with."""
    book = Workbook(write_only=True)
    for title, (headings, rows) in sheets.items():
        page = book.create_sheet(title)
        page.freeze_panes = "A2"
        for number in range(1, len(headings) + 1):
            page.column_dimensions[get_column_letter(number)].width = 24
        page.append([_heading(page, heading) for heading in headings])
        for row in rows:
            page.append([_value(page, value) for value in row])
    return packed(book)


def _heading(page: Worksheet, words: str) -> Any:
    cell: Any = WriteOnlyCell(page, words)
    cell.font, cell.fill, cell.alignment = _HEADING, _HEADING_FILL, Alignment(wrap_text=True, vertical="top")
    return cell


def _value(page: Worksheet, value: Value) -> Any:
    if value is None or value == "":
        return None
    cell: Any = WriteOnlyCell(page, None)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type, cell.quotePrefix = "s", value.startswith(_OPENS_A_FORMULA)
    elif isinstance(value, date):
        cell.number_format = "dd.mm.yyyy"
    return cell


_OPENS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Where the sheet is saved as text and opened again."""


def _dress(page: Worksheet, heading_row: int, as_text: Sequence[bool]) -> None:
    """Headings that stay in sight, columns wide enough, text columns that keep leading zeros."""
    for number, row in enumerate(page.iter_rows(max_row=heading_row), start=1):
        for box in row:
            hint = number < heading_row
            box.font = _HINT if hint else _HEADING
            box.alignment = Alignment(wrap_text=True, vertical="top")
            if not hint:
                box.fill = _HEADING_FILL
    for number, text in enumerate(as_text, start=1):
        dimension = page.column_dimensions[get_column_letter(number)]
        dimension.width = 24
        if text:
            dimension.number_format = _AS_TEXT
    page.freeze_panes = f"A{heading_row + 1}"


def hints(sheet: Sheet) -> Iterator[Text]:
    """For each column: whether it must be filled, and what may stand in it."""
    for column in sheet.columns:
        words = [*_need(column), *_what(column, sheet)]
        yield Text(*("; ".join(word[language] for word in words) for language, _ in words[0]))


def _need(column: Column) -> Iterator[Text]:
    if column.required:
        yield say("sheets.hint.one_spelling" if column.is_name else "sheets.hint.mandatory")


def _what(column: Column, sheet: Sheet) -> Iterator[Text]:
    shape = column.field.shape
    if column.id in ("case", "iin", "email") and sheet.is_main:
        yield say(f"sheets.hint.{column.id}")
    elif not column.is_fact and (joined := next((p for p in sheet.parts if p.layout.key == column.id), None)):
        yield say("sheets.hint.joins", sheet=joined.title)
    elif shape in ("choice", "choices"):
        yield say_choices(column.field)
    elif shape == "yes":
        yield say("sheets.yes_or_no", yes=say("sheets.yes"), no=say("sheets.no"))
    else:
        yield say(f"sheets.hint.{shape}")
    if shape == "choices":
        yield say("sheets.hint.several")


_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def packed(book: Workbook) -> bytes:
    """The workbook's bytes without the time of writing, so that a changed file has changed content."""
    raw, packed_again = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(packed_again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = _MODIFIED.sub(rb"\g<1>2026-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed_again.getvalue()
