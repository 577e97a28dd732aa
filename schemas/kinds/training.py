"""Kind 4, the certificate of short-term vocational training with its annex: Order 646 as amended by Order 457 (2020),
paragraphs 36–62-2 and 82–91, and Joint Order 544/322 clause 10, without whose annex no one can recognise it later."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from schemas.kinds.facts import (
    Code,
    Day,
    Decimals,
    Facts,
    Line,
    Names,
    Node,
    Order,
    Shown,
    Trilingual,
    broken,
    check_volume,
    only,
    some,
)
from schemas.languages import Language, Text, say
from schemas.reading import Json

Form = Literal["full_time", "online", "workplace", "partial_release", "outside_hours"]
"""Paragraphs 44 and 58 know the first two, paragraph 84 the last four."""
ACHIEVEMENT_TYPES = {"svidetelstvo": "Certificate", "certificate": "CertificateOfCompletion"}


class TrainingProgramme(Node):
    """The programme, drawn up with employers and agreed with Atameken (SE-11, SD-12, WT-11)."""

    programme_code: Annotated[Code | None, Shown()] = None
    title: Annotated[Trilingual, Shown(rule="SE-11")]
    qualification: Annotated[Trilingual, Shown(rule="SE-11")]
    agreed_with_atameken: Annotated[Line, Shown(rule="SE-11")]


class AnnexRow(Node):
    """A course or module of the annex with its volume and this holder's grade (NF-05)."""

    module_title: Annotated[Trilingual, Shown(rule="NF-05")]
    hours: Annotated[Decimals | None, Shown(label="field.volume", unit="hours", rule="NF-05")] = None
    academic_credits: Annotated[Decimals | None, Shown(rule="NF-05")] = None
    grade: Annotated[Code, Shown("link", rule="NF-05")]

    @model_validator(mode="after")
    def _nf_05_volume(self) -> Self:
        check_volume(self.module_title.text, self.hours, self.academic_credits)
        return self


class Attestation(Node):
    """The final attestation (paragraphs 49, 61-2 and 85); who did not pass it receives no document."""

    attested_on: Annotated[Day, Shown(rule="SE-15")]
    attestation_result: Annotated[
        Literal["passed", "not_passed"],
        only("passed", "SE-16", "se_16_not_passed"),
        WithJsonSchema({"const": "passed"}),
        Shown(rule="SE-16"),
    ]
    attestation_grade: Annotated[Code | None, Shown("link")] = None


class ShortTermTraining(Facts):
    """What a certificate of short-term vocational training states."""

    family_name: Annotated[Names, Shown(rule="SE-16")]
    given_name: Annotated[Names, Shown(rule="SE-16")]
    document_form: Annotated[Literal["svidetelstvo", "certificate"], Shown(rule="SE-16")]
    programme: Annotated[TrainingProgramme, Shown(rule="SE-11")]
    form_of_training: Annotated[tuple[Form, ...], Field(min_length=1, max_length=5), Shown(rule="SE-10")]
    employer: Annotated[Line | None, Shown()] = None
    enrolment: Annotated[Order, Shown(rule="SE-08")]
    studied_from: Annotated[Day, Shown(rule="SE-16")]
    studied_until: Annotated[Day, Shown(rule="SE-16")]
    hours: Annotated[Decimals | None, Shown(label="field.volume", unit="hours", rule="NF-05")] = None
    academic_credits: Annotated[Decimals | None, Shown(rule="NF-05")] = None
    annex: Annotated[
        tuple[AnnexRow, ...], some("NF-05", "nf_05_annex"), Field(min_length=1, max_length=80), Shown(rule="NF-05")
    ]
    grading_scale: Annotated[Trilingual | None, Shown("link")] = None
    attestation: Annotated[Attestation, Shown(rule="SE-15")]
    place_of_issue: Annotated[Trilingual, Shown(rule="SE-16")]
    atameken_register: Annotated[Line | None, Shown(rule="SE-06")] = None
    route: Annotated[Literal["employers_request", "in_demand_skills", "employed_workers"], Shown("private")]
    referral_number: Annotated[Code | None, Shown("private", rule="SE-08")] = None

    @property
    def title(self) -> Text:
        return self.programme.title.text

    @property
    def decided_on(self) -> date:
        return self.attestation.attested_on

    @model_validator(mode="after")
    def _nf_05_annex_adds_up(self) -> Self:
        check_volume(self.title, self.hours, self.academic_credits)
        self._adds_up("hours", self.hours, [row.hours for row in self.annex])
        self._adds_up("academic_credits", self.academic_credits, [row.academic_credits for row in self.annex])
        return self

    def _adds_up(self, field: str, total: str | None, parts: list[str | None]) -> None:
        if total is None:
            return
        volume = sum(Decimal(part or 0) for part in parts)
        if volume != Decimal(total) or None in parts:
            raise broken("NF-05", "nf_05_sum", at=(field,), unit=say(f"unit.{field}", value=total), parts=volume)

    @model_validator(mode="after")
    def _se_16_completed(self) -> Self:
        last = min(("studied_until", self.studied_until), ("attested_on", self.decided_on), key=lambda end: end[1])
        if self.studied_from > last[1]:
            label = say(f"field.{last[0]}")
            at = ("studied_from",)
            raise broken("SE-16", "se_16_dates", at=at, label=label, begun=self.studied_from, ended=last[1])
        return self


def badge(facts: ShortTermTraining, language: Language) -> dict[str, Json]:
    """The Open Badges Achievement of a short-term training; свидетельство and сертификат have types of their own."""
    achievement = {
        "achievementType": ACHIEVEMENT_TYPES[facts.document_form],
        "name": facts.title[language],
        "description": facts.programme.qualification.text[language],
        "criteria": {"narrative": say("kind.ShortTermTrainingCertificate.criteria")[language]},
    }
    if facts.programme.programme_code:
        achievement["humanCode"] = facts.programme.programme_code
    return achievement
