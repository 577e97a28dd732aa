"""docs/formats-input.md lists the sheets and columns that the reader knows, and no others.

After a change of the model: `python tests/issuer/test_formats_input.py` writes the tables again.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from issuer import grids
from issuer.layouts import Sheet, model_of, sheet_of
from issuer.workbooks import hints
from schemas.kinds.table import KINDS, Kind
from tanu.demo import FILES

DOCS = Path(__file__).parents[2] / "docs" / "formats-input.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->"


def tables() -> str:
    return "\n".join(line for kind in KINDS.values() for line in _kind(kind)) + "\n"


def _kind(kind: Kind) -> Iterator[str]:
    shipped = ", ".join(f"`tanu/demo/{name}`" for name, (own, _) in FILES.items() if own == kind.name)
    yield from (f"\n## {kind.name}", "", f"{kind.title.en}. Pattern: `tanu template {kind.name}`; filled: {shipped}.")
    for sheet in sheet_of(kind.name, model_of(kind)).walk():
        yield from _sheet(sheet)


def _sheet(sheet: Sheet) -> Iterator[str]:
    title = " · ".join(text for _, text in sheet.title)
    joined = "one row a document" if sheet.is_main else f"joined by `{sheet.layout.key}`"
    presence = "" if sheet.required else ", may be absent"
    yield from (f"\n### `{sheet.layout.sheet}`: {title}", "", f"{joined[0].upper()}{joined[1:]}{presence}.", "")
    yield from ("| Қазақша | Русский | English | id | what to write |", "|---|---|---|---|---|")
    for column, hint in zip(sheet.columns, hints(sheet), strict=True):
        yield f"| {' | '.join(text for _, text in column.heading)} | `{column.id}` | {hint.en} |"


def test_the_documentation_lists_every_sheet_and_column() -> None:
    written = DOCS.read_text("utf-8")
    between = written.partition(BEGIN)[2].partition(END)[0]
    assert between == tables(), "run python tests/issuer/test_formats_input.py"


def test_the_documentation_states_the_limits() -> None:
    written = DOCS.read_text("utf-8")
    limits = (f"{grids.MAX_BYTES >> 20} MB", f"{grids.MAX_ROWS:,} rows", f"{grids.MAX_COLUMNS} columns")
    for limit in (*limits, f"{grids.MAX_CELLS:,} cells", f"{grids.MAX_UNPACKED >> 20} MB"):
        assert limit in written


def test_the_titles_of_sheets_fit_a_workbook() -> None:
    for kind in KINDS.values():
        for sheet in sheet_of(kind.name, model_of(kind)).walk():
            assert all(len(text) <= 31 and not re.search(r"[\[\]:*?/\\]", text) for _, text in sheet.title)


if __name__ == "__main__":
    before, _, rest = DOCS.read_text("utf-8").partition(BEGIN)
    DOCS.write_text(before + BEGIN + tables() + END + rest.partition(END)[2], "utf-8")
