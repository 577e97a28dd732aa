"""`tanu status`: one person proposes the end or the pause of a document, another confirms it."""

import json
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from issuer import annulment, status
from issuer.ends.store import Notice, looking
from issuer.intents import Decided, Order, Proposal
from issuer.outbox import deliver
from registry.statuses import REASONS, Act, Reason
from schemas.credential import utc
from schemas.languages import Text, say
from tanu.session import HomeOption, JsonOption, Session, language_of
from tanu.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Suspend, reinstate, revoke, annul or replace a document: propose, then confirm."
)


class _Reason(StrEnum):
    """The reason classes on the command line."""

    error = "error"
    violation = "violation"
    key_compromised = "key_compromised"
    correction = "correction"
    other = "other"


EventArgument = Annotated[str, typer.Argument(help="What the proposal is called.")]
ReasonOption = Annotated[_Reason, typer.Option("--reason", help=" | ".join(REASONS))]
AuthorityOption = Annotated[str, typer.Option("--authority", help="Who decided.")]
BasisOption = Annotated[str, typer.Option("--basis", help="The legal ground.")]
MinutesOption = Annotated[str, typer.Option("--minutes", help="The number of the minutes or of the order.")]
ByOption = Annotated[str, typer.Option("--by", help="Who enters it.")]
ConfirmedOption = Annotated[
    str | None,
    typer.Option("--confirmed-by", help="A second person at the same desk: proposes and confirms in one go."),
]
DecidedOption = Annotated[str | None, typer.Option("--decided", help="YYYY-MM-DD, of the decision; else today.")]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective", help="YYYY-MM-DD; else the day of confirmation, of an annulment that of the decision."),
]
BeginningOption = Annotated[bool, typer.Option("--from-beginning", help="For annul: the document never had effect.")]
SuccessorOption = Annotated[str | None, typer.Option("--successor", help="For replace: the new document's number.")]


def session(home: Path | None, as_json: bool) -> Session:
    """What a command of these works with."""
    return Session(Settings.read(os.environ, home), language_of(os.environ), as_json)


def _status_command(verb: str, act: Act, help_text: str) -> None:
    def command(
        number: str,
        reason: ReasonOption,
        authority: AuthorityOption,
        basis: BasisOption,
        minutes: MinutesOption,
        by: ByOption,
        confirmed_by: ConfirmedOption = None,
        decided: DecidedOption = None,
        effective: EffectiveOption = None,
        from_beginning: BeginningOption = False,
        successor: SuccessorOption = None,
        home: HomeOption = None,
        as_json: JsonOption = False,
    ) -> None:
        order = Order(
            *(act, _reason(reason), authority, basis, minutes, by),
            decided_on=day(decided, "--decided"),
            effective_on=day(effective, "--effective"),
            from_beginning=from_beginning,
            successor=successor,
        )
        _propose(session(home, as_json), number, order, confirmed_by)

    app.command(name=verb, help=help_text)(command)


def _reason(reason: _Reason) -> Reason:
    return next(each for each in REASONS if each == reason.value)


def day(spelled: str | None, option: str) -> date | None:
    """The day of an option."""
    try:
        return date.fromisoformat(spelled) if spelled else None
    except ValueError:
        raise typer.BadParameter("YYYY-MM-DD", param_hint=option) from None


def _propose(session: Session, number: str, order: Order, confirmed_by: str | None) -> None:
    if confirmed_by:
        status.check_second(session.office, number, order.entered_by, confirmed_by)  # before anything is stored
    propose = annulment.decide if order.act == "annulled" else status.propose
    proposal = propose(session.office if confirmed_by else session.desk, number, order)
    if confirmed_by:
        _confirm(session, proposal.event, confirmed_by)
    else:
        told = say("ends.proposed", number=proposal.number, act=_act(proposal), event=proposal.event)
        tell(session, told, _as_json(proposal))


@app.command()
def confirm(
    event: EventArgument,
    by: Annotated[str, typer.Option("--by", help="Who confirms it: another person than the one who entered it.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Confirms what another person has proposed: the holder is told, the change is published."""
    _confirm(session(home, as_json), event, by)


def _confirm(session: Session, event: str, by: str) -> None:
    number = status.open_proposal(session.desk, event).number
    decided = status.confirm(session.office, event, by)
    deliver(session.office)
    told = say("cli.changed", number=number, act=decided.change.act_text, when=decided.change.when)
    tell(session, told, _changed(number, decided))


def _changed(number: str, decided: Decided) -> dict[str, Any]:
    change = decided.change
    return {
        "number": number,
        "event": decided.event,
        "act": change.act,
        "reason": change.reason,
        "decided_on": change.decided_on and change.decided_on.isoformat(),
        "effective_on": change.effective_on.isoformat(),
        "from_beginning": change.from_beginning,
    }


@app.command()
def withdraw(
    event: EventArgument,
    by: Annotated[str, typer.Option("--by", help="Who withdraws it.")],
    because: Annotated[str, typer.Option("--because", help="Why.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ends a proposal without effect."""
    asked = session(home, as_json)
    proposal = status.withdraw(asked.desk, event, by, because)
    tell(asked, say("ends.withdrawn", number=proposal.number), _as_json(proposal))


@app.command()
def proposed(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What waits for a second person."""
    asked = session(home, as_json)
    with looking(asked.desk.store) as ends:
        waiting = ends.open_proposals()
    if asked.as_json:
        write([_as_json(proposal) for proposal in waiting])
        return
    for proposal in waiting:
        order = proposal.order
        when = order.effective_on or say("ends.on_confirmation")
        who = {"by": order.entered_by, "instant": proposal.proposed_at, "event": proposal.event}
        told = say("ends.waits", number=proposal.number, act=_act(proposal), when=when, **who)
        tell(asked, told, None)
    if not waiting:
        tell(asked, say("ends.nothing_waits"), None)


def _act(proposal: Proposal) -> Text:
    return say(f"status.act.{proposal.order.act}")


def _as_json(proposal: Proposal) -> dict[str, Any]:
    order = proposal.order
    plain = {name: getattr(order, name) for name in ("act", "reason", "authority", "basis", "minutes", "entered_by")}
    return {
        "event": proposal.event,
        "number": proposal.number,
        **plain,
        "decided_on": order.decided_on and order.decided_on.isoformat(),
        "effective_on": order.effective_on and order.effective_on.isoformat(),
        "from_beginning": order.from_beginning,
        "successor": order.successor,
        "case": proposal.case,
        "proposed_at": utc(proposal.proposed_at),
    }


def told(session: Session, *, every: bool) -> None:
    """`tanu notices`."""
    with looking(session.desk.store) as ends:
        found = ends.notices(waiting=not every)
    if session.as_json:
        write([_notice_json(notice) for notice in found])
        return
    for notice in found:
        plain = {"number": notice.number, "name": notice.letter.name, "instant": notice.done_at or notice.created_at}
        if notice.way:
            tell(session, say(f"notices.{notice.way}", **plain), None)
        else:
            again = {"tries": notice.tries, "problem": notice.problem or "–", "next": notice.next_try_at}
            tell(session, say("notices.waits", **plain, **again), None)
    if not found:
        tell(session, say("notices.nothing"), None)


def _notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "name": notice.letter.name,
        "number": notice.number,
        "about": notice.about,
        "address": notice.letter.address,
        "created_at": utc(notice.created_at),
        "way": notice.way,
        "done_at": notice.done_at and utc(notice.done_at),
        "tries": notice.tries,
        "problem": notice.problem,
        "next_try_at": notice.next_try_at and utc(notice.next_try_at),
    }


def tell(session: Session, told: Text, value: Any) -> None:
    """One answer: a sentence for a person, or JSON."""
    if session.as_json:
        write(value)
    else:
        console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        console.print(told[session.language])


def write(value: Any) -> None:
    """JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


_VERBS: tuple[tuple[str, Act, str], ...] = (
    ("suspend", "suspended", "Puts a document on hold."),
    ("reinstate", "reinstated", "Ends a suspension."),
    ("revoke", "revoked", "Withdraws a document that was wrongly made."),
    ("annul", "annulled", "Withdraws the award by decision after a violation (Regulation 9.2)."),
    ("replace", "replaced", "Points to the corrected document (--successor)."),
)
for _verb, _act_of_it, _help in _VERBS:
    _status_command(_verb, _act_of_it, _help)
