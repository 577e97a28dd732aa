"""Commands about who may issue: `tanu accredit`, `tanu mandate`, `tanu keys`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tanu import accrediting, rotating
from tanu.session import HomeOption, JsonOption, Session


def add_commands(app: typer.Typer) -> None:
    """Adds them to `app`."""
    app.command()(accredit)
    app.command()(mandate)
    app.add_typer(rotating.app, name="keys")


HolderArgument = Annotated[
    str | None, typer.Argument(metavar="INSTITUTION", help="A short name; or a .json of /api/issuers/{did} elsewhere.")
]
NumberOption = Annotated[str | None, typer.Option(help="Its number.")]
KindsOption = Annotated[list[str] | None, typer.Option("--kind", help="What may be issued; may be repeated.")]
FirstOption = Annotated[str | None, typer.Option("--from", help="The first day; else today.")]
UntilOption = Annotated[str | None, typer.Option(help="The last day; else there is no end.")]
OutOption = Annotated[Path | None, typer.Option(help="Write what was signed here.")]
EnterOption = Annotated[Path | None, typer.Option(help="Take what was signed elsewhere.")]


def accredit(
    institution: HolderArgument = None,
    body: Annotated[
        str | None, typer.Option(help="Who accredits: the short name of a body whose key is in this home.")
    ] = None,
    number: NumberOption = None,
    kinds: KindsOption = None,
    profession: Annotated[list[str] | None, typer.Option(help="Only for these codes of professions.")] = None,
    first: FirstOption = None,
    until: UntilOption = None,
    out: OutOption = None,
    enter: EnterOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accredits an institution; again with the same number, sets the last day of that certificate."""
    session = Session.begun(home, as_json)
    if enter is not None:
        accrediting.enter(session, enter)
    elif institution and body and number:
        days = _day(first, "--from"), _day(until, "--until")
        order = accrediting.Order(institution, body, number, tuple(kinds or ()), tuple(profession or ()), *days, out)
        accrediting.accredit(session, order)
    else:
        raise typer.BadParameter("INSTITUTION --body --number | --enter")


def mandate(
    institution: HolderArgument = None,
    by: Annotated[
        str | None, typer.Option("--by", help="In whose name it may issue: the short name of an institution here.")
    ] = None,
    number: NumberOption = None,
    kinds: KindsOption = None,
    first: FirstOption = None,
    until: UntilOption = None,
    out: OutOption = None,
    enter: EnterOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lets an institution issue on behalf of another; again with the same number, sets the last day of that mandate."""
    session = Session.begun(home, as_json)
    if enter is not None:
        accrediting.enter(session, enter)
    elif institution and by and number:
        days = _day(first, "--from"), _day(until, "--until")
        order = accrediting.Order(institution, by, number, tuple(kinds or ()), (), *days, out)
        accrediting.mandate(session, order)
    else:
        raise typer.BadParameter("INSTITUTION --by --number | --enter")


def _day(spelled: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(spelled) if spelled else None
    except ValueError:
        raise typer.BadParameter("YYYY-MM-DD", param_hint=option) from None
