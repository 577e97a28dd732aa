"""Kind 2, the document on recognition of a professional qualification: Joint Order 544/322 clause 2(1)–(4) and
the presentation of the National Body (2024), stages 1–3. The form that Order 374 sets was not available; these
fields are what those two ask for (docs/rules.md PQ-28)."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from schemas.grades import two_decimals
from schemas.kinds.facts import (
    Code,
    Day,
    Decimals,
    Facts,
    LabourFunction,
    Level,
    Line,
    Names,
    Node,
    Shown,
    Standard,
    Trilingual,
    broken,
    only,
    some,
)
from schemas.languages import Language, Text, say
from schemas.reading import Json

Count = Annotated[int, Field(ge=0, le=10_000)]


class Profession(Node):
    """One profession of the register of professions (PQ-02)."""

    code: Annotated[Code, Shown(rule="PQ-02")]
    title: Annotated[Trilingual, Shown(rule="PQ-02")]


class QualificationRequirements(Node):
    """Requirements under the Labour Code, where no professional standard exists (clause 2(2))."""

    requirements_title: Annotated[Trilingual, Shown()]
    approval_act: Annotated[Line, Shown()]


class QualificationProgramme(Node):
    """The programme that sets the exam's questions and practical tasks (stages 2 and 3)."""

    programme_code: Annotated[Code, Shown()]
    programme_version: Annotated[Code, Shown()]
    title: Annotated[Trilingual, Shown()]


class Theory(Node):
    """The theory stage: passed only by more than 70 % of correct answers (PQ-21)."""

    passed: Annotated[Literal[True], Shown()] = True
    correct: Annotated[Count, Shown("link", rule="PQ-21")]
    total: Annotated[Count, Shown("link", rule="PQ-21")]
    percent: Annotated[Decimals, Shown("link", unit="percent")]

    @model_validator(mode="before")
    @classmethod
    def _percentage(cls, given: Any) -> Any:
        """The office enters the two counts; the percentage follows, cut to two decimals."""
        if not isinstance(given, dict) or given.get("percent") is not None:
            return given
        try:
            return given | {"percent": _percent(int(given["correct"]), int(given["total"]))}
        except (KeyError, TypeError, ValueError):
            return given | {"percent": "0"}

    @model_validator(mode="after")
    def _pq_21_more_than_70_percent(self) -> Self:
        counts = {"correct": self.correct, "total": self.total}
        if not self.total > 0 or self.correct > self.total or self.percent != _percent(self.correct, self.total):
            raise broken("PQ-21", "pq_21_counts", at=("correct",), **counts)
        if not 100 * self.correct > 70 * self.total:
            raise broken("PQ-21", "pq_21_theory", at=("correct",), percent=self.percent, **counts)
        return self


def _percent(correct: int, total: int) -> str:
    return two_decimals(Fraction(100 * correct, total)) if total > 0 else "0"


class Practice(Node):
    """The practical stage: the task done as the technological card says (PQ-22)."""

    technological_card: Annotated[Code, Shown(rule="PQ-22")]
    passed: Annotated[bool, only(True, "PQ-23", "pq_23_practice"), WithJsonSchema({"const": True}), Shown(rule="PQ-22")]


class Decision(Node):
    """The centre's decision (PQ-23); only a positive one leads to a document."""

    decided_on: Annotated[Day, Shown(rule="PQ-23")]
    decision_number: Annotated[Code, Shown(rule="PQ-23")]
    decision_result: Annotated[
        Literal["passed", "not_passed"],
        only("passed", "PQ-23", "pq_23_not_passed"),
        WithJsonSchema({"const": "passed"}),
        Shown(rule="PQ-23"),
    ]


def _statement() -> Trilingual:
    return Trilingual.of(say("kind.ProfessionalQualificationRecognition.statement"))


class ProfessionalQualification(Facts):
    """What a document on recognition of a professional qualification states (PQ-28)."""

    family_name: Annotated[Names, Shown(rule="PQ-28")]
    given_name: Annotated[Names, Shown(rule="PQ-28")]
    statement: Annotated[Trilingual, Shown(rule="PQ-28")] = Field(default_factory=_statement)
    profession: Annotated[Profession, Shown(rule="PQ-28")]
    standard: Annotated[Standard | None, Shown(rule="PQ-02")] = None
    qualification_requirements: Annotated[QualificationRequirements | None, Shown(rule="PQ-02")] = None
    nqf_level: Annotated[Level | None, Shown()] = None
    labour_functions: Annotated[
        tuple[LabourFunction, ...],
        some("PQ-28", "pq_28_labour_functions"),
        Field(min_length=1, max_length=60),
        Shown(rule="PQ-28"),
    ]
    qualification_programme: Annotated[QualificationProgramme, Shown(rule="PQ-22")]
    theory: Annotated[Theory, Shown(rule="PQ-21")]
    practice: Annotated[Practice, Shown(rule="PQ-22")]
    mode: Annotated[Literal["onsite", "online_proctored"], Shown(rule="PQ-17")]
    decision: Annotated[Decision, Shown(rule="PQ-23")]

    @property
    def title(self) -> Text:
        return self.profession.title.text

    @property
    def decided_on(self) -> date:
        return self.decision.decided_on

    @property
    def decision_number(self) -> str:
        return self.decision.decision_number

    @property
    def profession_code(self) -> str:
        return self.profession.code

    @model_validator(mode="after")
    def _pq_02_exactly_one_basis(self) -> Self:
        if self.standard and self.qualification_requirements:
            raise broken("PQ-02", "pq_02_both", at=("qualification_requirements",))
        if not self.standard and not self.qualification_requirements:
            raise broken("PQ-02", "pq_02_neither", at=("standard",))
        return self


def badge(facts: ProfessionalQualification, language: Language) -> dict[str, Json]:
    """The Open Badges Achievement of a recognised professional qualification."""
    programme = facts.qualification_programme
    criteria = say(
        "kind.ProfessionalQualificationRecognition.criteria",
        programme=programme.title.text,
        version=programme.programme_version,
        card=facts.practice.technological_card,
    )
    return {
        "achievementType": "Certification",
        "name": facts.title[language],
        "description": facts.statement.text[language],
        "criteria": {"narrative": criteria[language]},
        "humanCode": facts.profession.code,
    }
