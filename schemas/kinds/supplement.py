"""Kind 5, the supplement to a certificate (Regulation clause 7.2) in the form of the Diploma Supplement of 2018: eight
sections. `supplement_request` fills them.

It has its own number and names its parent's; it says nothing about equivalence. Each item of a section holds what is to
be said or the reason why nothing is: never both, never neither.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.display import marked
from schemas.grades import PASSING
from schemas.kinds.facts import (
    Code,
    Day,
    Decimals,
    Facts,
    Letter,
    Mark,
    Names,
    Node,
    Paragraphs,
    Shown,
    Trilingual,
    broken,
)
from schemas.kinds.microcredential import LearningOutcome
from schemas.languages import Text, say
from schemas.numbers import NUMBER_PATTERN

Item = Literal[
    "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "4.4",
    "4.4-distribution", "4.5", "5.1", "5.2", "6.1", "6.2", "7.1", "7.2", "7.3", "7.4", "8",
]  # fmt: skip
"""The items of the template; 4.4 asks for the grading system and, if there is one, for a distribution table."""


def item(number: Item, mark: Mark = "code") -> Shown:
    """Beside the field of a section that is item `number`: its label begins with the number."""
    return Shown(mark, label=f"value.item.{number}")


class Absence(Node):
    """Why an item is empty, as the template's preamble asks."""

    item: Annotated[Item, Shown()]
    absence_reason: Annotated[Trilingual, Shown()]


NotStated = Annotated[tuple[Absence, ...] | None, Field(min_length=1, max_length=10), Shown()]


class Section(Node):
    """A section of the template; its last field, `not_stated`, gives the reasons for what is absent."""

    @classmethod
    def items(cls) -> Iterator[tuple[str, str]]:
        """Field → number of its item."""
        for name, note in marked(cls):
            if note.label and note.label.startswith("value.item."):
                yield name, note.label.removeprefix("value.item.")

    @model_validator(mode="after")
    def _each_item_or_its_reason(self) -> Self:
        held = dict(self)
        reasons = [absence.item for absence in held["not_stated"] or ()]
        absent = [number for name, number in self.items() if held[name] is None]
        if sorted(reasons) != sorted(absent):
            differing = sorted(set(reasons) ^ set(absent)) or reasons
            raise broken("MC-18", "mc_18_item", item=", ".join(differing))
        return self


class HolderSection(Section):
    """1. Information identifying the holder of the qualification."""

    family_name: Annotated[Names, item("1.1")]
    given_name: Annotated[Names, item("1.2")]
    patronymic_name: Annotated[Names | None, Shown()] = None
    birth_date: Annotated[Day | None, item("1.3", "link")] = None
    student_code: Annotated[Code | None, item("1.4", "link")] = None
    not_stated: NotStated = None


class QualificationSection(Section):
    """2. Information identifying the qualification."""

    qualification_name: Annotated[Paragraphs | None, item("2.1")] = None
    main_fields: Annotated[Paragraphs | None, item("2.2")] = None
    awarding_institution: Annotated[Paragraphs | None, item("2.3")] = None
    administering_institution: Annotated[Paragraphs | None, item("2.4")] = None
    languages_of_instruction: Annotated[Paragraphs | None, item("2.5")] = None
    not_stated: NotStated = None


class LevelSection(Section):
    """3. Information on the level and duration of the qualification."""

    qualification_level: Annotated[Paragraphs | None, item("3.1")] = None
    official_duration: Annotated[Paragraphs | None, item("3.2")] = None
    access_requirements: Annotated[Paragraphs | None, item("3.3")] = None
    not_stated: NotStated = None


class SupplementUnit(Node):
    """A unit of the programme with its credits and the grade obtained (item 4.3)."""

    module_title: Annotated[Trilingual, Shown()]
    ects: Annotated[Decimals, Shown()]
    hours: Annotated[Decimals, Shown(unit="hours")]
    letter: Annotated[Letter | None, Shown("link", label="field.grade")] = None


class DistributionRow(Node):
    """How many of those who passed received a grade, and what share that is (ECTS Users' Guide, grading table)."""

    letter: Annotated[Letter, Shown(label="field.grade")]
    count: Annotated[int, Field(ge=0, le=1_000_000), Shown()]
    percent: Annotated[Decimals, Shown(unit="percent")]


def shares(counts: dict[Letter, int]) -> dict[Letter, str]:
    """Passing grade → its share of all in per cent, one decimal; empty where the counts are not such a table."""
    total = sum(counts.values())
    if total == 0 or not set(counts) <= set(PASSING):
        return {}
    exact = {letter: Decimal(100 * count) / total for letter, count in counts.items()}
    return {letter: str(share.quantize(Decimal("0.1"), ROUND_HALF_UP)) for letter, share in exact.items()}


class ContentsSection(Section):
    """4. Information on the programme completed and the results obtained."""

    mode_of_study: Annotated[Paragraphs | None, item("4.1")] = None
    programme_outcomes: Annotated[
        tuple[LearningOutcome, ...] | None, Field(min_length=1, max_length=60), item("4.2")
    ] = None
    programme_details: Annotated[tuple[SupplementUnit, ...] | None, Field(min_length=1, max_length=80), item("4.3")] = (
        None
    )
    grading_system: Annotated[Paragraphs | None, item("4.4")] = None
    grade_distribution: Annotated[
        tuple[DistributionRow, ...] | None, Field(min_length=1, max_length=10), item("4.4-distribution")
    ] = None
    distribution_group: Annotated[Trilingual | None, Shown()] = None
    overall_classification: Annotated[Paragraphs | None, item("4.5", "link")] = None
    not_stated: NotStated = None

    @model_validator(mode="after")
    def _distribution_is_of_those_who_passed(self) -> Self:
        rows = self.grade_distribution or ()
        if bool(rows) != bool(self.distribution_group):
            raise broken("MC-18", "mc_18_group")
        counts = {row.letter: row.count for row in rows}
        if rows and [row.percent for row in rows] != list(shares(counts).values()):
            raise broken("MC-18", "mc_18_distribution")
        return self


class FunctionSection(Section):
    """5. Information on the function of the qualification."""

    further_study: Annotated[Paragraphs | None, item("5.1")] = None
    regulated_profession: Annotated[Paragraphs | None, item("5.2")] = None
    not_stated: NotStated = None


class AdditionalSection(Section):
    """6. Additional information."""

    additional_information: Annotated[Paragraphs | None, item("6.1")] = None
    information_sources: Annotated[Paragraphs | None, item("6.2")] = None
    not_stated: NotStated = None


class CertificationSection(Section):
    """7. Certification of the supplement."""

    certified_on: Annotated[Day | None, item("7.1")] = None
    signature: Annotated[Paragraphs | None, item("7.2")] = None
    capacity: Annotated[Paragraphs | None, item("7.3")] = None
    official_stamp: Annotated[Paragraphs | None, item("7.4")] = None
    not_stated: NotStated = None


class NationalSystemSection(Section):
    """8. Information on the national education system."""

    national_system: Annotated[Paragraphs | None, item("8")] = None
    not_stated: NotStated = None


class Parent(Node):
    """The document that is supplemented; without it the supplement says nothing (MC-18)."""

    parent_number: Annotated[str, Field(pattern=f"^{NUMBER_PATTERN}$"), Shown(rule="MC-18")]
    parent_kind: Annotated[Literal["MicroCredentialCertificate"], Shown(rule="MC-18")]
    parent_title: Annotated[Trilingual, Shown(rule="MC-18")]
    parent_issued_on: Annotated[Day, Shown(rule="MC-18")]


class RecordedRequest(Node):
    """The holder's request for a supplement (clause 7.2)."""

    request_number: Annotated[Code, Shown("private", rule="MC-18")]
    requested_on: Annotated[Day, Shown("private", rule="MC-18")]


class Supplement(Facts):
    """What a supplement to a certificate states."""

    family_name: Annotated[Names, Shown(rule="MC-18")]
    given_name: Annotated[Names, Shown(rule="MC-18")]
    parent: Annotated[Parent, Shown(rule="MC-18")]
    request: Annotated[RecordedRequest, Shown("private", rule="MC-18")]
    preamble: Annotated[Paragraphs, Shown()]
    section_1: Annotated[HolderSection, Shown()]
    section_2: Annotated[QualificationSection, Shown()]
    section_3: Annotated[LevelSection, Shown()]
    section_4: Annotated[ContentsSection, Shown()]
    section_5: Annotated[FunctionSection, Shown()]
    section_6: Annotated[AdditionalSection, Shown()]
    section_7: Annotated[CertificationSection, Shown()]
    section_8: Annotated[NationalSystemSection, Shown()]

    @property
    def title(self) -> Text:
        return self.parent.parent_title.text

    @property
    def decided_on(self) -> date:
        return self.request.requested_on

    @property
    def decision_number(self) -> str:
        return self.request.request_number

    @model_validator(mode="after")
    def _section_1_names_the_holder(self) -> Self:
        for name in ("family_name", "given_name", "patronymic_name", "birth_date"):
            if getattr(self, name) != getattr(self.section_1, name):
                raise broken("MC-18", "mc_18_holder", label=say(f"field.{name}"))
        return self
