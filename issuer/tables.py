"""An office's grids → the tables of a layout: which sheet is which, and under which heading each column stands."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from issuer.grids import Cell, Grid, grids
from issuer.layouts import Column, Sheet, heading_key
from issuer.mending import Findings, Place, Way
from schemas.errors import Refused
from schemas.languages import LANGUAGES, Text, say
from schemas.reading import shown

_LOOK_FOR_HEADINGS = 15
"""Rows in which the headings may stand: offices put a title above them, the template a row of hints."""
_NAME_UNKNOWN = 20
"""Unknown headings of one sheet that are named; a file with more is another file."""


@dataclass(frozen=True)
class Table:
    """A sheet as the office wrote it, its headings understood."""

    sheet: Sheet
    grid: Grid
    head: int
    columns: Mapping[int, Column]

    @cached_property
    def _headings(self) -> Mapping[str, str]:
        row = self.grid.rows[self.head]
        return {column.id: _heading(row[at]) for at, column in self.columns.items()}

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows below the headings that hold anything, with their numbers."""
        for at, row in enumerate(self.grid.rows[self.head + 1 :], start=self.head + 2):
            if any(cell is not None and cell != "" for cell in row):
                yield at, row

    def place(self, row: int, column: Column | None = None) -> Place:
        heading = self._headings.get(column.id, column.id) if column else ""
        return Place(self.grid.name, row, heading)

    def place_of(self, row: int, location: Way) -> Place:
        """The cell that fills the field at `location`, or the first that fills a part of it."""
        written = ".".join(step for step in location if isinstance(step, str))
        inside = [c for c in self.sheet.columns if written and (c.id == written or c.id.startswith(f"{written}."))]
        around = [c for c in self.sheet.columns if c.is_fact and written.startswith(f"{c.id}.")]
        return self.place(row, next((c for c in inside if c.id in self._headings), (*inside, *around, None)[0]))


def tables(
    name: str, data: bytes, parts: Mapping[str, bytes], sheet: Sheet, kind: str, found: Findings
) -> Mapping[str, Table]:
    """The tables of `sheet` and of the sheets below it, by the key of their names."""
    tabular = name.lower().endswith(".csv")
    given = [*_grids(name, data, found)]
    if tabular:
        given += [grid for part, content in parts.items() for grid in _grids(shown(part, 120), content, found)]
    if found.problems:
        return {}
    assigned = _assigned(given, sheet, tabular, found)
    for missing in _missing(sheet, assigned):
        beside = f"{PurePath(name).stem}.{missing.layout.sheet}.csv"
        key = "no_part_file" if tabular else "no_sheet"
        found.refuse(Place(name, 0, ""), say(f"sheets.{key}", sheet=missing.title, kind=kind, file=beside))
    known = {below.layout.sheet: below for below in sheet.walk()}
    read = {key: _table(known[key], grid, kind, found) for key, grid in assigned.items()}
    return {key: table for key, table in read.items() if table}


def _grids(name: str, data: bytes, found: Findings) -> tuple[Grid, ...]:
    try:
        return grids(name, data)
    except Refused as refusal:
        found.refuse(Place(name, 0, ""), refusal.because)
        return ()


# ---------------------------------------------------------------- which sheet is which


def _assigned(given: Sequence[Grid], sheet: Sheet, tabular: bool, found: Findings) -> dict[str, Grid]:
    main = sheet.layout.sheet
    assigned: dict[str, Grid] = {}
    strangers = []
    for at, grid in enumerate(given):
        key = main if tabular and at == 0 else _sheet_named(grid.name, sheet, tabular)
        if key is None:
            strangers.append(grid)
        elif key in assigned:
            found.refuse(Place(grid.name, 0, ""), say("sheets.sheet_twice", sheet=shown(grid.name)))
        else:
            assigned[key] = grid
    strangers = [grid for grid in strangers if _holds_anything(grid)]
    if main not in assigned and strangers:
        assigned[main] = strangers.pop(0)
    for grid in strangers:
        found.note(Place(grid.name, 0, ""), say("sheets.sheet_not_read", sheet=shown(grid.name)))
    return assigned


def _holds_anything(grid: Grid) -> bool:
    return any(cell is not None for row in grid.rows for cell in row)


def _sheet_named(name: str, sheet: Sheet, tabular: bool) -> str | None:
    """A sheet by its title in any language or its technical name; a file as NAME.<sheet>.csv."""
    if tabular:
        name = PurePath(name).name.removesuffix(".csv").rpartition(".")[2]
    for below in sheet.walk():
        if heading_key(name) in {heading_key(below.layout.sheet), *(heading_key(t) for _, t in below.title)}:
            return below.layout.sheet
    return None


def _missing(sheet: Sheet, assigned: Mapping[str, Grid]) -> Iterator[Sheet]:
    if sheet.layout.sheet not in assigned:
        yield sheet
    for part in sheet.parts:
        if part.required or part.layout.sheet in assigned:
            yield from _missing(part, assigned)


# ---------------------------------------------------------------- headings


def _table(sheet: Sheet, grid: Grid, kind: str, found: Findings) -> Table | None:
    known = sheet.headings
    head = _head(grid, sheet)
    if head is None:
        key = "sheets.no_headings" if _holds_anything(grid) else "sheets.no_rows"
        found.refuse(Place(grid.name, 0, ""), say(key, kind=kind))
        return None
    columns: dict[int, Column] = {}
    unknown = 0
    for at, cell in enumerate(grid.rows[head]):
        place = Place(grid.name, head + 1, _heading(cell))
        column = known.get(heading_key(_heading(cell)))
        if column is None:
            unknown += _unknown(at, head, grid, sheet, place, found) if unknown < _NAME_UNKNOWN else 0
        elif column in columns.values():
            found.refuse(place, say("sheets.heading_twice", heading=place.column))
        else:
            columns[at] = column
    _check_complete(sheet, columns, Place(grid.name, head + 1, ""), found)
    return Table(sheet, grid, head, columns)


def _head(grid: Grid, sheet: Sheet) -> int | None:
    """The row with most known headings among the first ones; two at least, where the sheet has two."""
    known = [
        sum(heading_key(_heading(cell)) in sheet.headings for cell in row) for row in grid.rows[:_LOOK_FOR_HEADINGS]
    ]
    best = max(known, default=0)
    return known.index(best) if best >= min(2, len(sheet.columns)) else None


def _heading(cell: Cell) -> str:
    return shown(" ".join(cell.split()), 120) if isinstance(cell, str) else "" if cell is None else str(cell)


def _unknown(at: int, head: int, grid: Grid, sheet: Sheet, place: Place, found: Findings) -> bool:
    """Refuses a heading that is not known, or a column of values without one; empty columns are nothing."""
    if place.column:
        nearest = _nearest(place.column, sheet.columns)
        found.refuse(place, say("sheets.unknown_heading", heading=place.column, nearest=nearest))
        return True
    if any(at < len(row) and row[at] is not None for row in grid.rows[head + 1 :]):
        found.refuse(place, say("sheets.heading_blank", column=_letters(at)))
        return True
    return False


def _nearest(heading: str, columns: Sequence[Column]) -> Text:
    def likeness(column: Column) -> float:
        spellings = (column.id, *(column.heading[language] for language in LANGUAGES))
        typed = heading_key(heading)
        return max(difflib.SequenceMatcher(None, typed, heading_key(s)).ratio() for s in spellings)

    return max(columns, key=likeness).heading


def _letters(at: int) -> str:
    """0 → A, 26 → AA."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def _check_complete(sheet: Sheet, columns: Mapping[int, Column], place: Place, found: Findings) -> None:
    """Every mandatory column is there; of a name, one spelling at least."""
    present = {column.id for column in columns.values()}
    named = {column.path[:-1] for column in columns.values() if column.is_name}
    for column in sheet.columns:
        if column.required and column.id not in present and column.path[:-1] not in named:
            found.refuse(place, say("sheets.heading_missing", heading=column.heading))
            if column.is_name:
                named.add(column.path[:-1])
