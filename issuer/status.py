"""Suspend, reinstate, revoke, annul, replace: one person proposes, another confirms, and only then is it recorded.

Each has a reason class, the authority, the legal ground, the number of the minutes, and the day from which it holds.
The end of a document ends its supplements in the same transaction. What is recorded is delivered by the outbox.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from issuer.ends import notices
from issuer.ends.cases import OPEN, Case, Step
from issuer.ends.officers import May, NotEntitled, Officer, entitled, person
from issuer.ends.steps import take
from issuer.ends.store import Ends, looking
from issuer.intents import Decided, Intent, Order, Proposal
from issuer.office import Office
from issuer.store import Writing, new_event
from registry.statuses import REASONS, TERMINAL, Act, Change, Reason, check_follows, state_at
from schemas.credential import stored_credential
from schemas.errors import Refused
from schemas.kinds.facts import Facts
from schemas.languages import KAZAKHSTAN, say
from schemas.numbers import read_number
from schemas.reading import shown

REASONS_FOR: Mapping[Act, tuple[Reason, ...]] = MappingProxyType(
    {
        "suspended": REASONS,
        "reinstated": REASONS,
        "revoked": ("error", "key_compromised", "other"),
        "annulled": ("violation", "other"),
        "replaced": ("correction", "error", "key_compromised", "other"),
    }
)
"""A document is withdrawn because it was wrongly made, an award because of a violation (Regulation 9.2)."""


def propose(office: Office, number: str, order: Order, case: Case | None = None) -> Proposal:
    """Stores what somebody enters; nothing of it is public until another person confirms it. An annulment is the
    decision of a `case` (`issuer.annulment`).

    Raises `NotEntitled` for whoever may not enter it, and `Refused`: unknown document, a state that cannot follow, a
    reason of another act, a date in the past for anything but an annulment, or before the day of issue, a successor
    that is not sound, a document for which something is proposed already.
    """
    intent = signed_document(office, number)
    if order.act == "annulled" and case is None:
        raise Refused.saying("annulment.needed", number=intent.number)
    officer = entitled_to(office, intent.institution, order.entered_by, "enter")
    order = _complete(office, intent, replace(order, entered_by=officer.name))
    _check(office, intent, order)
    proposal = Proposal(
        new_event(), intent.code, intent.number, intent.institution, order, office.now(), case.name if case else None
    )
    with office.store.writing() as writing:
        ends = Ends(writing.connection)
        check_follows(writing.history(intent.code), order.act, intent.number)
        if there := ends.open_proposal_of(intent.code):
            raise Refused.saying("ends.already_proposed", number=intent.number, event=there.event)
        ends.propose(proposal)
        _audit(office, writing, "propose", proposal, order.entered_by)
        if case:
            take(office, writing, case, "decide", order.entered_by, event=proposal.event, minutes=order.minutes)
    return proposal


def confirm(office: Office, event: str, by: str) -> Decided:
    """Records what was proposed, and the errands to tell the holder and to publish it; `issuer.outbox.deliver` makes it
    public. Raises `NotEntitled` for whoever may not confirm it, or has entered it, and `Refused` as `propose` does, for
    how things stand now."""
    proposal = open_proposal(office, event)
    second = check_second(office, proposal.number, proposal.order.entered_by, by)
    intent = signed_document(office, proposal.number)
    _check(office, intent, proposal.order)
    decided = _decided(office, proposal, second.name)
    with office.store.writing() as writing:
        if not Ends(writing.connection).close(event, "confirmed", second.name, office.now()):
            raise Refused.saying("ends.no_proposal", event=shown(event))
        check_follows(writing.history(intent.code), decided.change.act, intent.number)
        following = list(_following(office, writing, intent, decided))
        said = notices.of_change(office, intent, decided, [supplement for supplement, _ in following])
        notices.tell(office, writing, intent, event, said)
        for each, its in ((intent, decided), *following):
            _record(office, writing, each, its)
        if (step := _STEPS.get(decided.change.act)) and (case := _open_case(writing, proposal)):
            take(office, writing, case, step, second.name, event=event)
    return decided


_STEPS: Mapping[Act, Step] = MappingProxyType({"annulled": "effect", "suspended": "suspend", "reinstated": "reinstate"})
"""What a change is in the case of its document, where one is open."""


def _open_case(writing: Writing, proposal: Proposal) -> Case | None:
    case = Ends(writing.connection).case_of(proposal.code)
    return case if case and case.state in OPEN else None


def withdraw(office: Office, event: str, by: str, because: str) -> Proposal:
    """Ends a proposal without effect, for a reason; whoever may enter or confirm may do it."""
    proposal = open_proposal(office, event)
    officer = entitled_to(office, proposal.institution, by, "enter", "confirm")
    if not because.strip():
        raise Refused.saying("office.missing_text", field="because")
    with office.store.writing() as writing:
        if not Ends(writing.connection).close(event, "withdrawn", officer.name, office.now(), because.strip()):
            raise Refused.saying("ends.no_proposal", event=shown(event))
        _audit(office, writing, "withdraw_proposal", proposal, officer.name, because=because.strip())
        if proposal.case and (case := _open_case(writing, proposal)):
            take(office, writing, case, "undecide", officer.name, event=event, because=because.strip())
    return proposal


def open_proposal(office: Office, event: str) -> Proposal:
    """What waits under that name; raises `Refused` where nothing does."""
    with looking(office.store) as ends:
        found = ends.open_proposal(event.strip().lower())
    if found is None:
        raise Refused.saying("ends.no_proposal", event=shown(event))
    return found


def signed_document(office: Office, number: str) -> Intent:
    """The intent of a signed document; raises `Refused` when there is none with that number."""
    intent = office.store.intent_numbered(read_number(number))
    if intent is None or intent.state != "final":
        raise Refused.saying("office.no_document", number=number)
    return intent


# Who may


def entitled_to(office: Office, institution: str, name: str, *rights: May) -> Officer:
    """Somebody of the document's own institution, with one of the rights; raises `NotEntitled`."""
    with looking(office.store) as ends:
        people = ends.officers(institution)
    *others, last = rights
    for may in others:
        with suppress(NotEntitled):
            return entitled(people, institution, name, may, office.today())
    return entitled(people, institution, name, last, office.today())


def check_second(office: Office, number: str, entered_by: str, by: str) -> Officer:
    """The second person; raises `NotEntitled` for the same one, and for whoever may not confirm."""
    if person(by) == person(entered_by):
        raise NotEntitled.saying("office.same_person")
    return entitled_to(office, signed_document(office, number).institution, by, "confirm")


# What may be


def _complete(office: Office, intent: Intent, order: Order) -> Order:
    """With the days that it leaves open, as far as they do not depend on when it is confirmed."""
    decided_on = order.decided_on or office.today()
    if order.from_beginning:
        effective_on: date | None = _issued_on(intent)
    else:
        effective_on = order.effective_on or (decided_on if order.act == "annulled" else None)
    successor = read_number(order.successor) if order.successor and order.act == "replaced" else None
    texts = {name: getattr(order, name).strip() for name in ("authority", "basis", "minutes")}
    return replace(order, decided_on=decided_on, effective_on=effective_on, successor=successor, **texts)


def _issued_on(intent: Intent) -> date:
    return intent.created_at.astimezone(KAZAKHSTAN).date()


def _check(office: Office, intent: Intent, order: Order) -> None:
    for field in ("authority", "basis", "minutes"):
        if not getattr(order, field):
            raise Refused.saying("office.missing_text", field=field)
    if order.reason not in REASONS_FOR[order.act]:
        reasons = ", ".join(REASONS_FOR[order.act])
        raise Refused.saying("ends.other_reason", act=say(f"status.act.{order.act}"), reasons=reasons)
    _check_days(office, intent, order)
    _check_successor(office, intent, order)


def _check_days(office: Office, intent: Intent, order: Order) -> None:
    today, issued_on = office.today(), _issued_on(intent)
    effective_on, decided_on = order.effective_on or today, order.decided_on or today
    if order.from_beginning and order.act != "annulled":
        raise Refused.saying("ends.from_beginning")
    if effective_on < today and order.act != "annulled":
        raise Refused.saying("office.past_date")
    if decided_on > today:
        raise Refused.saying("issue.decided_in_future", day=decided_on)
    if min(effective_on, decided_on) < issued_on:
        raise Refused.saying("office.before_issue", day=issued_on)


def _check_successor(office: Office, intent: Intent, order: Order) -> None:
    if not order.successor:
        return  # without a number the page sends its reader to the issuer
    successor = signed_document(office, order.successor)
    same = (successor.kind, successor.institution) == (
        intent.kind,
        intent.institution,
    ) and successor.code != intent.code
    in_force = state_at(office.store.history(successor.code), office.now()) == "valid"
    if not (same and in_force and _same_holder(office, intent.code, successor.code)):
        raise Refused.saying("office.successor_differs", number=successor.number)


def _same_holder(office: Office, code: str, other: str) -> bool:
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


# What is recorded


def _decided(office: Office, proposal: Proposal, confirmed_by: str) -> Decided:
    order = proposal.order
    change = Change(
        act=order.act,
        reason=order.reason,
        authority=order.authority,
        basis=order.basis,
        effective_on=order.effective_on or office.today(),
        recorded_at=office.now(),
        successor=order.successor,
        decided_on=order.decided_on,
        from_beginning=order.from_beginning,
    )
    return Decided(proposal.event, proposal.code, change, order.entered_by, confirmed_by, order.minutes)


def _record(office: Office, writing: Writing, intent: Intent, decided: Decided) -> None:
    private = {"entered_by": decided.entered_by, "confirmed_by": decided.confirmed_by or "", "minutes": decided.minutes}
    writing.audit(office.now(), office.operator, decided.change.act, intent.number, event=decided.event, **private)
    writing.record_change(decided)


def _audit(office: Office, writing: Writing, act: str, proposal: Proposal, by: str, **more: str) -> None:
    what = {"event": proposal.event, "change": proposal.order.act, "by": by}
    writing.audit(office.now(), office.operator, act, proposal.number, **what, **more)


def _following(office: Office, writing: Writing, parent: Intent, decided: Decided) -> Iterator[tuple[Intent, Decided]]:
    """What happens to a certificate happens to its supplements, which are valid only together with it; the successor of
    a certificate is none of theirs."""
    act = decided.change.act
    for supplement in writing.supplements_of(parent.number):
        if _follows(writing, parent, supplement, act):
            begins = max(decided.change.effective_on, _issued_on(supplement))  # before, it had no state
            change = replace(decided.change, successor=None, effective_on=begins)
            yield supplement, replace(decided, code=supplement.code, change=change)
    if act in TERMINAL:
        for waiting in writing.supplements_of(parent.number, "intended"):
            writing.void(waiting, office.now(), f"its certificate {parent.number} is {act}", office.operator)


def _follows(writing: Writing, parent: Intent, supplement: Intent, act: Act) -> bool:
    """Not where it has ended before, or was suspended on its own and not together with its certificate."""
    own = writing.decisions(supplement.code)
    try:
        check_follows([each.change for each in own], act, supplement.number)
    except Refused:
        return False
    return act != "reinstated" or own[-1].event == writing.decisions(parent.code)[-1].event
