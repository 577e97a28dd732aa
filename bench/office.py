"""A real home with the specimen institutions, and certification lists of any length for its university."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from issuer.grids import Cell, grids
from issuer.issue import Approval
from issuer.layouts import heading_key, model_of, sheet_of
from issuer.office import Office
from issuer.workbooks import workbook
from schemas.kinds.table import KINDS
from tanu import batches, demonstration
from tanu.session import Session
from tanu.settings import Settings

KIND = KINDS["MicroCredentialCertificate"]
UNIVERSITY = "specimen-university"
SHIPPED = demonstration.SHIPPED / "certification-list.xlsx"


@dataclass(frozen=True)
class Workplace:
    """A folder with a home in it, keys in encrypted files, as `tanu demo` makes it."""

    folder: Path
    office: Office

    @classmethod
    def opened(cls, folder: Path) -> Self:
        """The specimen institutions are there, no documents yet."""
        return cls(folder, demonstration.prepare(Session(Settings.read({}, folder / "home"), "en")))

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def certification_list(self, name: str, rows: int) -> Path:
        """A certification list of `rows` holders, written to a file; its cases are named after the file."""
        path = self.folder / f"{name}.xlsx"
        path.write_bytes(workbook(dict(_sheets(name, rows))))
        return path

    def approvals(self, name: str, rows: int) -> Sequence[Approval]:
        """The same, read and approved."""
        file = self.certification_list(name, rows)
        order = batches.Order(file, KIND, UNIVERSITY, None, pdf=False, dry_run=False, skip_bad=False)
        return batches.check(self.office, order).approvals


def _sheets(name: str, rows: int) -> Mapping[str, Sequence[Sequence[Cell]]]:
    """The shipped list's sheets, the holders multiplied."""
    first, *others = grids(SHIPPED.name, SHIPPED.read_bytes())
    return {first.name: _multiplied(first.rows, name, rows), **{grid.name: grid.rows for grid in others}}


def _multiplied(table: Sequence[Sequence[Cell]], name: str, rows: int) -> list[list[Cell]]:
    """`rows` different holders: the family names of one, the given names of another, the course of a third."""
    headings, *listed = table
    columns = sheet_of(KIND.name, model_of(KIND)).headings
    ids = [columns[heading_key(str(heading))].id for heading in headings]
    names = [at for at, column in enumerate(ids) if column.startswith(("family_name", "given_name"))]
    people = [row for row in listed if all(row[at] for at in names)]  # a name is whole in each language that it has
    made = []
    for at in range(rows):
        given = people[(at // len(people) + at) % len(people)]
        row = [
            second if column.startswith("given_name") else first
            for column, first, second in zip(ids, people[at % len(people)], given, strict=True)
        ]
        row[ids.index("case")], row[ids.index("iin")] = f"{name}-{at + 1:05}", None
        made.append(row)
    return [list(headings), *made]
