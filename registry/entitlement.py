"""May an institution issue, in its own name or on behalf of another? The office asks before it signs, the verifier of
whoever hands the document in.

Pure: (institutions as the register has them, an instant) → the right, or what is lacking. A mandate lends what its
giver has: the giver has to be accredited, the mandate in force, and nobody passes on what was lent
(docs/decisions/0023).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.issuers import Accreditation, Institution, SignedRight
from registry.trust import read, signed_with
from schemas.kinds.table import MANDATE
from schemas.languages import Text, joined, say
from schemas.reading import shown
from schemas.rights import Right, Terms


@dataclass(frozen=True, slots=True)
class Behalf:
    """In whose name an institution issues; without the number by any mandate that there is."""

    mandator: Institution
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be issued."""

    kind: str
    profession: str | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """By which accreditation: the institution's own, or its mandator's together with a mandate."""

    accreditation: Accreditation
    behalf: Behalf | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why not, where more is to be said than that."""

    because: Text | None = None
    is_settled: bool = True
    """False where nobody can tell."""


def entitlement(
    institution: Institution, behalf: Behalf | None, wanted: Wanted, instant: datetime
) -> Entitlement | Lacking:
    """The right to issue what is wanted at `instant`."""
    holder = behalf.mandator if behalf else institution
    found = _accredited(holder, wanted, instant)
    if behalf is None or isinstance(found, Lacking):
        return found if behalf is None or isinstance(found, Entitlement) else _of_mandator(holder, found)
    mandate = mandate_for(institution, behalf, wanted.kind, instant)
    if mandate is None:
        named = {"number": shown(behalf.number or "–", 60), "name": behalf.mandator.name, "by": institution.name}
        return Lacking(say("mandate.none", **named))
    return Entitlement(found.accreditation, Behalf(behalf.mandator, mandate.number))


def _accredited(institution: Institution, wanted: Wanted, instant: datetime) -> Entitlement | Lacking:
    if right := institution.accreditation_for(wanted.kind, instant, wanted.profession):
        return Entitlement(right)
    if institution.accreditation_for(wanted.kind, instant):
        return Lacking(say("rights.not_its_profession", code=shown(wanted.profession or "", 60)))
    unproven = institution.unproven_for(wanted.kind, instant, wanted.profession)
    return Lacking(unproven.because, unproven.is_settled) if unproven else Lacking()


def _of_mandator(mandator: Institution, lacking: Lacking) -> Lacking:
    lead = say("mandate.not_accredited", name=mandator.name)
    return Lacking(joined(lead, lacking.because) if lacking.because else lead, lacking.is_settled)


def mandate_for(institution: Institution, behalf: Behalf, kind: str, instant: datetime) -> Terms | None:
    """The mandate under which an institution issues `kind` at `instant` in the name of another."""
    newest: dict[str, Right] = {}
    for right in sorted(given(institution, behalf.mandator), key=lambda right: right.version):
        newest[right.terms.number] = right
    terms = (each.terms for each in newest.values() if behalf.number in (None, each.terms.number))
    return next((each for each in terms if kind in each.kinds and each.in_force(instant)), None)


def mandates(institution: Institution, others: Iterable[Institution]) -> list[tuple[Institution, Terms]]:
    """Who lets the institution issue in its name, and by which terms: the newest version of each mandate."""
    found: dict[tuple[str, str], tuple[Institution, Terms]] = {}
    for mandator in others if any(_is_mandate(each) for each in institution.rights) else ():
        for right in sorted(given(institution, mandator), key=lambda right: right.version):
            found[mandator.did, right.terms.number] = mandator, right.terms
    return list(found.values())


def _is_mandate(signed: SignedRight) -> bool:
    right = read(signed.document)
    return right is not None and right.terms.kind is MANDATE


def may_issue(institution: Institution, others: Sequence[Institution], now: datetime) -> bool:
    """Is there anything that it may issue at `now`, in its own name or in another's?"""
    lent = ((mandator, terms) for mandator, terms in mandates(institution, others) if terms.in_force(now))
    return any(right.in_force(now) for right in institution.accreditations) or any(
        mandator.accreditation_for(kind, now) for mandator, terms in lent for kind in terms.kinds
    )


def given(institution: Institution, mandator: Institution) -> Iterator[Right]:
    """Every version of the mandates that `mandator` has signed for the institution."""
    read_ones = ((read(each.document), each) for each in institution.rights)
    mandates = ((right, each) for right, each in read_ones if right and right.terms.kind is MANDATE)
    for right, each in mandates:
        if _is_between(right, institution, mandator) and is_signed_by(right, each.entered_at, mandator):
            yield right


def _is_between(right: Right, institution: Institution, mandator: Institution) -> bool:
    of_test = right.is_test and not (institution.test and mandator.test)
    mine = right.holder.did in institution.dids and right.holder.bin == institution.bin
    theirs = right.giver.did in mandator.dids and right.giver.bin == mandator.bin
    return mine and theirs and not of_test


def is_signed_by(right: Right, entered_at: datetime, mandator: Institution) -> bool:
    """By a key for documents that was the mandator's own alone, when it signed and when the register took it."""
    key = mandator.key(right.proof.verification_method)
    if key is None or key.did != right.giver.did or "documents" not in key.purposes:
        return False
    good = key.good_at(right.signed_at) and not key.was_stolen(entered_at)
    return good and signed_with(right, key.multibase)
