"""`tanu register print`, `tanu hand-over`, `tanu withhold`: what the office keeps beside the documents."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from issuer import withholding
from issuer.documents.book import render
from issuer.outbox import deliver
from issuer.register.book import Book, opened
from issuer.register.handing import hand_over as record
from issuer.register.sheets import workbook
from issuer.register.store import FORMS, Form
from schemas.errors import Refused
from schemas.languages import Language, say
from tanu import telling
from tanu.ends import day, tell
from tanu.session import Session

app = typer.Typer(no_args_is_help=True, help="The institution's own register, for its office.")

HomeOption = Annotated[Path | None, typer.Option("--home", help="The installation's folder (else TANU_HOME).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
ByOption = Annotated[str, typer.Option("--by", help="Who enters it.")]


class _Form(StrEnum):
    """The forms on the command line."""

    paper = "paper"
    electronic = "electronic"


def hand_over(
    number: str,
    to: Annotated[str, typer.Option("--to", help="Who received it: the holder, or whom the holder has sent.")],
    form: Annotated[_Form, typer.Option("--form", help=" | ".join(FORMS))],
    by: ByOption,
    on: Annotated[str | None, typer.Option("--on", help="YYYY-MM-DD; else today.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records that a document was handed over, once it is in the register; each time is a line of its own."""
    session = Session.begun(home, as_json)
    given = record(session.desk, number, to, day(on, "--on") or session.desk.today(), _form(form), by)
    words = {"on": given.on, "to": given.to, "form": say(f"register.form.{given.form}")}
    spelled = number.strip().upper()
    plain = {"number": spelled, "on": given.on.isoformat(), "to": given.to, "form": given.form, "by": given.by}
    tell(session, say("register.handed_over", number=spelled, **words), plain)


def _form(form: _Form) -> Form:
    return next(each for each in FORMS if each == form.value)


_WRITERS: Mapping[str, Callable[[Book, Language], bytes]] = {".pdf": render, ".xlsx": workbook}


@app.command(name="print")
def print_(
    institution: Annotated[str, typer.Option(help="The institution's short name.")],
    year: Annotated[int, typer.Option(min=1900, max=9999, help="The year in the registration numbers.")],
    output: Annotated[
        Path | None, typer.Option(help="A .pdf or an .xlsx; else both, named after institution and year.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prints the register of a year: each number with its holder, its decision, its handing over and its end."""
    session = Session.begun(home, as_json)
    paths = [output] if output else [Path(f"register-{institution}-{year}{ending}") for ending in _WRITERS]
    for path in paths:
        if path.suffix.lower() not in _WRITERS:
            raise Refused.saying("register.bad_output", path=path)
    with opened(session.desk, institution, year) as book:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_WRITERS[path.suffix.lower()](book, session.language))
        told = say("register.printed", count=book.count, paths=", ".join(map(str, paths)))
        plain = {"institution": institution, "year": year, "lines": book.count, "files": [str(path) for path in paths]}
        tell(session, told, plain)


def withhold(
    number: str,
    basis: Annotated[str, typer.Option("--basis", help="The holder's request: its number and date.")],
    by: ByOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """At the holder's request the public is shown state, number and issuer alone; the register keeps the document."""
    session = Session.begun(home, as_json)
    found = withholding.withhold(session.desk, number, basis, by)
    deliver(session.office)
    telling.withheld(session, found.number)
