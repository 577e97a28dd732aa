"""The book of an institution and a year: a line for each number that was given, issued or not (MC-15).

It has names and what only the office knows, so it is printed at the desk and served at no address. Who prints it stands
in the audit.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from issuer.intents import Decided
from issuer.office import Office
from issuer.register.store import HandOver, Numbers, Row
from registry.issuers import Institution
from registry.statuses import State, changes_at, state_at
from schemas.errors import Refused
from schemas.kinds.table import KINDS, Kind
from schemas.languages import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Line:
    """One number. Name and title are in the first language of the document."""

    number: str
    holder: str = ""
    title: str = ""
    decision_number: str | None = None
    decided_on: date | None = None
    issued_on: date | None = None
    handed_over: tuple[HandOver, ...] = ()
    prints: int = 0
    state: State | None = None
    """None: nothing was issued under this number."""
    end: Decided | None = None
    """What has made the state another than valid."""
    unused: str | None = None
    """Why nothing was issued under it; empty while it waits for signatures."""


@dataclass(frozen=True)
class Chapter:
    """The lines of one kind, in the order of their numbers; `lines` reads them anew each time."""

    kind: Kind
    count: int
    lines: Callable[[], Iterator[Line]]


@dataclass(frozen=True)
class Book:
    """An institution's register of a year, as it was when it was opened."""

    institution: Institution
    year: int
    printed_on: date
    printed_by: str
    chapters: tuple[Chapter, ...]
    handed_over: Callable[[], Iterator[tuple[str, HandOver]]]
    """Number and handing over, in the order of days."""

    @property
    def count(self) -> int:
        return sum(chapter.count for chapter in self.chapters)


@contextmanager
def opened(office: Office, slug: str, year: int) -> Iterator[Book]:
    """The book, as long as the block lasts; what is issued meanwhile is not in it. Raises `Refused` for an institution
    that is not there, and for a year in which it gave no number."""
    institution = office.institution(slug)
    with office.store.engine.connect() as connection:
        numbers = Numbers(connection, institution.letters, year)
        counts = numbers.count()
        if not counts:
            raise Refused.saying("register.empty", slug=slug, year=year)
        with office.store.writing() as writing:
            writing.audit(office.now(), office.operator, "register", slug, year=str(year))
        reading = _Reading(office, numbers)
        chapters = tuple(reading.chapter(kind, counts[kind.name]) for kind in KINDS.values() if kind.name in counts)
        yield Book(institution, year, office.today(), office.operator, chapters, numbers.handed_over_by_day)


class _Reading:
    """What belongs to the numbers, read once."""

    def __init__(self, office: Office, numbers: Numbers) -> None:
        self.now, self.numbers = office.now(), numbers
        self.decided, self.handed_over, self.printed = numbers.decided(), numbers.handed_over(), numbers.printed()

    def chapter(self, kind: Kind, count: int) -> Chapter:
        return Chapter(kind, count, lambda: map(self._line, self.numbers.rows(kind.name)))

    def _line(self, row: Row) -> Line:
        if row.document is None:
            return Line(row.number, unused=row.void_reason or "")
        document = json.loads(row.document)
        facts, language = KINDS[row.kind].read_facts(document), _language(document["firstLanguage"])
        end = self._end(row.code)
        return Line(
            number=row.number,
            holder=facts.holder(language),
            title=facts.title[language],
            decision_number=facts.decision_number,
            decided_on=facts.decided_on,
            issued_on=date.fromisoformat(document["issuedOn"]),
            handed_over=tuple(self.handed_over.get(row.code, ())),
            prints=self.printed.get(row.code, 0),
            state=end.change.state if end else "valid",
            end=end,
        )

    def _end(self, code: str) -> Decided | None:
        decided = self.decided.get(code, ())
        history = [each.change for each in decided]
        state, in_effect = state_at(history, self.now), changes_at(history, self.now)
        made_it = (each for each in reversed(decided) if each.change in in_effect and each.change.state == state)
        return next(made_it, None) if state != "valid" else None


def _language(spelled: str) -> Language:
    return next(language for language in LANGUAGES if language == spelled)
