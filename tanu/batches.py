"""`tanu issue`: a file, what is wrong with it, progress with the time left, and the report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from issuer.batch import Checked, Handed, check_file, issue_checked, write_report
from issuer.cosign import Waiting
from issuer.lint import linted, linted_on_paper
from issuer.office import Office
from issuer.outbox import deliver
from issuer.signing import resume
from schemas.errors import Refused
from schemas.kinds.table import Kind
from tanu import telling
from tanu.cores import second_core
from tanu.session import Session

WRONG_ROWS = 65


@dataclass(frozen=True)
class Order:
    """What the person at the desk asks for."""

    file: Path
    kind: Kind
    institution: str
    out: Path | None
    pdf: bool
    dry_run: bool
    skip_bad: bool
    as_spelled: frozenset[str] = frozenset()
    on_behalf_of: str | None = None


def run(session: Session, order: Order) -> int:
    """Checks the file, issues unless it may not, reports; the exit code."""
    office = session.office
    checked = check(office, order)
    refused = bool(checked.problems) and not order.skip_bad
    if refused or order.dry_run:
        telling.batch(session, checked, (), dry_run=order.dry_run)
        return WRONG_ROWS if refused else 0
    out = order.out or session.home.out / order.file.stem
    handed, waiting = issue_all(session, office, checked, out, pdf=order.pdf)
    write_report(out, handed)
    telling.batch(session, checked, handed, waiting, dry_run=False, out=out)
    return WRONG_ROWS if checked.problems else 0


def check(office: Office, order: Order) -> Checked:
    """Reads the file and the part files beside it; raises `Refused` when it cannot be read."""
    institution = office.institution(order.institution)
    mandator = office.institution(order.on_behalf_of) if order.on_behalf_of else None
    try:
        data = order.file.read_bytes()
        parts = {path.name: path.read_bytes() for path in parts_of(order.file)}
    except OSError as error:
        raise Refused.saying("home.bad_file", path=order.file, problem=error.strerror or "") from None
    return check_file(office, order.kind, institution, order.file.name, data, parts, order.as_spelled, mandator)


def parts_of(file: Path) -> Sequence[Path]:
    """For NAME.csv the files NAME.<sheet>.csv beside it."""
    if file.suffix.lower() != ".csv":
        return ()
    return sorted(path for path in file.parent.glob("*.csv") if path != file and path.name.startswith(f"{file.stem}."))


def issue_all(
    session: Session, office: Office, checked: Checked, out: Path, *, pdf: bool
) -> tuple[list[Handed], list[Waiting]]:
    """Issues with a progress bar on standard error; what an earlier run left is finished first. Beside what is issued:
    what waits for the signatures of others."""
    resume(office)
    deliver(office)
    count = len(checked.approvals)
    with second_core(count) as parallel, _progress(session, count) as advance:
        quick = replace(office, parallel=parallel, linter=linted_on_paper if pdf else linted)
        done = list(issue_checked(quick, checked.approvals, out, pdf=pdf, progress=advance))
    return [each for each in done if isinstance(each, Handed)], [each for each in done if isinstance(each, Waiting)]


@contextmanager
def _progress(session: Session, total: int) -> Iterator["telling.Advance"]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=session.as_json or not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
