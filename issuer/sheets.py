"""An office's file → rows that can be decided and signed, or the places that must be mended first.

.xlsx, .csv and .json lead to the same rows. The kind's own model reads each row, so what is refused when a document
is checked is refused here as well, but beside the sheet, row and heading that the office sees (docs/attacks.md
E12).
What a file needs stands in `issuer.layouts`; whether nothing or the good rows are issued, the caller decides.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

from issuer.cells import Value, written
from issuer.grids import Cell
from issuer.layouts import Column, Sheet, model_of, sheet_of
from issuer.mending import (
    REFUSED,
    Entry,
    Findings,
    Flooded,
    Place,
    Problem,
    Refusal,
    Way,
    missing,
    read_cell,
    validated,
)
from issuer.records import records
from issuer.tables import Table, tables
from issuer.workbooks import template
from schemas.kinds.facts import Node
from schemas.kinds.table import Kind
from schemas.languages import Language, Text, say
from schemas.numbers import iin_birth_date, is_iin
from schemas.reading import shown

__all__ = ["Place", "Problem", "Reading", "Row", "read", "template"]


@dataclass(frozen=True)
class Row:
    """One document to be: the facts that it will state, and what only the office knows of its holder."""

    case: str
    iin: str | None
    email: str | None
    first_language: Language
    facts: Node
    place: Place


@dataclass(frozen=True)
class Reading:
    """What a file holds: rows that are good, problems that refuse a row or the file, notes that only tell."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def read(
    name: str,
    data: bytes,
    kind: Kind,
    parts: Mapping[str, bytes] = {},
    as_spelled: frozenset[str] = frozenset(),
) -> Reading:
    """The rows of an office's file for documents of `kind`.

    `parts` are the files beside a .csv, by name: NAME.<sheet>.csv. `as_spelled` are words of names that mix alphabets
    and that the office has confirmed. No input raises; what cannot be read is a problem.
    """
    found = Findings(as_spelled=as_spelled)
    rows: tuple[Row, ...] = ()
    name = shown(PurePath(name).name, 120)
    try:
        rows = _rows(_drafts(name, data, kind, parts, found), found)
    except Flooded as flood:
        found.problems[-1] = Problem(Place(name, 0, ""), flood.because)
    if not rows and not found.problems:
        found.refuse(Place(name, 0, ""), say("sheets.no_rows"))
    return Reading(rows, tuple(found.problems), tuple(found.notes))


def _rows(drafts: Iterable["_Draft"], found: Findings) -> tuple[Row, ...]:
    cases: dict[str, int] = {}
    return tuple(row for draft in drafts if (row := _row(draft, cases, found)))


class _Draft(Protocol):
    """A row as read from a table or a record: its facts, None where they were refused, and the office's cells."""

    number: int
    node: Node | None
    office: dict[str, Cell]

    def place_of(self, way: Way) -> Place: ...


def _drafts(name: str, data: bytes, kind: Kind, parts: Mapping[str, bytes], found: Findings) -> Iterator[_Draft]:
    sheet = sheet_of(kind.name, model_of(kind))
    if name.lower().endswith(".json"):
        yield from records(name, data, sheet.model, found)
        return
    given = tables(name, data, parts, sheet, kind.name, found)
    if not found.problems:
        yield from _lines(sheet, given, found)


# ---------------------------------------------------------------- tables that are joined


class _Line:
    """One row of a table on its way to the model: cells, then what other sheets add, then the node."""

    def __init__(self, table: Table, number: int, found: Findings) -> None:
        self.number = number
        self.node: Node | None = None
        self.office: dict[str, Cell] = {}
        """Cells that hold one value, by technical heading: what joins the sheets is among them."""
        self._table = table
        self._found = found
        self._data: dict[str, Any] = {}
        self._refused: list[Way] = []
        self._joined: dict[str, tuple[_Part, list[_Line]]] = {}
        """By the name of a field that another sheet fills: that sheet, and the rows of it that belong here."""

    def place_of(self, way: Way) -> Place:
        """The cell that fills the field, in the sheet below too; of a whole sheet below, the cell that joins it."""
        if not way or way[0] not in self._joined:
            return self._table.place_of(self.number, way)
        part, rows = self._joined[str(way[0])]
        if part.sheet.many and len(way) > 1 and isinstance(way[1], int) and way[1] < len(rows):
            return rows[way[1]].place_of(way[2:])
        return self._table.place(self.number, part.sheet.key_column)

    def read(self, cells: Sequence[Cell]) -> None:
        for at, column in self._table.columns.items():
            self._read(column, cells[at] if at < len(cells) else None)

    def _read(self, column: Column, cell: Cell) -> None:
        place = self._table.place(self.number, column)
        if column.id == "iin":
            self.office["iin"] = cell
            return
        entry = Entry(column.field, column.heading, column.language, column.is_name)
        given = read_cell(entry, cell, place, self._found)
        if given is None and column.required and not column.is_fact:
            self._found.refuse(place, missing(column.heading, [column.field]))
            given = REFUSED
        if isinstance(given, Refusal):
            self._refused.append(column.path)
        elif given is not None:
            self._fill(column, given)

    def _fill(self, column: Column, given: Value) -> None:
        if not isinstance(given, list):
            self.office[column.id] = given
        if column.is_fact:
            inner = self._data
            for name in column.path[:-1]:
                inner = inner.setdefault(name, {})
            inner[column.path[-1]] = given

    def join(self, part: "_Part") -> None:
        """Adds what `part` says under this row's key."""
        layout = part.sheet.layout
        key = self.office.get(layout.key)
        rows = part.by_key.get(str(key), [])
        self._joined |= dict.fromkeys(layout.fills, (part, rows))
        if key is None:  # the empty cell is named already, where it must not be empty
            self._refused += [(name,) for name in layout.fills if part.sheet.required]
        elif wrong := next((row for row in rows if row.node is None), None):
            self._refuse(part, say("sheets.rests_on_wrong", sheet=part.name, row=wrong.number))
        elif part.sheet.many:
            if rows or part.sheet.required:
                self._data[layout.fills[0]] = [row.node for row in rows]
        elif rows:
            self._take(part.sheet, rows[0].node)
        else:
            self._refuse(part, say("sheets.no_such_row", sheet=part.sheet.title, code=shown(str(key))))

    def _take(self, sheet: Sheet, node: Node | None) -> None:
        if len(sheet.layout.fills) == 1:
            self._data[sheet.layout.fills[0]] = node
        else:
            self._data |= {name: given for name in sheet.layout.fills if (given := getattr(node, name)) is not None}

    def _refuse(self, part: "_Part", because: Text) -> None:
        self._found.refuse(self._table.place(self.number, part.sheet.key_column), because)
        self._refused += [(name,) for name in part.sheet.layout.fills]

    def finish(self) -> None:
        """Asks the model, and lets go of what it was asked with."""
        data, self._data = self._data, {}
        self.node = validated(self._table.sheet.model, data, self._refused, self.place_of, self._found)


class _Part:
    """The rows of a part sheet by the key that joins them to the sheet above."""

    def __init__(self, sheet: Sheet, name: str, rows: Sequence[_Line], found: Findings) -> None:
        self.sheet = sheet
        self.name = name
        self.by_key: dict[str, list[_Line]] = {}
        for row in rows:
            if (key := row.office.get(sheet.layout.key)) is not None:
                self.by_key.setdefault(str(key), []).append(row)
        for key, same in self.by_key.items():
            self._refuse_repeated(key, same, found)

    def _refuse_repeated(self, key: str, same: Sequence[_Line], found: Findings) -> None:
        first: dict[object, int] = {}
        for row in same:
            what: object = row.node if self.sheet.many else key
            if what is not None and first.setdefault(what, row.number) != row.number:
                sentence = "sheets.item_twice" if self.sheet.many else "sheets.row_twice"
                found.refuse(row.place_of(()), say(sentence, code=shown(key), row=first[what]))
                row.node = None

    def refuse_orphans(self, above: Sheet, rows: Sequence[_Line], found: Findings) -> None:
        """Rows of a list that belong to nothing: a mistyped key would silently shorten somebody's annex."""
        known = {str(row.office.get(self.sheet.layout.key)) for row in rows}
        for key, own in self.by_key.items():
            for row in own if self.sheet.many and key not in known else ():
                place = row.place_of(self.sheet.key_column.path)
                found.refuse(place, say("sheets.belongs_to_none", code=shown(key), sheet=above.title))


def _lines(sheet: Sheet, given: Mapping[str, Table], found: Findings) -> list[_Line]:
    """The rows of `sheet`; first the sheets below it, so that a cause is named before what rests on it."""
    table = given.get(sheet.layout.sheet)
    if table is None:
        return []
    parts = [_part(part, given, found) for part in sheet.parts]
    lines = [_line(table, number, cells, parts, found) for number, cells in table.rows()]
    for part in parts:
        part.refuse_orphans(sheet, lines, found)
    return lines


def _part(sheet: Sheet, given: Mapping[str, Table], found: Findings) -> _Part:
    table = given.get(sheet.layout.sheet)
    return _Part(sheet, table.grid.name if table else "", _lines(sheet, given, found), found)


def _line(table: Table, number: int, cells: Sequence[Cell], parts: Sequence[_Part], found: Findings) -> _Line:
    line = _Line(table, number, found)
    line.read(cells)
    for part in parts:
        line.join(part)
    line.finish()
    return line


# ---------------------------------------------------------------- what only the office knows


def _row(draft: _Draft, cases: dict[str, int], found: Findings) -> Row | None:
    """The row, once case, IIN and address are as they must be."""
    before = len(found.problems)
    case = str(draft.office.get("case", ""))
    if case and cases.setdefault(case, draft.number) != draft.number:
        found.refuse(draft.place_of(("case",)), say("sheets.case_twice", case=shown(case), row=cases[case]))
    iin = _iin(draft, found)
    email = _email(draft, found)
    if draft.node is None or not case or len(found.problems) > before:
        return None
    language: Any = draft.office.get("first_language", "kk")
    return Row(case, iin, email, language, draft.node, draft.place_of(()))


def _iin(draft: _Draft, found: Findings) -> str | None:
    cell = draft.office.get("iin")
    typed = "".join(written(cell).split()) if cell is not None else ""
    if not typed:
        return None
    place = draft.place_of(("iin",))
    if len(typed) < 12 and (not isinstance(cell, str) or is_iin(typed.zfill(12))):
        found.refuse(place, say("sheets.iin_zeros", value=shown(typed)))
    elif not is_iin(typed):
        found.refuse(place, say("sheets.iin_wrong"))
    else:
        _check_birth(draft, typed, found)
    return typed


def _check_birth(draft: _Draft, iin: str, found: Findings) -> None:
    born, stated = iin_birth_date(iin), getattr(draft.node, "birth_date", None)
    if born and stated and born != stated:
        found.refuse(draft.place_of(("birth_date",)), say("sheets.iin_birth", birth=stated, iin=born))


def _email(draft: _Draft, found: Findings) -> str | None:
    email = draft.office.get("email")
    if email is None:
        return None
    if not re.fullmatch(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]+\.[^\s@<>\"',;.]{2,}", str(email)):
        found.refuse(draft.place_of(("email",)), say("sheets.email_wrong", value=shown(str(email))))
    return str(email)
