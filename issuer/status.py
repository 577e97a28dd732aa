"""Suspend, reinstate, revoke, annul, replace: each with a reason class, the authority, the basis, the effective date.

The end of a document ends its supplements in the same transaction. What is recorded is delivered by the outbox.
"""

from dataclasses import dataclass
from datetime import date

from issuer.intents import Decided, Intent
from issuer.office import Office
from issuer.store import Writing, new_event
from registry.statuses import Act, Change, Reason, check_follows, state_at
from schemas.credential import stored_credential
from schemas.errors import Refused
from schemas.kinds.facts import Facts
from schemas.languages import KAZAKHSTAN
from schemas.numbers import read_number


@dataclass(frozen=True, slots=True)
class Order:
    """What an authority has decided about a document."""

    act: Act
    reason: Reason
    authority: str
    basis: str
    entered_by: str
    confirmed_by: str | None = None
    effective_on: date | None = None
    """None: today."""
    successor: str | None = None


def change(office: Office, number: str, order: Order) -> Decided:
    """Records the change and the errand to publish it; `issuer.outbox.deliver` makes it public.

    Raises `Refused`: unknown document, a state that cannot follow, the same person twice, a date in the past for
    anything but an annulment, or before the day of issue, a successor that is not sound.
    """
    intent = signed_document(office, number)
    effective_on = order.effective_on or office.today()
    _check(office, intent, order, effective_on)
    decided = _decided(office, intent.code, order, effective_on)
    with office.store.writing() as writing:
        check_follows(writing.history(intent.code), order.act, intent.number)
        _write(office, writing, intent, decided)
        if order.act != "replaced":
            _follow(office, writing, intent, decided)
    return decided


def signed_document(office: Office, number: str) -> Intent:
    """The intent of a signed document; raises `Refused` when there is none with that number."""
    intent = office.store.intent_numbered(read_number(number))
    if intent is None or intent.state != "final":
        raise Refused.saying("office.no_document", number=number)
    return intent


def _check(office: Office, intent: Intent, order: Order, effective_on: date) -> None:
    for field in ("authority", "basis", "entered_by"):
        if not getattr(order, field).strip():
            raise Refused.saying("office.missing_text", field=field)
    if order.confirmed_by is not None and order.confirmed_by.strip().casefold() == order.entered_by.strip().casefold():
        raise Refused.saying("office.same_person")
    if effective_on < office.today() and order.act != "annulled":
        raise Refused.saying("office.past_date")
    issued_on = intent.created_at.astimezone(KAZAKHSTAN).date()
    if effective_on < issued_on:
        raise Refused.saying("office.before_issue", day=issued_on)
    _check_successor(office, intent, order)


def _check_successor(office: Office, intent: Intent, order: Order) -> None:
    if order.act != "replaced" or not order.successor:
        return  # without a number the page sends its reader to the issuer
    successor = signed_document(office, order.successor)
    same = (successor.kind, successor.institution) == (
        intent.kind,
        intent.institution,
    ) and successor.code != intent.code
    in_force = state_at(office.store.history(successor.code), office.now()) == "valid"
    if not (same and in_force and _same_person(office, intent.code, successor.code)):
        raise Refused.saying("office.successor_differs", number=successor.number)


def _same_person(office: Office, code: str, other: str) -> bool:
    """By their IINs where the office knows both; else a name must have stayed, since a correction may be of one."""
    iins = office.store.iin(code), office.store.iin(other)
    if all(iins):
        return iins[0] == iins[1]
    first, second = _facts(office, code), _facts(office, other)
    return first.family_name == second.family_name or first.given_name == second.given_name


def _facts(office: Office, code: str) -> Facts:
    document = office.store.final(code)
    if document is None:
        raise Refused.saying("office.no_document", number=code)
    return stored_credential(document).facts


def _decided(office: Office, code: str, order: Order, effective_on: date) -> Decided:
    change = Change(
        act=order.act,
        reason=order.reason,
        authority=order.authority.strip(),
        basis=order.basis.strip(),
        effective_on=effective_on,
        recorded_at=office.now(),
        successor=read_number(order.successor) if order.successor and order.act == "replaced" else None,
    )
    return Decided(new_event(), code, change, order.entered_by, order.confirmed_by)


def _write(office: Office, writing: Writing, intent: Intent, decided: Decided) -> None:
    by = {"entered_by": decided.entered_by, "confirmed_by": decided.confirmed_by or ""}
    writing.audit(office.now(), office.operator, decided.change.act, intent.number, event=decided.event, **by)
    writing.record_change(decided)


def _follow(office: Office, writing: Writing, parent: Intent, decided: Decided) -> None:
    """A supplement is valid only together with its parent (docs/journey.md, station 8)."""
    for supplement in writing.supplements_of(parent.number):
        try:
            check_follows(writing.history(supplement.code), decided.change.act, supplement.number)
        except Refused:
            continue  # it has ended before, on its own
        own = Decided(decided.event, supplement.code, decided.change, decided.entered_by, decided.confirmed_by)
        _write(office, writing, supplement, own)
