"""A file of an office, whole: read, checked, issued, reported. Nothing is issued while a row is wrong, unless the
office says to leave the wrong rows out."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from issuer.cosign import Waiting
from issuer.drafting import Author
from issuer.holder import Links, paper
from issuer.issue import GROUP, Approval, Issued, Private, approve, issue
from issuer.office import Office
from issuer.outbox import deliver
from issuer.sheets import Problem, Reading, Row, read
from issuer.supplements import approve_supplement
from registry.issuers import Institution
from schemas.errors import Refused
from schemas.kinds.facts import Facts
from schemas.kinds.supplement_request import SupplementRequest
from schemas.kinds.table import Kind
from schemas.languages import Text


@dataclass(frozen=True)
class Checked:
    """A file whose every row has been looked at: what may be issued, and what is wrong where."""

    approvals: tuple[Approval, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


@dataclass(frozen=True)
class Handed:
    """One issued document as the report of a batch states it."""

    case: str
    kind: str
    number: str
    code: str
    page: str
    json: Path | None
    pdf: Path | None
    holder_page: str
    again: bool

    def as_json(self) -> dict[str, object]:
        """For machines; paths as text."""
        paths = {"json": str(self.json) if self.json else None, "pdf": str(self.pdf) if self.pdf else None}
        plain = {name: getattr(self, name) for name in ("case", "kind", "number", "code", "page")}
        return {**plain, **paths, "holder_page": self.holder_page, "again": self.again}


def check_file(
    office: Office,
    kind: Kind,
    institution: Institution,
    name: str,
    data: bytes,
    parts: Mapping[str, bytes],
    as_spelled: frozenset[str] = frozenset(),
    mandator: Institution | None = None,
) -> Checked:
    """Reads the file and approves its rows; a row that may not be issued is a problem at its place. `as_spelled` are
    words of names that mix alphabets and that the office has confirmed; `mandator` is in whose name they are issued."""
    reading: Reading = read(name, data, kind, parts, as_spelled)
    approvals: list[Approval] = []
    problems = list(reading.problems)
    for row in reading.rows:
        try:
            approvals.append(_approved(office, kind, Author(institution, mandator), row, as_spelled))
        except Refused as refused:
            problems.append(Problem(row.place, refused.because))
    notes = [*reading.notes, *(Problem(row.place, warning) for row in reading.rows for warning in _warnings(row))]
    return Checked(tuple(approvals), tuple(problems), tuple(notes))


def _approved(office: Office, kind: Kind, author: Author, row: Row, as_spelled: frozenset[str]) -> Approval:
    institution, mandator = author.institution, author.mandator
    private = Private(row.first_language, row.iin, row.email, as_spelled)
    if isinstance(row.facts, SupplementRequest):
        return approve_supplement(office, kind, institution, row.case, row.facts, private, mandator)
    if not isinstance(row.facts, Facts):
        raise TypeError(f"{type(row.facts).__name__} is neither the facts of a kind nor a request")
    return approve(office, kind, institution, row.case, row.facts, private, mandator=mandator)


def _warnings(row: Row) -> Sequence[Text]:
    return row.facts.warnings if isinstance(row.facts, Facts) else ()


def issue_checked(
    office: Office, approvals: Sequence[Approval], out: Path | None, *, pdf: bool, progress: Callable[[], None]
) -> Iterator[Handed | Waiting]:
    """Issues what was approved and writes each document's files; calls `progress` after each. What waits for the
    signatures of others has no files yet: the same row again writes them."""
    done = zip(approvals, issue(office, approvals, deliver), strict=True)
    while group := list(islice(done, GROUP)):
        links = Links(office).holder_urls([issued.code for _, issued in group if isinstance(issued, Issued)])
        for approval, issued in group:
            if isinstance(issued, Waiting):
                yield issued
            else:
                yield _handed(office, approval, issued, links[issued.code], out, pdf=pdf)
            progress()


def _handed(
    office: Office, approval: Approval, issued: Issued, holder_page: str, out: Path | None, *, pdf: bool
) -> Handed:
    json_file = pdf_file = None
    if out is not None:
        json_file = _written(out / f"{issued.number}.json", lambda: issued.document)
        pdf_file = _written(out / f"{issued.number}.pdf", lambda: paper(office, issued.code)) if pdf else None
    return Handed(
        case=issued.case,
        kind=approval.kind.name,
        number=issued.number,
        code=issued.code,
        page=office.page_url(issued.code),
        json=json_file,
        pdf=pdf_file,
        holder_page=holder_page,
        again=issued.again,
    )


def _written(path: Path, content: Callable[[], bytes]) -> Path:
    """Writes a file whole or not at all; one that is there is left."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(path.suffix + ".part")
        scratch.write_bytes(content())
        scratch.rename(path)
    return path


def write_report(out: Path, handed: Sequence[Handed]) -> None:
    """`report.json` and `report.csv`: who got which document. They hold secret links, so only the owner reads them."""
    rows = [each.as_json() for each in handed]
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(rows[0]) if rows else ["case"])
    writer.writeheader()
    writer.writerows({name: _as_text(value) for name, value in row.items()} for row in rows)
    for name, content in (
        ("report.json", json.dumps(rows, ensure_ascii=False, indent=1)),
        ("report.csv", table.getvalue()),
    ):
        path = out / name
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(content, encoding="utf-8-sig" if name.endswith("csv") else "utf-8")


def _as_text(value: object) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
