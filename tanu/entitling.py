"""Commands about who may issue: `tanu accredit`, `tanu keys`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tanu import accrediting, rotating
from tanu.session import HomeOption, JsonOption, Session


def add_commands(app: typer.Typer) -> None:
    """Adds them to `app`."""
    app.command()(accredit)
    app.add_typer(rotating.app, name="keys")


def accredit(
    institution: Annotated[
        str | None, typer.Argument(help="A short name; or a .json of /api/issuers/{did} of another register.")
    ] = None,
    body: Annotated[
        str | None, typer.Option(help="Who accredits: the short name of a body whose key is in this home.")
    ] = None,
    number: Annotated[str | None, typer.Option(help="The certificate's number.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="What may be issued; may be repeated.")] = None,
    profession: Annotated[list[str] | None, typer.Option(help="Only for these codes of professions.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first day; else today.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day; else there is no end.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the certificate here.")] = None,
    enter: Annotated[Path | None, typer.Option(help="Take a certificate that was signed elsewhere.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accredits an institution; again with the same number, sets the last day of that certificate."""
    session = Session.begun(home, as_json)
    if enter is not None:
        accrediting.enter(session, enter)
    elif institution and body and number:
        days = _day(first, "--from"), _day(until, "--until")
        asked = accrediting.Order(institution, body, number, tuple(kind or ()), tuple(profession or ()), *days, out)
        accrediting.accredit(session, asked)
    else:
        raise typer.BadParameter("INSTITUTION --body --number | --enter")


def _day(spelled: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(spelled) if spelled else None
    except ValueError:
        raise typer.BadParameter("YYYY-MM-DD", param_hint=option) from None
