"""`tanu annulment`: the case before an annulment and after it. The decision itself is `tanu status annul`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from issuer import annulment
from issuer.ends import notices
from issuer.ends.cases import Case, Taken, state_text, step_text
from issuer.office import Office
from schemas.credential import utc
from schemas.languages import say
from schemas.reading import shown
from tanu.ends import day, session, tell, write
from tanu.session import HomeOption, JsonOption, Session

app = typer.Typer(no_args_is_help=True, help="The case of an annulment: violation, holder's answer, decision, appeal.")

ByOption = Annotated[str, typer.Option("--by", help="Which officer takes the step.")]
TextOption = Annotated[str, typer.Option("--text", help="What was said.")]
MinutesOption = Annotated[str, typer.Option("--minutes", help="The number of the minutes.")]
OnOption = Annotated[str | None, typer.Option("--on", help="YYYY-MM-DD; else today.")]


class _Outcome(StrEnum):
    """How an appeal is decided."""

    upheld = "upheld"
    rejected = "rejected"


@app.command(name="open")
def open_(
    number: str,
    ground: Annotated[str, typer.Option("--ground", help="The violation.")],
    by: ByOption,
    on: OnOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records a violation."""
    _take(session(home, as_json), lambda office: annulment.open_case(office, number, ground, by, day(on, "--on")))


@app.command()
def inform(
    number: str,
    by: ByOption,
    answer_by: Annotated[str | None, typer.Option("--answer-by", help="YYYY-MM-DD; else in ten days.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tells the holder, and until when an answer is awaited."""
    last = day(answer_by, "--answer-by")
    _take(session(home, as_json), lambda office: annulment.inform(office, number, by, last))


@app.command()
def answer(
    number: str,
    text: TextOption,
    by: ByOption,
    on: OnOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records what the holder has answered."""
    _take(session(home, as_json), lambda office: annulment.answer(office, number, text, by, day(on, "--on")))


@app.command()
def close(
    number: str,
    minutes: MinutesOption,
    text: TextOption,
    by: ByOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ends the case without an annulment."""
    _take(session(home, as_json), lambda office: annulment.close(office, number, minutes, text, by))


@app.command()
def appeal(
    number: str,
    text: TextOption,
    by: ByOption,
    on: OnOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records an appeal against the annulment."""
    _take(session(home, as_json), lambda office: annulment.appeal(office, number, text, by, day(on, "--on")))


@app.command()
def outcome(
    number: str,
    found: Annotated[_Outcome, typer.Argument(help="upheld | rejected")],
    minutes: MinutesOption,
    text: TextOption,
    by: ByOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records how the appeal was decided. The document stays annulled: where it was upheld, issue a new one."""
    decided: annulment.Outcome = "upheld" if found is _Outcome.upheld else "rejected"
    _take(session(home, as_json), lambda office: annulment.outcome(office, number, decided, minutes, text, by))


@app.command()
def show(number: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The newest case of a document, step by step."""
    asked = session(home, as_json)
    case = annulment.case_of(asked.desk, number)
    _tell_case(asked, case)
    for taken in () if as_json else case.steps:
        words = {"step": step_text(taken.step), "by": taken.by, "instant": taken.at, "said": _said(taken)}
        tell(asked, say("annulment.taken", **words), None)


def _said(taken: Taken) -> str:
    return "; ".join(f"{key}: {shown(words, 400)}" for key, words in taken.said.items())


@app.command(name="list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every case, newest first."""
    asked = session(home, as_json)
    found = annulment.cases(asked.desk)
    if as_json:
        write([_as_json(case) for case in found])
        return
    for case in found:
        _tell_case(asked, case)
    if not found:
        tell(asked, say("annulment.nothing"), None)


def _take(asked: Session, step: Callable[[Office], Case]) -> None:
    """Takes a step, and sends what the holder is told of it."""
    case = step(asked.desk)
    notices.send(asked.desk)
    _tell_case(asked, case)


def _tell_case(asked: Session, case: Case) -> None:
    told = say("annulment.told", number=case.number, state=state_text(case.state), name=case.name)
    tell(asked, told, _as_json(case))


def _as_json(case: Case) -> dict[str, Any]:
    return {
        "case": case.name,
        "number": case.number,
        "state": case.state,
        "answer_by": case.answer_by and case.answer_by.isoformat(),
        "steps": [{"step": each.step, "at": utc(each.at), "by": each.by, **each.said} for each in case.steps],
    }
