"""Who of an institution may enter the end of a document, and who may confirm it (docs/attacks.md C13).

People are known by their names, as the institution's file has them; whoever runs a command stands in the audit beside.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from schemas.errors import Refused
from schemas.reading import shown

May = Literal["enter", "confirm"]
ALL: tuple[May, ...] = get_args(May)


class NotEntitled(Refused):
    """Somebody who may not do this for this institution, or not alone."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One person of an institution's office, from the first day to the last."""

    name: str
    may: tuple[May, ...]
    valid_from: date
    valid_until: date | None = None

    @property
    def person(self) -> str:
        return person(self.name)

    def in_office(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def person(name: str) -> str:
    """What makes two spellings one person: neither case, nor spaces, nor the way in which a letter is composed."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf")


def entitled(people: Sequence[Officer], institution: str, name: str, may: May, day: date) -> Officer:
    """The officer of that name; raises `NotEntitled` for whoever is none, no longer one, or has no right to this."""
    able = [officer for officer in people if may in officer.may and officer.in_office(day)]
    found = next((officer for officer in able if officer.person == person(name)), None)
    if found is None:
        known = ", ".join(officer.name for officer in able) or "–"
        raise NotEntitled.saying(f"ends.may_not_{may}", name=shown(name), slug=institution, people=known)
    return found
