"""Kind 3, the extract from the minutes of a recognition commission: Joint Order 544/322 chapter 2 (results of
non-formal learning) or chapter 3 (a recognised professional qualification).

Handing over to the Registrar and the transcript entry (clauses 18 and 29) happen after signing: they are events of the
case, never fields here. Whoever has only the code sees nothing of what is stated here, not even the name.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from schemas.grades import HOURS_PER_CREDIT
from schemas.kinds.document import Uri
from schemas.kinds.facts import (
    Code,
    Day,
    Decimals,
    Facts,
    Grade,
    Line,
    Mark,
    Name,
    Names,
    Node,
    Order,
    Shown,
    Trilingual,
    broken,
    check_volume,
    some,
)
from schemas.languages import Text

Chapter = Literal["chapter_2", "chapter_3"]
Count = Annotated[int, Field(ge=0, le=1000)]
LETTER_SCALE = "letter"
"""A source grade that already is of the point-rating letter system needs no conversion (clause 8)."""


class StudyProgramme(Node):
    """The programme that the learner studies and into which results are transferred (clauses 5, 13 and 24)."""

    programme_code: Annotated[Code, Shown("link", rule="NF-17")]
    title: Annotated[Trilingual, Shown("link", rule="NF-17")]
    study_group: Annotated[Line | None, Shown("link")] = None
    academic_period: Annotated[Trilingual, Shown("link", rule="NF-11")]


class RecognisedUnit(Node):
    """One discipline or module: what was learned elsewhere, what it is transferred to, and the decision (clause 18)."""

    source_unit: Annotated[Line, Shown("link", rule="NF-05")]
    source_hours: Annotated[Decimals | None, Shown("link", unit="hours", rule="NF-05")] = None
    source_credits: Annotated[Decimals | None, Shown("link", rule="NF-05")] = None
    source_grade: Annotated[Code | None, Shown("link", rule="NF-05")] = None
    source_scale: Annotated[Line | None, Shown("link", rule="NF-20")] = None
    discipline_code: Annotated[Code, Shown("link", rule="NF-25")]
    discipline_title: Annotated[Trilingual, Shown("link", rule="NF-25")]
    discipline_credits: Annotated[Decimals | None, Shown("link", rule="NF-25")] = None
    discipline_hours: Annotated[Decimals | None, Shown("link", unit="hours", rule="NF-25")] = None
    grade: Annotated[Grade | None, Shown("link", rule="NF-25")] = None
    item_decision: Annotated[Literal["transferred", "partly", "refused"], Shown("link", rule="NF-23")]
    reason: Annotated[Trilingual | None, Shown("link", rule="NF-27")] = None

    @model_validator(mode="after")
    def _nf_25_volume_and_grade(self) -> Self:
        volume = self.discipline_credits and self.discipline_hours and Decimal(self.discipline_credits) > 0
        if self.item_decision != "refused" and not (volume and self.grade):
            raise broken("NF-25", "nf_25_result", at=("discipline_credits",), unit=self.discipline_title.text)
        return self

    @model_validator(mode="after")
    def _nf_27_reason(self) -> Self:
        if self.item_decision != "transferred" and not self.reason:
            raise broken("NF-27", "nf_27_reason", at=("reason",), unit=self.discipline_title.text)
        return self


class ConversionScale(Node):
    """The organisation's approved scale from a source's grades to the letter system (NF-20)."""

    source_scale: Annotated[Line, Shown("link", rule="NF-20")]
    scale_id: Annotated[Code, Shown("link", rule="NF-20")]
    scale_version: Annotated[Code, Shown("link", rule="NF-20")]


class Exemption(Node):
    """From which disciplines the learner is released, and from which academic period on (clauses 19 and 30)."""

    exempt_units: Annotated[tuple[Code, ...], Field(min_length=1, max_length=40), Shown("link", rule="NF-26")]
    exempt_from: Annotated[Trilingual, Shown("link", rule="NF-26")]


class Commission(Node):
    """The commission that the head created by order, and for which chapters (clauses 11 and 21)."""

    commission: Annotated[Trilingual, Shown("private", rule="NF-06")]
    order: Annotated[Order, Shown("private", rule="NF-06")]
    mandate: Annotated[tuple[Chapter, ...], Field(min_length=1, max_length=2), Shown("private", rule="QR-02")]


class Votes(Node):
    """How the members who took part voted (clauses 17 and 28)."""

    participants: Annotated[Count, Shown("private", rule="NF-22")]
    votes_for: Annotated[Count, Shown("private", rule="NF-22")]
    votes_against: Annotated[Count, Shown("private", rule="NF-22")]
    votes_abstained: Annotated[Count, Shown("private", rule="NF-22")]

    @model_validator(mode="after")
    def _nf_22_majority_of_participants(self) -> Self:
        """Abstentions count in the base, and a tie is not adopted."""
        votes = self.votes_for + self.votes_against + self.votes_abstained
        if votes != self.participants:
            raise broken("NF-22", "nf_22_count", at=("participants",), votes=votes, participants=self.participants)
        if not 2 * self.votes_for > self.participants:
            raise broken(
                "NF-22", "nf_22_majority", at=("votes_for",), votes=self.votes_for, participants=self.participants
            )
        return self


class CommissionMinutes(Node):
    """The minutes of the meeting (clauses 12, 17, 23 and 28)."""

    minutes_number: Annotated[Code, Shown("private", rule="NF-23")]
    decided_on: Annotated[Day, Shown("link", rule="NF-23")]
    presider: Annotated[Name, Shown("private", rule="NF-09")]
    presided_as: Annotated[Literal["chair", "deputy_chair"], Shown("private", rule="NF-09")]
    secretary: Annotated[Name, Shown("private", rule="NF-10")]
    members: Annotated[tuple[Name, ...] | None, Field(min_length=1, max_length=100), Shown("private")] = None
    votes: Annotated[Votes, Shown("private", rule="NF-22")]

    @model_validator(mode="after")
    def _nf_10_secretary_is_no_member(self) -> Self:
        if _same(self.secretary) in {_same(name) for name in (self.presider, *(self.members or ()))}:
            raise broken("NF-10", "nf_10_secretary", at=("secretary",), name=self.secretary)
        return self

    @model_validator(mode="after")
    def _nf_09_presider_took_part(self) -> Self:
        if self.members and _same(self.presider) not in {_same(name) for name in self.members}:
            raise broken("NF-09", "nf_09_presider", at=("presider",), name=self.presider)
        return self

    @model_validator(mode="after")
    def _nf_22_members_are_the_participants(self) -> Self:
        if self.members and len(self.members) != self.votes.participants:
            count = self.votes.participants
            raise broken("NF-22", "nf_22_members", at=("members",), named=len(self.members), participants=count)
        return self


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


def _check_hours(item: RecognisedUnit, rate: int, at: tuple[str | int, ...]) -> None:
    if item.discipline_credits is None or item.discipline_hours is None:
        return
    hours = (Decimal(item.discipline_credits) * rate).normalize()
    if hours != Decimal(item.discipline_hours):
        volume = {"credits": item.discipline_credits, "stated": item.discipline_hours, "hours": f"{hours:f}"}
        raise broken("NF-18", "nf_18_hours", at=at, unit=item.discipline_title.text, rate=rate, **volume)


class EvidenceDocument(Node):
    """A document that proves the learning (clause 10) or the recognised qualification (clause 20)."""

    evidence_issuer: Annotated[Line, Shown("private", rule="NF-03")]
    issuer_category: Annotated[
        Literal["education_organisation", "additional_education", "labour_exchange", "mooc", "recognition_centre"],
        Shown("private", rule="NF-03"),
    ]
    document_kind: Annotated[
        Literal["certificate", "svidetelstvo", "recognition_document"], Shown("private", rule="NF-04")
    ]
    document_number: Annotated[Code, Shown("private", rule="NF-04")]
    document_date: Annotated[Day, Shown("private", rule="NF-04")]
    document_link: Annotated[Uri | None, Shown("private")] = None
    document_digest: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$"), Shown("private")] = None


class EvidenceUnit(Node):
    """A row of the annex of a certificate: a course or module with its volume and grade (NF-05)."""

    document_number: Annotated[Code, Shown("private", rule="NF-05")]
    unit_title: Annotated[Line, Shown("private", rule="NF-05")]
    hours: Annotated[Decimals | None, Shown("private", label="field.volume", unit="hours", rule="NF-05")] = None
    academic_credits: Annotated[Decimals | None, Shown("private", rule="NF-05")] = None
    grade: Annotated[Code, Shown("private", rule="NF-05")]

    @model_validator(mode="after")
    def _nf_05_volume(self) -> Self:
        check_volume(self.unit_title, self.hours, self.academic_credits)
        return self


class RecognitionDecision(Facts):
    """What an extract from the minutes of a recognition commission states."""

    title_mark: ClassVar[Mark] = "link"

    family_name: Annotated[Names, Shown("link", rule="NF-25")]
    given_name: Annotated[Names, Shown("link", rule="NF-25")]
    patronymic_name: Annotated[Names | None, Shown("link")] = None
    chapter: Annotated[Chapter, Shown("link", rule="NF-01")]
    study_programme: Annotated[StudyProgramme, Shown("link", rule="NF-17")]
    applied_on: Annotated[Day, Shown("link", rule="NF-11")]
    sector: Annotated[Literal["tvet", "higher"], Shown("link", rule="NF-18")]
    hours_per_credit: Annotated[Literal[24, 30], Shown("link", unit="hours", rule="NF-18")]
    items: Annotated[
        tuple[RecognisedUnit, ...],
        some("NF-23", "nf_23_items"),
        Field(min_length=1, max_length=40),
        Shown("link", rule="NF-23"),
    ]
    conversion_scales: Annotated[
        tuple[ConversionScale, ...] | None, Field(min_length=1, max_length=10), Shown("link", rule="NF-20")
    ] = None
    exemption: Annotated[Exemption | None, Shown("link", rule="NF-26")] = None
    minutes: Annotated[CommissionMinutes, Shown("link", rule="NF-23")]
    commission_order: Annotated[Commission, Shown("private", rule="NF-06")]
    evidence_documents: Annotated[
        tuple[EvidenceDocument, ...],
        some("NF-04", "nf_04_evidence"),
        Field(min_length=1, max_length=20),
        Shown("private", rule="NF-04"),
    ]
    evidence_annex: Annotated[
        tuple[EvidenceUnit, ...] | None, Field(min_length=1, max_length=80), Shown("private", rule="NF-05")
    ] = None

    @property
    def title(self) -> Text:
        return self.study_programme.title.text

    @property
    def decided_on(self) -> date:
        return self.minutes.decided_on

    @property
    def decision_number(self) -> str:
        return self.minutes.minutes_number

    @model_validator(mode="after")
    def _qr_02_mandate(self) -> Self:
        if self.chapter not in self.commission_order.mandate:
            raise broken("QR-02", "qr_02_mandate", at=("commission_order", "mandate"))
        return self

    @model_validator(mode="after")
    def _evidence_fits_the_chapter(self) -> Self:
        recognised = any(document.issuer_category == "recognition_centre" for document in self.evidence_documents)
        if self.chapter == "chapter_3" and not recognised:
            raise broken("QR-01", "qr_01_evidence", at=("chapter",))
        if self.chapter == "chapter_2" and recognised:
            raise broken("NF-03", "nf_03_evidence", at=("chapter",))
        return self

    @model_validator(mode="after")
    def _nf_18_hours_are_credits(self) -> Self:
        """Clause 7: exactly 24 hours a credit in TVET and post-secondary, 30 in higher and postgraduate."""
        rate = HOURS_PER_CREDIT[self.sector]
        if self.hours_per_credit != rate:
            raise broken("NF-18", "nf_18_rate", at=("hours_per_credit",), rate=rate, stated=self.hours_per_credit)
        for index, item in enumerate(self.items):
            _check_hours(item, rate, ("items", index, "discipline_hours"))
        return self

    @model_validator(mode="after")
    def _nf_20_scale_for_every_source_grade(self) -> Self:
        known = {LETTER_SCALE} | {scale.source_scale for scale in self.conversion_scales or ()}
        for index, item in enumerate(self.items):
            if item.source_grade is not None and item.source_scale not in known:
                at = ("items", index, "source_scale")
                raise broken("NF-20", "nf_20_scale", at=at, unit=item.source_unit, scale=item.source_scale or "?")
        return self

    @model_validator(mode="after")
    def _nf_05_sources_have_volume_and_grade(self) -> Self:
        """Chapter 2; a recognised qualification (chapter 3) has neither."""
        for index, item in enumerate(self.items if self.chapter == "chapter_2" else ()):
            volume, grade = ("items", index, "source_hours"), ("items", index, "source_grade")
            check_volume(item.source_unit, item.source_hours, item.source_credits, at=volume)
            if item.source_grade is None:
                raise broken("NF-05", "nf_05_grade", at=grade, unit=item.source_unit)
        return self

    @model_validator(mode="after")
    def _nf_05_evidence_has_its_annex(self) -> Self:
        listed = {row.document_number for row in self.evidence_annex or ()}
        for number in self._certificates():
            if number not in listed:
                raise broken("NF-05", "nf_05_evidence", at=("evidence_annex",), number=number)
        return self

    def _certificates(self) -> Iterator[str]:
        return (d.document_number for d in self.evidence_documents if d.issuer_category != "recognition_centre")

    @model_validator(mode="after")
    def _nf_26_exempt_from_what_is_transferred(self) -> Self:
        transferred = {item.discipline_code for item in self.items if item.item_decision == "transferred"}
        exempt = set(self.exemption.exempt_units) if self.exemption else set()
        if exempt != transferred:
            at = ("exemption", "exempt_units")
            raise broken("NF-26", "nf_26_exemption", at=at, units=", ".join(sorted(exempt ^ transferred)))
        return self
