"""`tanu withhold`: what the office keeps of a document, and what the public is shown of it."""

from pathlib import Path
from typing import Annotated

import typer

from issuer import withholding
from issuer.outbox import deliver
from tanu import telling
from tanu.session import Session

HomeOption = Annotated[Path | None, typer.Option("--home", help="The installation's folder (else TANU_HOME).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
ByOption = Annotated[str, typer.Option("--by", help="Who enters it.")]


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
