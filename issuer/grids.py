"""An office's file → grids of cells: .xlsx, .csv, with limits. What the cells mean, `issuer.sheets` says.

The spreadsheet library allocates rows × columns at once, and aborts the process where a file of two kilobytes
claims a cell XFD1048576. So every part is walked first, and the library sees walked parts only
(docs/attacks.md E12).
"""

import csv
import enum
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from schemas.errors import Malformed
from schemas.reading import shown

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
"""The parts of a workbook that are read, unpacked."""
MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000
"""Rows × columns of one sheet."""


class Fault(enum.Enum):
    """A cell without a value of its own."""

    UNCOMPUTED = "a formula whose result was never saved"
    ERROR = "a formula that ended in an error, such as #REF!"


Cell: TypeAlias = str | int | float | bool | date | Fault | None


@dataclass(frozen=True)
class Grid:
    """One sheet; `rows[0]` is the row that the office sees as number 1."""

    name: str
    rows: Sequence[Sequence[Cell]]


def grids(name: str, data: bytes) -> tuple[Grid, ...]:
    """The sheets of a file, told by its name and its first bytes; raises `Malformed` with one sentence."""
    if not data.strip():
        raise Malformed.saying("sheets.empty_file")
    if len(data) > MAX_BYTES:
        raise Malformed.saying("sheets.file_too_large", limit=MAX_BYTES // 1024 // 1024)
    if name.lower().endswith(".xlsx"):
        return tuple(_workbook(data))
    if name.lower().endswith(".csv"):
        return (Grid(name, tuple(_csv_rows(data))),)
    raise Malformed.saying("sheets.file_kind")


# ---------------------------------------------------------------- CSV


def _csv_rows(data: bytes) -> Iterator[tuple[Cell, ...]]:
    text = _utf8(data)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            _check_size(number, len(row))
            yield tuple(cell or None for cell in row)
    except csv.Error:
        raise Malformed.saying("sheets.csv_broken", row=number + 1) from None


def _utf8(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Malformed.saying("sheets.csv_is_workbook")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed.saying("sheets.csv_not_utf8") from None
    if "\x00" in text:
        raise Malformed.saying("sheets.csv_not_utf8")
    return text


def _delimiter(text: str) -> str:
    """Excel in Kazakhstan writes semicolons: whichever stands more often in the first line outside quotes."""
    first = re.sub(r'"[^"]*"?', "", text[:10_000].lstrip().split("\n", 1)[0])
    return max(",;", key=first.count)


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise Malformed.saying("sheets.too_many_rows", limit=MAX_ROWS)
    if columns > MAX_COLUMNS:
        raise Malformed.saying("sheets.too_many_columns", limit=MAX_COLUMNS)
    if rows * columns > MAX_CELLS:
        raise Malformed.saying("sheets.too_many_cells", limit=MAX_CELLS)


# ---------------------------------------------------------------- workbooks

_PARTS = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/styles\.xml|xl/sharedstrings\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    struct.error,
)


def _workbook(data: bytes) -> Iterator[Grid]:
    parts = _unpack(data)
    walks = {path.lower(): _Walk(content) for path, content in parts.items()}
    places = _sheet_places(walks)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_stored(parts)))
        for name in book.sheet_names:
            if walk := walks.get(places.get(name, "")):
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                yield Grid(shown(name), _with_faults(rows, walk.faults))
    except (CalamineError, OverflowError):
        raise Malformed.saying("sheets.workbook_damaged") from None


def _unpack(data: bytes) -> dict[str, bytes]:
    """The parts that are read: sizes as declared first, then not a byte more than declared."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Malformed.saying("sheets.workbook_encrypted")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = {info.filename: info for info in archive.infolist() if _PARTS.fullmatch(info.filename)}
            if sum(info.file_size for info in wanted.values()) > MAX_UNPACKED:
                raise Malformed.saying("sheets.workbook_bomb", limit=MAX_UNPACKED // 1024 // 1024)
            if any(info.flag_bits & 1 for info in wanted.values()):
                raise Malformed.saying("sheets.workbook_encrypted")
            return {path: archive.read(info) for path, info in wanted.items()}
    except Malformed:
        raise
    except _DAMAGED:
        raise Malformed.saying("sheets.not_a_workbook") from None


def _stored(parts: Mapping[str, bytes]) -> bytes:
    """The walked parts as a new archive: nothing else reaches the library."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return packed.getvalue()


def _sheet_places(walks: Mapping[str, "_Walk"]) -> dict[str, str]:
    """A sheet's name → the path of its part, in lower case."""
    try:
        book, links = walks["xl/workbook.xml"], walks["xl/_rels/workbook.xml.rels"]
    except KeyError:
        raise Malformed.saying("sheets.not_a_workbook") from None
    targets = {link.get("Id"): link.get("Target", "").lower() for link in links.seen["Relationship"]}
    paths = {sheet.get("name", ""): targets.get(_link(sheet), "") for sheet in book.seen["sheet"]}
    return {name: path[1:] if path.startswith("/") else f"xl/{path}" for name, path in paths.items()}


def _link(sheet: Mapping[str, str]) -> str | None:
    return next((value for name, value in sheet.items() if name.endswith(":id")), None)


class _Walk:
    """One pass over an XML part: every cell within the limits and in its row, no document type.

    `faults` are the cells (row, column, from 0) without a value; `seen` is what links names to sheets.
    """

    def __init__(self, content: bytes) -> None:
        self.faults: dict[tuple[int, int], Fault] = {}
        self.seen: dict[str, list[dict[str, str]]] = {"sheet": [], "Relationship": []}
        self._row = self._column = self._width = 0
        self._formula = self._value = self._in_value = False
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _no_doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise Malformed.saying("sheets.workbook_damaged") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "row":
            self._start_row(attributes.get("r"))
        elif tag == "v":
            self._in_value = True
        elif tag == "f":
            self._formula = True
        elif tag in self.seen:
            self.seen[tag].append(attributes)

    def _start_row(self, number: str | None) -> None:
        row = _whole(number) if number is not None else self._row + 1
        if row <= self._row:
            raise Malformed.saying("sheets.workbook_damaged")
        self._row, self._column = row, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        column, row = self._column + 1, self._row
        if "r" in attributes:
            column, row = _reference(attributes["r"])
        if row != self._row or row == 0:
            raise Malformed.saying("sheets.workbook_damaged")
        self._column, self._width = column, max(self._width, column)
        _check_size(row, self._width)
        self._formula = self._value = False
        if attributes.get("t") == "e":
            self.faults[row - 1, column - 1] = Fault.ERROR

    def _text(self, text: str) -> None:
        self._value = self._value or (self._in_value and not text.isspace())

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "v":
            self._in_value = False
        elif tag == "c" and self._formula and not self._value:
            self.faults[self._row - 1, self._column - 1] = Fault.UNCOMPUTED


def _no_doctype(*_: object) -> NoReturn:
    raise Malformed.saying("sheets.workbook_damaged")


def _whole(digits: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,6}", digits):
        raise Malformed.saying("sheets.workbook_damaged")
    return int(digits)


def _reference(reference: str) -> tuple[int, int]:
    """B7 → (2, 7)."""
    match = re.fullmatch("([A-Z]{1,3})([0-9]+)", reference)
    if not match:
        raise Malformed.saying("sheets.workbook_damaged")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return column, _whole(match[2])


def _with_faults(rows: Sequence[Sequence[object]], faults: Mapping[tuple[int, int], Fault]) -> list[list[Cell]]:
    grid = [[_cell(value) for value in row] for row in rows]
    for (row, column), fault in faults.items():
        if row < len(grid) and column < len(grid[row]):
            grid[row][column] = fault
    return grid


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str | int | float | date):
        return value if value != "" else None
    return str(value)
