"""`tanu numbers` and `tanu clock`: what the record says of itself."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from issuer.numbers.store import Series, account
from issuer.office import Office
from schemas.credential import utc
from schemas.errors import Refused
from schemas.languages import Text, say
from tanu.session import Session

HomeOption = Annotated[Path | None, typer.Option("--home", help="The installation's folder (else TANU_HOME).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
UNEXPLAINED = 1


def numbers(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every number that was taken: how many are documents, what waits, and each gap with its reason.

    Exit: 0 all are accounted for, 1 of one nothing is recorded.
    """
    session = Session.begun(home, as_json)
    every = account(session.desk.store)
    if as_json:
        sys.stdout.write(json.dumps([asdict(series) for series in every], ensure_ascii=False, indent=1) + "\n")
    else:
        _print(session, (line for series in every for line in _lines(series)))
    raise typer.Exit(UNEXPLAINED if any(series.missing for series in every) else 0)


def _lines(series: Series) -> Iterator[Text]:
    plain = {name: value for name, value in asdict(series).items() if isinstance(value, int | str)}
    yield say("record.series", **plain, void=len(series.gaps))
    yield from (say("record.gap", number=gap.number, reason=gap.reason) for gap in series.gaps)
    yield from (say("record.missing", serial=f"{serial:06}") for serial in series.missing)


def clock(
    accept: Annotated[
        str | None, typer.Option(help="The clock is right now and was wrong before, for this reason; recorded.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Is the machine's clock behind the newest signature? Then nothing is issued."""
    session = Session.begun(home, as_json)
    if accept is not None:
        _accept(session.desk, accept)
    _tell_clock(session, session.desk)


def _accept(office: Office, reason: str) -> None:
    if not reason.strip():
        raise Refused.saying("office.missing_text", field="accept")
    with office.store.writing() as writing:
        writing.audit(office.now(), office.operator, "clock", utc(office.now()), reason=reason.strip())


def _tell_clock(session: Session, office: Office) -> None:
    """Exits as issuing would."""
    office.check_clock(office.store)
    newest = office.store.newest_signature()
    if session.as_json:
        told = {"now": utc(office.now()), "newest_signature": utc(newest) if newest else None}
        sys.stdout.write(json.dumps(told) + "\n")
    elif newest:
        _print(session, [say("clock.right", now=office.now(), newest=newest)])
    else:
        _print(session, [say("clock.unused", now=office.now())])


def _print(session: Session, lines: Iterator[Text] | list[Text]) -> None:
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(line[session.language])
