"""Who may issue which kinds, from when to when, by whose accreditation, and with which keys."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from schemas.credential import end_of, start_of
from schemas.languages import Text

Purpose = Literal["documents", "lists"]
"""What a key of an institution signs: its documents, or its status lists (docs/decisions/0012)."""


@dataclass(frozen=True, slots=True)
class Accreditation:
    """The right to issue `kinds`, from the first day to the last; both belong to it."""

    kinds: tuple[str, ...]
    body: Text
    number: str
    valid_from: date
    valid_until: date | None

    def covers(self, kind: str, instant: datetime) -> bool:
        """Does it allow issuing `kind` at `instant`? A day is one in Kazakhstan, to its last second."""
        begun = start_of(self.valid_from) <= instant
        return kind in self.kinds and begun and (self.valid_until is None or instant <= end_of(self.valid_until))


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key of an institution, with the days it was good for."""

    id: str
    """The verification method: a DID URL."""
    multibase: str
    purposes: tuple[Purpose, ...]
    valid_from: datetime
    retired_at: datetime | None = None
    compromised_from: datetime | None = None

    def good_at(self, instant: datetime) -> bool:
        """Was the key in use and in its owner's hands alone at `instant`?"""
        if self.compromised_from is not None and instant >= self.compromised_from:
            return False
        return self.valid_from <= instant and (self.retired_at is None or instant < self.retired_at)


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
    keys: tuple[IssuerKey, ...]

    def accreditation_for(self, kind: str, instant: datetime) -> Accreditation | None:
        """The accreditation under which it may issue `kind` at `instant`."""
        return next((a for a in self.accreditations if a.covers(kind, instant)), None)

    def key(self, key_id: str) -> IssuerKey | None:
        """Its key of that id, whatever its purpose and age."""
        return next((key for key in self.keys if key.id == key_id), None)

    def current_key(self, purpose: Purpose, now: datetime) -> IssuerKey | None:
        """The key that signs for `purpose` at `now`."""
        return next((k for k in self.keys if purpose in k.purposes and k.good_at(now)), None)
