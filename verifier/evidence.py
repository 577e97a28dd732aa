"""What the checks look at, gathered from a registry: answers, or the knowledge that there was none.

Under policy `product` nothing is asked about the state of a document before its proof has held (docs/attacks.md D1).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar

from registry.client import Registry
from registry.cosigners import named_partners
from registry.entry import Entry
from registry.issuers import Institution, SignatureRule
from registry.statuses import Change
from schemas.canonical import Digested, Recorded, rdfc
from schemas.credential import Credential
from schemas.errors import Unavailable
from schemas.reading import Json, read_object
from schemas.statuslist import StatusList, read_instant, read_list_document
from verifier.canonizer import Canonizer

T = TypeVar("T")
KEPT_BYTES = 32 * 1024 * 1024
"""Of status lists, between documents."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a source said, or why it said nothing."""

    value: T | None = None
    silence: Unavailable | None = None


NOTHING_ASKED: "Answer[Any]" = Answer()


def ask(question: Callable[[], T | None]) -> Answer[T]:
    """Puts a question; silence is an answer too."""
    try:
        return Answer(question())
    except Unavailable as silence:
        return Answer(silence=silence)


@dataclass(frozen=True, slots=True)
class SignedList:
    """A status list as it was handed over, with its canonical form; its proof is not checked yet."""

    document: dict[str, Json]
    canonical: Digested
    content: StatusList


@dataclass(frozen=True, slots=True)
class Standing:
    """What a registry says of a document's state and registration."""

    entry: Answer[Entry]
    history: Answer[Sequence[Change]]
    parent_history: Answer[Sequence[Change]]
    """Of the document that it supplements; None where the register knows of none."""
    lists: tuple[Answer[bytes], ...]
    """One for each slot of the document, in its order."""


def issuer_of(credential: Credential, registry: Registry) -> Answer[Institution]:
    """The institution that the document names as its issuer."""
    return ask(lambda: registry.institution(credential.issuer_id))


def mandator_of(credential: Credential, registry: Registry) -> Answer[Institution]:
    """The institution on whose behalf the document says that it is issued; nothing is asked where it says nothing."""
    named = credential.on_behalf_of
    return ask(lambda: registry.institution(named[0])) if named else NOTHING_ASKED


def rules_of(credential: Credential, institution: Institution) -> tuple[SignatureRule, ...]:
    """Which signatures the register asked for on the day of the institution's own."""
    signed = read_instant(credential.proof.created)
    return institution.rules_for(credential.kind.name, credential.programme_code, signed)


def partners_of(
    credential: Credential, institution: Institution | None, registry: Registry
) -> Mapping[str, Answer[Institution]]:
    """By the DID of a co-signature: the institutions that the register asks to sign beside the issuer, as far as they
    have signed."""
    named = named_partners(rules_of(credential, institution)) if institution and len(credential.proofs) > 1 else ()
    if not named or institution is None:
        return {}
    signing = {proof.verification_method.partition("#")[0] for proof in credential.proofs[1:]}
    others = sorted(signing - {person.method.partition("#")[0] for person in institution.persons})
    answers = {did: ask(partial(registry.institution, did)) for did in others}
    return {did: each for did, each in answers.items() if did in named or (each.value and each.value.did in named)}


def standing_of(credential: Credential, registry: Registry) -> Standing:
    """State and registration; those of the parent too, which a supplement names itself."""
    entry = ask(lambda: registry.entry(credential.code))
    over = credential.parent_number
    return Standing(
        entry=entry,
        history=ask(lambda: registry.history(credential.code)),
        parent_history=ask(lambda: registry.parent_history(credential.code)) if over else NOTHING_ASKED,
        lists=tuple(_list(registry, slot.list_url) for slot in credential.slots),
    )


def _list(registry: Registry, url: str) -> Answer[bytes]:
    return ask(lambda: registry.status_list(url))


class _Lists:
    """Lists that were read, by their bytes, since one list serves thousands of documents: those asked for last, up to a
    size, for the largest have two million bytes, and a new version with every change."""

    def __init__(self) -> None:
        self._kept: dict[bytes, SignedList] = {}
        self._size = 0
        self._lock = Lock()

    def read(self, data: bytes) -> SignedList:
        with self._lock:
            found = self._kept.pop(data, None)
            if found:
                self._kept[data] = found
                return found
        found = _signed_list(data, lambda unsigned: Recorded(rdfc(unsigned).digest))
        with self._lock:
            self._size += 0 if data in self._kept else _size(data, found)
            self._kept[data] = found
            while self._size > KEPT_BYTES and len(self._kept) > 1:
                oldest = next(iter(self._kept))
                self._size -= _size(oldest, self._kept.pop(oldest))
        return found


def _size(data: bytes, found: SignedList) -> int:
    """The bytes, the text made of them, the bits."""
    return 2 * len(data) + len(found.content.bits)


_LISTS = _Lists()


def read_list(data: bytes) -> SignedList:
    """A signed status list, read. Raises `schemas.errors.Refused` for anything that is no status list."""
    return _LISTS.read(data)


def read_foreign_list(data: bytes, canonizer: Canonizer) -> SignedList:
    """The same for a list that somebody else has made."""
    return _signed_list(data, lambda unsigned: canonizer.stated(unsigned).canonical)


def _signed_list(data: bytes, canonical: Callable[[Json], Digested]) -> SignedList:
    document = read_object(data, max_bytes=6 * 1024 * 1024)
    unsigned = {name: member for name, member in document.items() if name != "proof"}
    return SignedList(document, canonical(unsigned), read_list_document(document))
