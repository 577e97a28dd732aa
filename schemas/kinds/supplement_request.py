"""A holder's recorded request and the parent's facts → the eight sections of a supplement, in the three languages.

The row of a request is small: what it leaves out has a standard text, or a standard reason for its absence, under
`supplement` in `schemas/words/kinds.toml`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, model_validator

from schemas.display import joined
from schemas.errors import Refused
from schemas.grades import LETTER_TABLE
from schemas.kinds.document import Signatory
from schemas.kinds.facts import Code, Day, Letter, Node, Paragraphs, Shown, Trilingual, broken
from schemas.kinds.microcredential import MicroCredential, Programme
from schemas.kinds.supplement import (
    AdditionalSection,
    CertificationSection,
    ContentsSection,
    DistributionRow,
    FunctionSection,
    HolderSection,
    LevelSection,
    NationalSystemSection,
    Parent,
    QualificationSection,
    RecordedRequest,
    Section,
    Supplement,
    SupplementUnit,
    item,
    shares,
)
from schemas.languages import Text, say


class DistributionCount(Node):
    """A row of the distribution table as an office enters it."""

    letter: Annotated[Letter, Shown(label="field.grade")]
    count: Annotated[int, Field(ge=0, le=1_000_000), Shown()]


class SupplementRequest(Node):
    """A row of the office's requests: what a supplement says beyond its parent (MC-18)."""

    parent_certificate: Annotated[Code, Shown(rule="MC-18")]
    """The parent's registration number, or the number of its case where it is issued in the same run."""
    request_number: Annotated[Code, Shown(rule="MC-18")]
    requested_on: Annotated[Day, Shown(rule="MC-18")]
    student_code: Annotated[Code | None, item("1.4")] = None
    institution_status: Annotated[Trilingual | None, Shown()] = None
    administering_institution: Annotated[Trilingual | None, item("2.4")] = None
    official_duration: Annotated[Trilingual | None, item("3.2")] = None
    unit_letters: Annotated[tuple[Letter, ...] | None, Shown()] = None
    """The grades of the parent's modules, in their order (item 4.3)."""
    grade_distribution: Annotated[tuple[DistributionCount, ...] | None, item("4.4-distribution")] = None
    distribution_group: Annotated[Trilingual | None, Shown()] = None
    further_study: Annotated[Trilingual | None, item("5.1")] = None
    regulated_profession: Annotated[Trilingual | None, item("5.2")] = None
    additional_information: Annotated[Trilingual | None, item("6.1")] = None
    information_sources: Annotated[Trilingual | None, item("6.2")] = None

    @model_validator(mode="after")
    def _distribution_names_its_group(self) -> Self:
        if bool(self.grade_distribution) != bool(self.distribution_group):
            raise broken("MC-18", "mc_18_group", at=("distribution_group",))
        return self

    @model_validator(mode="after")
    def _distribution_is_of_those_who_passed(self) -> Self:
        rows = self.grade_distribution or ()
        counts = {row.letter: row.count for row in rows}
        if len(counts) != len(rows) or (rows and not shares(counts)):
            raise broken("MC-18", "mc_18_distribution", at=("grade_distribution",))
        return self


def renumbered(facts: Supplement, parent_number: str) -> Supplement:
    """The same supplement of a certificate that has another number now."""
    parent = facts.parent.model_copy(update={"parent_number": parent_number})
    return facts.model_copy(update={"parent": parent, "preamble": _preamble(parent_number)})


def _preamble(parent_number: str) -> Paragraphs:
    return Paragraphs.of(say("supplement.preamble", number=parent_number))


def supplement_facts(
    request: SupplementRequest,
    parent_facts: MicroCredential,
    *,
    parent_number: str,
    parent_issued_on: date,
    institution_name: Trilingual,
    issued_on: date,
    signatories: Sequence[Signatory],
) -> Supplement:
    """The supplement that answers `request`: the eight sections, filled from the parent in the three languages.

    Raises `Refused` where the request does not fit the parent.
    """
    programme = parent_facts.programme
    return Supplement(
        family_name=parent_facts.family_name,
        given_name=parent_facts.given_name,
        patronymic_name=parent_facts.patronymic_name,
        birth_date=parent_facts.birth_date,
        parent=Parent(
            parent_number=parent_number,
            parent_kind="MicroCredentialCertificate",
            parent_title=programme.title,
            parent_issued_on=parent_issued_on,
        ),
        request=RecordedRequest(request_number=request.request_number, requested_on=request.requested_on),
        preamble=_preamble(parent_number),
        section_1=_holder(request, parent_facts),
        section_2=_qualification(request, programme, institution_name.text),
        section_3=_level(request, programme),
        section_4=_contents(request, parent_facts),
        section_5=_function(request, programme),
        section_6=_additional(request, parent_facts, institution_name.text),
        section_7=_certification(issued_on, signatories),
        section_8=_section(NationalSystemSection, national_system=say("supplement.national_system")),
    )


S = TypeVar("S", bound=Section)


def _section(section: type[S], **stated: Any) -> S:
    """A section of what is `stated`; each item that is None gets the standard reason for its absence."""
    absent = [number for name, number in section.items() if stated.get(name) is None]
    reasons = [{"item": number, "absence_reason": say(f"supplement.absent.{number}").as_json()} for number in absent]
    held = {name: value.as_json() if isinstance(value, Text) else value for name, value in stated.items()}
    return section.model_validate(held | {"not_stated": reasons or None})


def _holder(request: SupplementRequest, parent: MicroCredential) -> HolderSection:
    return _section(
        HolderSection,
        family_name=parent.family_name,
        given_name=parent.given_name,
        patronymic_name=parent.patronymic_name,
        birth_date=parent.birth_date,
        student_code=request.student_code,
    )


def _qualification(request: SupplementRequest, programme: Programme, institution: Text) -> QualificationSection:
    languages = [say(f"value.language_of_study.{language}") for language in programme.language_of_study]
    return _section(
        QualificationSection,
        qualification_name=programme.title.text,
        main_fields=say(f"value.field_of_study.{programme.field_of_study}"),
        awarding_institution=joined([institution, *_given(request.institution_status)], "; "),
        administering_institution=_text(request.administering_institution),
        languages_of_instruction=joined(languages, ", "),
    )


def _level(request: SupplementRequest, programme: Programme) -> LevelSection:
    volume = say("supplement.duration", ects=programme.ects, hours=programme.hours)
    return _section(
        LevelSection,
        qualification_level=say("supplement.level", nqf=programme.nqf_level, eqf=programme.eqf_level),
        official_duration=joined([volume, *_given(request.official_duration)], "; "),
        access_requirements=_text(programme.entry_requirements),
    )


def _contents(request: SupplementRequest, parent: MicroCredential) -> ContentsSection:
    scale = ", ".join(f"{row.letter} = {row.points} ({row.lowest}–{row.highest} %)" for row in LETTER_TABLE)
    return _section(
        ContentsSection,
        mode_of_study=say(f"value.participation.{parent.programme.participation}"),
        programme_outcomes=parent.programme.learning_outcomes,
        programme_details=_units(request, parent.programme),
        grading_system=say("supplement.grading_system", scale=scale),
        grade_distribution=_distribution(request),
        distribution_group=request.distribution_group,
        overall_classification=_overall(parent),
    )


def _units(request: SupplementRequest, programme: Programme) -> tuple[SupplementUnit, ...]:
    letters = request.unit_letters or (None,) * len(programme.modules)
    if len(letters) != len(programme.modules):
        raise Refused.saying("rules.mc_18_letters", letters=len(letters), modules=len(programme.modules))
    return tuple(
        SupplementUnit(module_title=module.module_title, ects=module.ects, hours=module.hours, letter=letter)
        for module, letter in zip(programme.modules, letters, strict=True)
    )


def _distribution(request: SupplementRequest) -> tuple[DistributionRow, ...] | None:
    counts = {row.letter: row.count for row in request.grade_distribution or ()}
    percents = shares(counts)
    rows = (DistributionRow(letter=letter, count=counts[letter], percent=percents[letter]) for letter in percents)
    return tuple(rows) or None


def _overall(parent: MicroCredential) -> Text | None:
    grade = parent.grade
    return Text.same(f"{grade.letter} ({grade.points}; {grade.percent} %)") if grade else None


def _function(request: SupplementRequest, programme: Programme) -> FunctionSection:
    profession = _text(request.regulated_profession) or say("supplement.regulated_profession")
    return _section(
        FunctionSection,
        further_study=_text(request.further_study) or say("supplement.further_study"),
        regulated_profession=joined([profession, *_labour_functions(programme)], "; "),
    )


def _labour_functions(programme: Programme) -> list[Text]:
    if not programme.standard or not programme.labour_functions:
        return []
    codes = ", ".join(function.code for function in programme.labour_functions)
    standard = programme.standard.standard_title.text
    return [say("supplement.labour_functions", standard=standard, functions=codes)]


def _additional(request: SupplementRequest, parent: MicroCredential, institution: Text) -> AdditionalSection:
    sources = _text(request.information_sources) or say("supplement.information_sources", institution=institution)
    return _section(
        AdditionalSection,
        additional_information=joined([*_described(parent), *_given(request.additional_information)], "; "),
        information_sources=sources,
    )


def _described(parent: MicroCredential) -> Iterator[Text]:
    """What clause 4.1 defines and the certificate's face does not show (MC-25)."""
    programme = parent.programme
    described = {
        "field.goals": programme.goals,
        "field.assessment_method": programme.assessment_method,
        "field.supervision": programme.supervision,
        "field.external_expert": parent.external_expert,
        "field.quality_assurance": programme.quality_assurance,
        "supplement.recognisability": programme.recognisability,
    }
    return (joined([say(label), held.text], ": ") for label, held in described.items() if held)


def _certification(issued_on: date, signatories: Sequence[Signatory]) -> CertificationSection:
    names = Text.same(", ".join(person.signatory_name for person in signatories))
    return _section(
        CertificationSection,
        certified_on=issued_on,
        signature=say("supplement.signature", names=names),
        capacity=joined([person.position.text for person in signatories], ", "),
        official_stamp=say("supplement.official_stamp"),
    )


def _text(held: Trilingual | None) -> Text | None:
    return held.text if held else None


def _given(held: Trilingual | None) -> list[Text]:
    return [held.text] if held else []
