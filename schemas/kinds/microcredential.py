"""Kind 1, the certificate of a micro-credential: Regulation (2025) clauses 4.1 and 6, and the eleven mandatory
elements of the European approach (2022/C 243/02), of which the Regulation lacks country, notional workload, form of
participation and type of quality assurance."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.kinds.facts import (
    Code,
    Day,
    Decimals,
    Facts,
    Grade,
    LabourFunction,
    Level,
    Minutes,
    Node,
    Shown,
    Standard,
    Trilingual,
    broken,
    open_badges_number,
)
from schemas.languages import Language, Text, say
from schemas.reading import Json

OUTCOME_GROUPS = ("knowledge", "abilities", "skills")


class LearningOutcome(Node):
    """One outcome; clause 4.1 groups them as knowledge, abilities and skills."""

    outcome_group: Annotated[Literal["knowledge", "abilities", "skills"], Shown()]
    outcome: Annotated[Trilingual, Shown()]


class Module(Node):
    """A course or module with its volume."""

    module_title: Annotated[Trilingual, Shown()]
    hours: Annotated[Decimals, Shown(unit="hours", rule="MC-02")]
    ects: Annotated[Decimals, Shown(rule="MC-02")]


class Programme(Node):
    """The definition of a micro-credential (MC-02, clause 4.1; MC-04, clause 3.5)."""

    programme_code: Annotated[Code, Shown(rule="MC-02")]
    title: Annotated[Trilingual, Shown(rule="MC-02")]
    goals: Annotated[Trilingual, Shown(rule="MC-02")]
    learning_outcomes: Annotated[tuple[LearningOutcome, ...], Field(min_length=1, max_length=60), Shown(rule="MC-02")]
    outcomes_not_applicable: Annotated[
        tuple[Literal["knowledge", "abilities", "skills"], ...] | None, Field(min_length=1, max_length=2), Shown()
    ] = None
    ects: Annotated[Decimals, Shown(rule="MC-02")]
    hours: Annotated[Decimals, Shown(unit="hours", rule="MC-02")]
    eqf_level: Annotated[Level, Shown(rule="MC-04")]
    nqf_level: Annotated[Level, Shown(rule="MC-04")]
    field_of_study: Annotated[Literal["0111", "0112", "0113", "0114", "0119"], Shown()]
    assessment_method: Annotated[Trilingual, Shown(rule="MC-02")]
    supervision: Annotated[Trilingual | None, Shown()] = None
    participation: Annotated[Literal["online", "presential", "blended"], Shown()]
    quality_assurance: Annotated[Trilingual, Shown()]
    standard: Annotated[Standard | None, Shown()] = None
    labour_functions: Annotated[tuple[LabourFunction, ...] | None, Field(min_length=1, max_length=40), Shown()] = None
    no_standard_reason: Annotated[Trilingual | None, Shown()] = None
    recognisability: Annotated[Trilingual, Shown(rule="MC-02")]
    entry_requirements: Annotated[Trilingual | None, Shown()] = None
    stackability: Annotated[Trilingual | None, Shown()] = None
    language_of_study: Annotated[tuple[Literal["kk", "ru", "en"], ...], Field(min_length=1, max_length=3), Shown()]
    modules: Annotated[tuple[Module, ...], Field(min_length=1, max_length=80), Shown()]

    @model_validator(mode="after")
    def _mc_02_outcomes_in_each_group(self) -> Self:
        stated = {outcome.outcome_group for outcome in self.learning_outcomes}
        missing = set(OUTCOME_GROUPS) - stated - set(self.outcomes_not_applicable or ())
        if missing:
            group = say(f"value.outcome_group.{min(missing, key=OUTCOME_GROUPS.index)}")
            raise broken("MC-02", "mc_02_outcomes", at=("learning_outcomes",), group=group)
        return self

    @model_validator(mode="after")
    def _mc_04_labour_functions(self) -> Self:
        mapped = bool(self.standard and self.labour_functions)
        if not mapped and not self.no_standard_reason:
            raise broken("MC-04", "mc_04_labour_functions", at=("labour_functions",))
        return self

    @model_validator(mode="after")
    def _volume_is_positive_and_adds_up(self) -> Self:
        for name in ("ects", "hours"):
            total = Decimal(getattr(self, name))
            parts = sum(Decimal(getattr(module, name)) for module in self.modules)
            if total <= 0:
                raise broken("MC-02", "mc_02_volume", at=(name,))
            if total != parts:
                label = say(f"field.{name}")
                raise broken("MC-02", "mc_02_modules", label=label, total=total, parts=parts)
        return self


class MicroCredential(Facts):
    """What a certificate of a micro-credential states."""

    programme: Annotated[Programme, Shown(rule="MC-16")]
    studied_from: Annotated[Day | None, Shown()] = None
    studied_until: Annotated[Day | None, Shown()] = None
    grade: Annotated[Grade | None, Shown("link")] = None
    external_expert: Annotated[Trilingual | None, Shown()] = None
    minutes: Annotated[Minutes, Shown(rule="MC-13")]

    @property
    def title(self) -> Text:
        return self.programme.title.text

    @property
    def decided_on(self) -> date:
        return self.minutes.decided_on

    @property
    def decision_number(self) -> str:
        return self.minutes.minutes_number

    @property
    def warnings(self) -> Sequence[Text]:
        found = []
        if not 1 <= Decimal(self.programme.ects) <= 30:
            found.append(say("rules.mc_03_volume", ects=self.programme.ects))
        if self.programme.eqf_level >= 5 and not self.external_expert:
            found.append(say("rules.mc_11_external_expert"))
        return found

    @model_validator(mode="after")
    def _passed(self) -> Self:
        if self.grade and self.grade.percent < 50:
            raise broken("MC-13", "mc_13_not_passed", at=("grade", "percent"), percent=self.grade.percent)
        return self


def badge(facts: MicroCredential, language: Language) -> dict[str, Json]:
    """The Open Badges Achievement of a micro-credential."""
    programme = facts.programme
    return {
        "achievementType": "MicroCredential",
        "name": programme.title.text[language],
        "description": programme.goals.text[language],
        "criteria": {"narrative": programme.assessment_method.text[language]},
        "humanCode": programme.programme_code,
        "creditsAvailable": open_badges_number(programme.ects),
        "alignment": [
            {
                "type": ["Alignment"],
                "targetName": f"EQF {programme.eqf_level}",
                "targetUrl": f"http://data.europa.eu/snb/eqf/{programme.eqf_level}",
                "targetFramework": "European Qualifications Framework",
            }
        ],
    }
