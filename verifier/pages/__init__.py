"""What a reader of a report sees first, then, and only on asking (docs/design.md, docs/journey.md).

A page shows what the report reveals, no more: what that is, was decided when the report was made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from registry.pages import Page, Pages, Reader, Site
from schemas.credential import utc
from schemas.display import Line, Table
from schemas.grades import LETTER_TABLE
from schemas.languages import KAZAKHSTAN, Text, say
from schemas.numbers import grouped
from verifier.numbered import Numbered
from verifier.report import REVEALS, Report, Shown, Verdict

Handed = Literal["code", "link", "json", "pdf"]
"""How the document came: by the code on the paper, by a share link, as a file."""

LOOKS: Mapping[Verdict, tuple[str, str]] = MappingProxyType(
    {
        "valid": ("valid", "tick"),
        "indeterminate": ("unknown", "triangle"),
        "expired": ("waiting", "clock"),
        "not_yet_valid": ("waiting", "clock"),
        "replaced": ("waiting", "arrow"),
        "suspended": ("waiting", "pause"),
        "revoked": ("ended", "cross"),
        "annulled": ("ended", "cross"),
        "not_accredited": ("unknown", "question"),
        "unknown_issuer": ("unknown", "question"),
        "tampered": ("ended", "cross"),
        "unsupported": ("unknown", "circle"),
        "malformed": ("unknown", "circle"),
        "not_found": ("unknown", "circle"),
    }
)
"""Colour and shape of a verdict (docs/design.md); its word is `pages.verdict.<verdict>`."""

CAN_DO = (
    "statement",
    "learning_outcomes",
    "labour_functions",
    "qualification",
    "standard",
    "qualification_requirements",
    "no_standard_reason",
)
"""The fields that tell an employer what the holder can do, in this order."""
TRANSFER = (
    "ects",
    "hours",
    "academic_credits",
    "eqf_level",
    "nqf_level",
    "grade",
    "modules",
    "annex",
    "grading_scale",
    "attestation",
    "items",
    "conversion_scales",
    "hours_per_credit",
    "sector",
    "exemption",
    "learning_outcomes",
    "assessment_method",
    "supervision",
    "external_expert",
    "theory",
    "practice",
    "mode",
    "participation",
    "form_of_training",
    "quality_assurance",
    "field_of_study",
    "language_of_study",
    "studied_from",
    "studied_until",
    "entry_requirements",
    "stackability",
    "recognisability",
    "preamble",
    *(f"section_{n}" for n in range(1, 9)),
)
"""The fields that a credit-transfer office asks for, in this order."""
GRADES = frozenset({"grade", "letter", "points", "attestation_grade"})
RAW_SHOWN = 12_000
"""Bytes of a signed file that the page shows: the whole page stays under 50 KB."""


@dataclass(frozen=True, slots=True)
class Sections:
    """The lines of a document, by the reader who needs them."""

    can_do: tuple[Line, ...]
    transfer: tuple[Line, ...]
    others: tuple[Line, ...]

    @property
    def graded(self) -> bool:
        """Is a grade among what is shown, so that its scale has to be too?"""
        return any(name in GRADES for name in _names(self.transfer))


def sections(lines: Iterable[Line]) -> Sections:
    """Sorts the lines; a line may stand in two sections, and what no section took stays where it stood."""
    every = tuple(lines)
    return Sections(
        can_do=_picked(every, CAN_DO),
        transfer=_picked(every, TRANSFER),
        others=tuple(_left(every, CAN_DO + TRANSFER)),
    )


def outcomes(table: Table) -> Mapping[Text, tuple[Text, ...]]:
    """The learning outcomes by their group, both in the document's order."""
    group, outcome = table.names.index("outcome_group"), table.names.index("outcome")
    groups = dict.fromkeys(row[group] for row in table.rows)
    return {name: tuple(row[outcome] for row in table.rows if row[group] == name) for name in groups}


def _picked(lines: Iterable[Line], names: Sequence[str]) -> tuple[Line, ...]:
    """The lines with one of these names, however deep they stand, in the order of the names."""
    return tuple(sorted(_found(lines, names), key=lambda line: names.index(line.name)))


def _found(lines: Iterable[Line], names: Sequence[str]) -> Iterator[Line]:
    for line in lines:
        if line.name in names:
            yield line
        elif isinstance(line.value, tuple):
            yield from _found(line.value, names)


def _left(lines: Iterable[Line], names: Sequence[str]) -> Iterator[Line]:
    for line in lines:
        if line.name in names:
            continue
        if not isinstance(line.value, tuple):
            yield line
        elif rest := tuple(_left(line.value, names)):
            yield Line(line.name, line.label, rest)


def _names(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        yield line.name
        if isinstance(line.value, Table):
            yield from line.value.names
        elif isinstance(line.value, tuple):
            yield from _names(line.value)


@dataclass(frozen=True, slots=True)
class Heading:
    """The first screen beside the document: word, colour, shape, since when, and the next step."""

    verdict: Verdict
    word: Text
    since: Text | None
    next: Text
    why: tuple[Text, ...]
    """What stood in the way, where the reader can mend it or has to be told."""
    credits: Text | None
    """The volume in ECTS, where the document states one."""
    rest_by_link: bool
    """Is there more that only the holder may show?"""
    at: datetime | None = None
    """The time in the past that the verdict is about."""

    @property
    def tone(self) -> str:
        """Of the past, nothing is green: a look at the colour alone would take it for today."""
        return "waiting" if self.at and self.verdict == "valid" else LOOKS[self.verdict][0]

    @property
    def shape(self) -> str:
        return "clock" if self.at and self.verdict == "valid" else LOOKS[self.verdict][1]


def heading(report: Report, said: Text | None = None) -> Heading:
    """What the first screen says of a report; `said` is what is wrong with a code that can be none."""
    verdict, document = report.verdict, report.document
    nameless = verdict == "valid" and (document is None or document.holder is None)
    return Heading(
        verdict=verdict,
        word=say(f"pages.verdict.{verdict}"),
        since=since(verdict, document) if document else None,
        next=say("pages.next.past") if report.at else say(f"pages.next.{_next(verdict, document, nameless=nameless)}"),
        why=tuple(_why(report, said)),
        credits=_credits(document) if document else None,
        rest_by_link=bool(document and not document.lines and REVEALS[verdict] == "everything" and not report.later),
        at=report.at,
    )


_EXPLAINED: frozenset[Verdict] = frozenset({"indeterminate", "tampered", "unsupported", "malformed"})


def _why(report: Report, said: Text | None) -> Iterator[Text]:
    if said:
        yield said
    if report.verdict in _EXPLAINED:
        sought = "unknown" if report.verdict == "indeterminate" else "failed"
        decisive = (c for c in report.checks if c.outcome == sought and c.verdict in (None, report.verdict))
        yield from (check.because for check in islice(decisive, 1))


def _next(verdict: Verdict, document: Shown | None, *, nameless: bool) -> str:
    if verdict == "replaced" and not (document and document.successor_code):
        return "replaced_by_unnamed"
    return "valid_without_name" if nameless else verdict


def since(verdict: Verdict, document: Shown) -> Text | None:
    """The line under the verdict: from which day it holds, or which document took its place."""
    if verdict == "replaced":
        number = next((change.successor for change in reversed(document.history) if change.successor), None)
        return say("pages.since.replaced", number=number) if number else None
    change = next((change for change in reversed(document.history) if change.act == verdict), None)
    if change is not None:
        if change.reach == "day":
            return say(f"pages.since.{verdict}", day=change.effective_on)
        return say(
            f"pages.reach.{change.reach}", day=change.effective_on, decided=change.decided_on or change.effective_on
        )
    day = _day(verdict, document)
    return say(f"pages.since.{verdict}", day=day) if day else None


def _day(verdict: Verdict, document: Shown) -> date | None:
    if verdict == "expired":
        return document.valid_until and document.valid_until.astimezone(KAZAKHSTAN).date()
    return document.issued_on if verdict == "not_yet_valid" else None


def _credits(document: Shown) -> Text | None:
    ects = next((line.value for line in _found(document.lines, ("ects",))), None)
    return ects if isinstance(ects, Text) else None


class VerifierPages:
    """The pages of the verifier."""

    def __init__(self, site: Site) -> None:
        self._pages = Pages(site, Path(__file__).parent)

    def home(self, who: Reader, *, typed: str = "", wrong: Text | None = None, about: str = "code") -> Page:
        """The first page; after a slip with what was typed, and with what is `wrong` `about` code or file."""
        return self._pages.page(
            "home.html", who, typed=typed, wrong=wrong, about=about, example=grouped("0" * 14), switch=self._home_switch
        )

    def report(
        self, who: Reader, report: Report, handed: Handed, *, said: Text | None = None, raw: bytes | None = None
    ) -> Page:
        """The answer. `said` is what is wrong with a code that can be none; `raw` the file that was handed in."""
        document = report.document
        open_to_all = REVEALS[report.verdict] == "everything"
        return self._pages.page(
            "report.html",
            who,
            report=report,
            document=document,
            heading=heading(report, said),
            sections=sections(document.lines if document else ()),
            outcomes=outcomes,
            handed=handed,
            raw=shown_raw(raw) if raw and open_to_all else None,
            raw_cut=bool(raw) and len(raw or b"") > RAW_SHOWN,
            scale=LETTER_TABLE,
            grouped=grouped,
            switch=_switch(report) if handed in ("code", "link") else self._home_switch,
        )

    def number(self, who: Reader, found: Numbered, said: Text | None = None) -> Page:
        """The answer to a registration number. `said` is what is wrong with one that can be none."""
        tone, shape = LOOKS[found.verdict]
        own = {"valid": "pages.number.valid", "not_found": "pages.number.not_found"}
        step = own.get(found.verdict) or f"pages.next.{_next(found.verdict, None, nameless=False)}"
        return self._pages.page(
            "number.html",
            who,
            found=found,
            tone=tone,
            shape=shape,
            word=say(f"pages.verdict.{found.verdict}"),
            why=[text for text in (said, found.because) if text],
            next=say(step),
        )

    def ended(self, who: Reader) -> Page:
        """For a share link that has ended, or never was."""
        return self._pages.page("problem.html", who, heading=say("pages.ended.title"), next=say("pages.ended.share"))

    @property
    def _home_switch(self) -> str:
        """A page that answered a form cannot be asked for again in another language: its switch leads home."""
        return self._pages.site.path("/?")


def _switch(report: Report) -> str:
    """The same page in another language, about the same time."""
    return f"?at={utc(report.at)}&" if report.at else "?"


def shown_raw(raw: bytes) -> str:
    """The beginning of a signed file, as text."""
    return raw[:RAW_SHOWN].decode("utf-8", "ignore")
