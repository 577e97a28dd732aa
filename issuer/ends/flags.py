"""Flags the decisions of recognition commissions that rest on a document which has ended (QR-15).

What a decision rests on is noted when it is published: registration numbers, codes in links to our own pages, digests
of files. When a document ends, the decisions that name it are flagged for their commission; nothing of them changes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from issuer import status
from issuer.ends.store import Ends, Flag, looking
from issuer.intents import Decided
from issuer.office import Office
from issuer.store import Writing
from registry.entry import Entry
from registry.statuses import TERMINAL
from schemas.credential import stored_credential
from schemas.errors import Refused
from schemas.kinds.decision import RecognitionDecision
from schemas.numbers import read_code, read_number

KIND = "LearningRecognitionDecision"


def note(office: Office, entries: Iterable[Entry]) -> None:
    """Notes what decisions among these documents rest on; one that rests on what has ended is flagged at once."""
    cited = {entry.code: list(_cited(office, entry.code)) for entry in entries if entry.kind == KIND}
    if not cited:
        return
    with office.store.writing() as writing:
        for code, names in cited.items():
            Ends(writing.connection).cite(code, names)
            for ended in _ended(office, writing, names):
                _flag(office, writing, code, ended)


def raise_for(office: Office, decided: Decided) -> None:
    """Flags what rests on a document that has ended."""
    if decided.change.act not in TERMINAL:
        return
    with looking(office.store) as ends:
        resting = ends.citing(_names(office, decided.code))
    if not resting:
        return  # one that is published from now on is flagged then
    with office.store.writing() as writing:
        for code in resting:
            _flag(office, writing, code, decided)


def _flag(office: Office, writing: Writing, code: str, decided: Decided) -> None:
    cited, decision = office.store.intent_coded(decided.code), office.store.intent_coded(code)
    if cited is None or decision is None:
        raise LookupError(f"{code} rests on {decided.code}, and one of them is not recorded")
    act, now = decided.change.act, office.now()
    if Ends(writing.connection).flag(code, decided.event, cited.number, act, now):
        about = {"rests_on": cited.number, "change": act, "event": decided.event}
        writing.audit(now, office.operator, "flag", decision.number, **about)


def _cited(office: Office, code: str) -> Iterator[str]:
    """Whatever a decision names as its evidence, as far as it can be a document of ours."""
    data = office.store.final(code)
    facts = stored_credential(data).facts if data else None
    for document in facts.evidence_documents if isinstance(facts, RecognitionDecision) else ():
        yield from _readable(read_number, document.document_number)
        if document.document_link:
            address = str(document.document_link)
            ours = re.fullmatch(rf"{re.escape(office.public_url)}/c/([0-9A-Za-z-]+)/?", address)
            yield from _readable(read_code, ours[1] if ours else "")
        if document.document_digest:
            yield document.document_digest


def _readable(read: Callable[[str], str], typed: str) -> Iterator[str]:
    with suppress(Refused):
        yield read(typed)


def _names(office: Office, code: str) -> Iterator[str]:
    """By what a decision can name a document."""
    intent, data = office.store.intent_coded(code), office.store.final(code)
    if intent and data:
        yield from (intent.number, intent.code, hashlib.sha256(data).hexdigest())


def _ended(office: Office, writing: Writing, cited: Sequence[str]) -> Iterator[Decided]:
    """The ends of the documents that are named so; of a digest the file is not known any more."""
    for name in cited:
        intent = office.store.intent_numbered(name) or office.store.intent_coded(name)
        decisions = writing.decisions(intent.code) if intent else ()
        yield from (decided for decided in decisions if decided.change.act in TERMINAL)


def review(office: Office, number: str, by: str, minutes: str, conclusion: str) -> Sequence[Flag]:
    """Records what the commission has found, for every open flag of its decision; raises `Refused` where it has none,
    and `NotEntitled` for whoever is no officer of the institution that decided."""
    intent = status.signed_document(office, number)
    officer = status.entitled_to(office, intent.institution, by, "enter")
    for field, text in (("minutes", minutes), ("conclusion", conclusion)):
        if not text.strip():
            raise Refused.saying("office.missing_text", field=field)
    with office.store.writing() as writing:
        ends = Ends(writing.connection)
        found = [flag for flag in ends.flags(waiting=True) if flag.code == intent.code]
        if not found:
            raise Refused.saying("flags.none", number=intent.number)
        for flag in found:
            ends.review(flag, officer.name, minutes.strip(), conclusion.strip(), office.now())
            about = {"rests_on": flag.cited, "event": flag.event, "by": officer.name, "minutes": minutes.strip()}
            writing.audit(office.now(), office.operator, "flag_reviewed", intent.number, **about)
    return found


def flagged(office: Office, *, waiting: bool) -> Sequence[Flag]:
    """The flagged decisions."""
    with looking(office.store) as ends:
        return ends.flags(waiting=waiting)
