"""Who may issue which kinds, from when to when, by whose accreditation, and with which keys; who signs beside the
institution, and how many of them a document needs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from keys.did import method_id
from schemas.credential import end_of, start_of
from schemas.languages import Text, say

Purpose = Literal["documents", "lists"]
"""What a key of an institution signs: its documents, or its status lists (docs/decisions/0012)."""

Role = Literal[
    "rector",
    "vice_rector",
    "director",
    "deputy_director",
    "dean",
    "head_of_department",
    "registrar",
    "commission_chair",
    "commission_member",
    "commission_secretary",
    "partner",
]
"""The capacities in which somebody signs beside the institution; `partner` is another institution's."""
PARTNER: Role = "partner"
PERSONS: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != PARTNER)
Form = Literal["set", "chain"]
"""How the office asks for a co-signature: over the document, or over the institution's proof too (VC Data Integrity
1.0, sections 2.1.1 and 2.1.2)."""


def role_text(role: Role) -> Text:
    """The role in words."""
    return say(f"role.{role}")


@dataclass(frozen=True, slots=True)
class Accreditation:
    """The right to issue `kinds`, from the first day to the last; both belong to it."""

    kinds: tuple[str, ...]
    body: Text
    number: str
    valid_from: date
    valid_until: date | None
    professions: tuple[str, ...] = ()
    """The codes of the professions to which it is limited; none: it is not."""

    def in_force(self, instant: datetime) -> bool:
        """A day is one in Kazakhstan, to its last second."""
        begun = start_of(self.valid_from) <= instant
        return begun and (self.valid_until is None or instant <= end_of(self.valid_until))

    def covers(self, kind: str, instant: datetime, profession: str | None = None) -> bool:
        """Does it allow issuing `kind` at `instant`, for `profession` where the document is about one?"""
        within = profession is None or not self.professions or profession in self.professions
        return self.in_force(instant) and within and kind in self.kinds


@dataclass(frozen=True, slots=True)
class AccreditationBody:
    """A body that this register knows. Its right to accredit stands in what was signed for it, not here."""

    slug: str
    did: str
    name: Text
    bin: str
    test: bool


@dataclass(frozen=True, slots=True)
class SignedRight:
    """A signed accreditation or mandate, byte for byte, and when the register took it."""

    document: bytes
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Unproven:
    """An accreditation that leads up to no root, and why."""

    claimed: Accreditation
    because: Text
    is_settled: bool
    """False where no root was named, so that nobody can tell."""


class _Timed:
    """With the days that a key was good for."""

    __slots__ = ()
    valid_from: datetime
    retired_at: datetime | None
    compromised_from: datetime | None

    def was_stolen(self, instant: datetime) -> bool:
        """Could somebody else have used it by `instant`?"""
        return self.compromised_from is not None and instant >= self.compromised_from

    def good_at(self, instant: datetime) -> bool:
        """Was the key in use and in its owner's hands alone at `instant`?"""
        if self.was_stolen(instant):
            return False
        return self.valid_from <= instant and (self.retired_at is None or instant < self.retired_at)


@dataclass(frozen=True, slots=True)
class IssuerKey(_Timed):
    """A public key of an institution, with the days it was good for."""

    id: str
    """The verification method: a DID URL."""
    multibase: str
    purposes: tuple[Purpose, ...]
    valid_from: datetime
    retired_at: datetime | None = None
    compromised_from: datetime | None = None

    @property
    def did(self) -> str:
        """Whose it is."""
        return self.id.partition("#")[0]


@dataclass(frozen=True, slots=True)
class ResponsiblePerson(_Timed):
    """A person who answers for documents (Regulation cl. 6), in one capacity, with the key for it.

    The key is the person's own did:key, so that nobody takes it for the institution's. A new key and another capacity
    are rows of their own, of the same `person`.
    """

    person: str
    """A short name in the institution: whoever has two rows is still one person."""
    name: str
    position: Text
    role: Role
    multibase: str
    valid_from: datetime
    retired_at: datetime | None = None
    compromised_from: datetime | None = None

    @property
    def method(self) -> str:
        """The verification method of the person's signatures."""
        return method_id(f"did:key:{self.multibase}", self.multibase)


@dataclass(frozen=True, slots=True)
class SignatureRule:
    """How many signatures of which roles and partners a document needs beside the institution's.

    Each name in `roles` and `partners` is a seat; a role that stands there twice has two. `needed` of the seats must
    have signed. Where several rules cover a document it needs what each of them asks for.
    """

    kind: str
    programme: str | None
    """The code of one programme; None: every document of the kind."""
    needed: int
    roles: tuple[Role, ...]
    partners: tuple[str, ...]
    """DIDs of institutions."""
    form: Form
    valid_from: date
    valid_until: date | None

    @property
    def seats(self) -> int:
        """Of how many."""
        return len(self.roles) + len(self.partners)

    def covers(self, kind: str, programme: str | None, instant: datetime) -> bool:
        """Was it in force at `instant`, the time of the institution's own proof, for such a document?"""
        begun = start_of(self.valid_from) <= instant
        in_force = begun and (self.valid_until is None or instant <= end_of(self.valid_until))
        return in_force and kind == self.kind and self.programme in (None, programme)


@dataclass(frozen=True, slots=True)
class Institution:
    """A registry row: what people are shown of an issuer comes from here, never from a document."""

    slug: str
    did: str
    letters: str
    """Stand first in its registration numbers."""
    organisation: str
    """university, college, recognition_centre or training_provider."""
    name: Text
    bin: str
    country: str
    city: Text
    test: bool
    accreditations: tuple[Accreditation, ...]
    """Those that lead up to a root (`registry.trust.judged`)."""
    keys: tuple[IssuerKey, ...]
    persons: tuple[ResponsiblePerson, ...] = ()
    rules: tuple[SignatureRule, ...] = ()
    address: Text | None = None
    """Street and house."""
    homepage: str | None = None
    rights: tuple[SignedRight, ...] = ()
    """Its accreditations and mandates as they were signed, and what lets their givers give them."""
    unproven: tuple[Unproven, ...] = ()

    @property
    def dids(self) -> frozenset[str]:
        """Its DIDs: one, but for a did:key whose key has been changed. `did` is the one that it was entered under."""
        return frozenset(key.did for key in self.keys)

    def accreditation_for(self, kind: str, instant: datetime, profession: str | None = None) -> Accreditation | None:
        """The accreditation under which it may issue `kind` at `instant`, for `profession` where it is about one."""
        return next((a for a in self.accreditations if a.covers(kind, instant, profession)), None)

    def unproven_for(self, kind: str, instant: datetime, profession: str | None = None) -> Unproven | None:
        """What it says that it may issue under, where that leads up to no root."""
        return next((each for each in self.unproven if each.claimed.covers(kind, instant, profession)), None)

    def key(self, key_id: str) -> IssuerKey | None:
        """Its key of that id, whatever its purpose and age."""
        return next((key for key in self.keys if key.id == key_id), None)

    def current_key(self, purpose: Purpose, now: datetime) -> IssuerKey | None:
        """The key that signs for `purpose` at `now`: the newest that is good."""
        good = (key for key in self.keys if purpose in key.purposes and key.good_at(now))
        return max(good, key=lambda key: key.valid_from, default=None)

    def issuing_did(self, now: datetime) -> str:
        """The DID that its documents name at `now`: another than it was entered under, where that was a did:key whose
        key has been changed."""
        key = self.current_key("documents", now)
        return key.did if key else self.did

    def rules_for(self, kind: str, programme: str | None, instant: datetime) -> tuple[SignatureRule, ...]:
        """What a document that it signs at `instant` needs beside its own signature."""
        return tuple(rule for rule in self.rules if rule.covers(kind, programme, instant))
