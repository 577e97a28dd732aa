"""Documents whose key came into other hands before the register had them, issued again.

A published document never changes, and nothing that the key signs can be told from what a thief signs with it. So each
that this office has recorded is issued anew, under a new number and with the key that is good now, and replaced by that
(docs/decisions/0022). Run again, it goes on where it stopped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from issuer import status
from issuer.cosign import Waiting
from issuer.ends.store import looking
from issuer.intents import Intent, Order
from issuer.issue import Approval, Issued, Private, approve, issue
from issuer.letters import confirmed
from issuer.office import Office
from issuer.outbox import deliver
from issuer.rotation import Used
from schemas.credential import Credential, stored_credential
from schemas.errors import Refused
from schemas.kinds.supplement import Supplement
from schemas.kinds.supplement_request import renumbered
from schemas.languages import Text, say


@dataclass(frozen=True, slots=True)
class Resigned:
    """What came of one document."""

    number: str
    successor: str | None
    because: Text


def resign(office: Office, lost: Sequence[Used], order: Order, confirmed_by: str | None) -> Iterator[Resigned]:
    """Issues each again and proposes its replacement, which `confirmed_by`, a second person, confirms.

    `order` says by whose authority; what cannot be issued again is told with its reason, and has to be withdrawn.
    """
    numbers: dict[str, str] = {}
    ordered = sorted(lost, key=lambda each: _is_supplement(office, each.code))  # after their certificates
    done = [(each, _again(office, each, numbers)) for each in ordered]
    for each, new in reversed(done):  # before theirs, whose end would end them without a successor
        yield (
            Resigned(each.number, None, new)
            if isinstance(new, Text)
            else _replaced(office, each, new, order, confirmed_by)
        )
    deliver(office)


def _is_supplement(office: Office, code: str) -> bool:
    intent = office.store.intent_coded(code)
    return intent is not None and intent.parent is not None


def _again(office: Office, lost: Used, numbers: dict[str, str]) -> Issued | Waiting | Text:
    """The new document, or why there is none."""
    intent, document = office.store.intent_coded(lost.code), office.store.final(lost.code)
    if intent is None or document is None:
        return say("rotation.not_ours", number=lost.number)
    if lost.state == "suspended":
        return say("rotation.suspended", number=lost.number)
    try:
        approval = _approval(office, intent, stored_credential(document), numbers)
        new = next(iter(issue(office, [approval], deliver)))
    except Refused as refused:
        return refused.because
    numbers[intent.number] = new.intent.number if isinstance(new, Waiting) else new.number
    return new


def _approval(office: Office, intent: Intent, credential: Credential, numbers: dict[str, str]) -> Approval:
    """The same facts; a supplement's certificate by its new number, where it has one."""
    facts, parent = credential.facts, intent.parent
    if isinstance(facts, Supplement) and parent:
        parent = numbers.get(parent, parent)
        facts = renumbered(facts, parent)
    with looking(office.store) as ends:
        email = ends.address(intent.code)
    private = Private(
        first_language=credential.value["firstLanguage"],
        iin=office.store.iin(intent.code),
        email=email,
        as_spelled=frozenset(confirmed(facts)),
    )
    institution, case = office.institution(intent.institution), f"{intent.case} / {intent.number}"
    mandator = office.registry.institution(credential.on_behalf_of[0]) if credential.on_behalf_of else None
    return approve(office, credential.kind, institution, case, facts, private, parent=parent, mandator=mandator)


def _replaced(office: Office, lost: Used, new: Issued | Waiting, order: Order, confirmed_by: str | None) -> Resigned:
    """Proposed where it is not yet, and confirmed where somebody does."""
    if isinstance(new, Waiting):
        return Resigned(lost.number, new.intent.number, say("rotation.waits", number=new.intent.number))
    with looking(office.store) as ends:
        there = ends.open_proposal_of(lost.code)
    try:
        proposal = there or status.propose(office, lost.number, replace(order, successor=new.number))
        if confirmed_by is None:
            return Resigned(lost.number, new.number, say("rotation.proposed", event=proposal.event))
        status.confirm(office, proposal.event, confirmed_by)
    except Refused as refused:
        return Resigned(lost.number, new.number, refused.because)
    return Resigned(lost.number, new.number, say("rotation.replaced"))
