"""A small world of facts: one specimen of each kind, as an office would enter it, and how to change one thing in it.

The people do not exist; their names hold the letters that fonts and keyboards tend to lack.
"""

import copy
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

import pytest
from pydantic import ValidationError

from schemas.credential import Draft, Heading, Slot, draft
from schemas.kinds.document import Issuer, Signatory
from schemas.kinds.facts import Facts, Node
from schemas.kinds.microcredential import OUTCOME_GROUPS, MicroCredential
from schemas.kinds.supplement import Supplement
from schemas.kinds.supplement_request import SupplementRequest, supplement_facts
from schemas.kinds.table import KINDS, Kind
from schemas.languages import LANGUAGES
from schemas.numbers import Number

Row: TypeAlias = dict[str, Any]
"""Facts as an office enters them: plain values by the models' field names."""

HOLDER: Row = {
    "family_name": {"kk": "Өтеғалиева", "ru": "Утегалиева", "en": "Utegaliyeva"},
    "given_name": {"kk": "Әсем", "ru": "Асем", "en": "Assem"},
    "patronymic_name": {"kk": "Қуанышқызы", "ru": "Куанышкызы"},
    "birth_date": "1999-03-14",
}


def three(words: str) -> Row:
    """The same words in the three languages."""
    return {"kk": words, "ru": words, "en": words}


STANDARD: Row = {"standard_title": three("Педагог"), "approval_act": "№ 500, 15.12.2022"}
FUNCTIONS: list[Row] = [
    {"code": "1", "function": {"kk": "Оқыту", "ru": "Обучение", "en": "Teaching"}},
    {"code": "2", "function": {"kk": "Бағалау", "ru": "Оценивание", "en": "Assessment"}},
]


def micro_credential() -> Row:
    """A certificate of a micro-credential of 3 ECTS."""
    outcomes = [{"outcome_group": group, "outcome": three(f"outcome: {group}")} for group in OUTCOME_GROUPS]
    programme = {
        "programme_code": "MC-014",
        "title": {"kk": "Цифрлық педагогика", "ru": "Цифровая педагогика", "en": "Digital pedagogy"},
        "goals": three("Plan and teach lessons with digital means"),
        "learning_outcomes": outcomes,
        "ects": "3",
        "hours": "90",
        "eqf_level": 6,
        "nqf_level": 6,
        "field_of_study": "0114",
        "assessment_method": three("Portfolio and its defence"),
        "supervision": three("On site, identity checked"),
        "participation": "blended",
        "quality_assurance": three("ESG 1.2, 1.3, 1.9"),
        "standard": STANDARD,
        "labour_functions": FUNCTIONS,
        "recognisability": three("For credit in study programmes"),
        "entry_requirements": three("General secondary education"),
        "language_of_study": ["kk", "ru"],
        "modules": [
            {"module_title": three("Learning design"), "hours": "30", "ects": "1"},
            {"module_title": three("Assessment online"), "hours": "60", "ects": "2"},
        ],
    }
    return HOLDER | {
        "programme": programme,
        "studied_from": "2026-09-01",
        "studied_until": "2026-10-30",
        "grade": {"letter": "A-", "points": "3.67", "percent": 92},
        "external_expert": three("School-lyceum No. 1"),
        "minutes": {"commission": three("Certification commission"), "minutes_number": "7", "decided_on": "2026-11-05"},
    }


def qualification() -> Row:
    """A document on recognition of a professional qualification."""
    return HOLDER | {
        "profession": {"code": "7212-1-003", "title": {"kk": "Дәнекерлеуші", "ru": "Сварщик", "en": "Welder"}},
        "standard": {"standard_title": three("Сварочное дело"), "approval_act": "№ 255, 24.12.2019"},
        "nqf_level": 4,
        "labour_functions": FUNCTIONS,
        "qualification_programme": {"programme_code": "QP-7212", "programme_version": "2", "title": three("Welder")},
        "theory": {"correct": 36, "total": 50},
        "practice": {"technological_card": "TC-14 v2", "passed": True},
        "mode": "onsite",
        "decision": {"decided_on": "2026-11-05", "decision_number": "112", "decision_result": "passed"},
    }


def training() -> Row:
    """A certificate of short-term vocational training of 72 hours, 3 credits."""
    return HOLDER | {
        "document_form": "certificate",
        "programme": {
            "programme_code": "ST-7212",
            "title": {"kk": "Дәнекерлеу негіздері", "ru": "Основы сварки", "en": "Basics of welding"},
            "qualification": {"kk": "Дәнекерлеуші", "ru": "Сварщик", "en": "Welder"},
            "agreed_with_atameken": "№ 14, 02.02.2026",
        },
        "form_of_training": ["full_time", "online"],
        "enrolment": {"order_number": "31-К", "ordered_on": "2026-08-28"},
        "studied_from": "2026-09-01",
        "studied_until": "2026-10-30",
        "hours": "72",
        "academic_credits": "3",
        "annex": [
            {"module_title": three("Safety"), "hours": "24", "academic_credits": "1", "grade": "A-"},
            {"module_title": three("Arc welding"), "hours": "48", "academic_credits": "2", "grade": "B+"},
        ],
        "grading_scale": three("Point-rating letter system"),
        "attestation": {"attested_on": "2026-10-30", "attestation_result": "passed", "attestation_grade": "A-"},
        "place_of_issue": {"kk": "Қостанай", "ru": "Костанай", "en": "Kostanay"},
        "route": "in_demand_skills",
        "referral_number": "H-17",
    }


def decision() -> Row:
    """An extract from the minutes of a university's commission that recognised a course of 90 hours."""
    unit = {
        "source_unit": "Machine Learning Specialization",
        "source_hours": "94",
        "source_grade": "91.5",
        "source_scale": "0–100 %",
        "discipline_code": "ML 3301",
        "discipline_title": {"kk": "Машиналық оқыту", "ru": "Машинное обучение", "en": "Machine learning"},
        "discipline_credits": "3",
        "discipline_hours": "90",
        "grade": {"letter": "A-", "points": "3.67", "percent": 92},
        "item_decision": "transferred",
    }
    refused = {
        "source_unit": "AI For Everyone",
        "source_hours": "6",
        "source_grade": "A",
        "source_scale": "letter",
        "discipline_code": "AI 2201",
        "discipline_title": three("Artificial intelligence"),
        "item_decision": "refused",
        "reason": three("The syllabus is not covered"),
    }
    return HOLDER | {
        "chapter": "chapter_2",
        "study_programme": {
            "programme_code": "6B06102",
            "title": {"kk": "Информатика", "ru": "Информатика", "en": "Computer science"},
            "study_group": "3, ИНФ-31",
            "academic_period": {"kk": "2026–2027, күзгі", "ru": "2026–2027, осенний", "en": "2026–2027, autumn"},
        },
        "applied_on": "2026-08-20",
        "sector": "higher",
        "hours_per_credit": 30,
        "items": [unit, refused],
        "conversion_scales": [{"source_scale": "0–100 %", "scale_id": "CS-2", "scale_version": "3"}],
        "exemption": {"exempt_units": ["ML 3301"], "exempt_from": three("2026–2027, spring")},
        "minutes": {
            "minutes_number": "4",
            "decided_on": "2026-08-31",
            "presider": "Ә. Қыдырбекова",
            "presided_as": "chair",
            "secretary": "Р. Іскендірова",
            "members": ["Ә. Қыдырбекова", "М. Жүнісов", "Ғ. Өмірзақова"],
            "votes": {"participants": 3, "votes_for": 2, "votes_against": 0, "votes_abstained": 1},
        },
        "commission_order": {
            "commission": three("Commission for recognition of non-formal learning results"),
            "order": {"order_number": "212", "ordered_on": "2026-02-02"},
            "mandate": ["chapter_2", "chapter_3"],
        },
        "evidence_documents": [
            {
                "evidence_issuer": "Coursera",
                "issuer_category": "mooc",
                "document_kind": "certificate",
                "document_number": "4XQ7",
                "document_date": "2026-07-01",
                "document_link": "https://platform.example/verify/4XQ7",
                "document_digest": "ab" * 32,
            }
        ],
        "evidence_annex": [
            {"document_number": "4XQ7", "unit_title": "Supervised learning", "hours": "33", "grade": "93"},
            {"document_number": "4XQ7", "unit_title": "Unsupervised learning", "hours": "61", "grade": "90"},
        ],
    }


def supplement_request() -> Row:
    """A holder's recorded request for a supplement."""
    return {
        "parent_certificate": PARENT_NUMBER,
        "request_number": "З-9",
        "requested_on": "2026-11-12",
        "institution_status": three("State university, accredited"),
        "unit_letters": ["A", "B+"],
        "grade_distribution": [{"letter": "A", "count": 1}, {"letter": "B", "count": 2}],
        "distribution_group": three("Programme MC-014, 2024–2026"),
    }


PARENT_NUMBER = str(Number("KMU", "MC", 2026, 1))


def supplemented(request: Row, parent: Row) -> Supplement:
    """The supplement that answers `request` for a certificate stating `parent`."""
    return supplement_facts(
        SupplementRequest.model_validate(request),
        MicroCredential.model_validate(parent),
        parent_number=PARENT_NUMBER,
        parent_issued_on=date(2026, 11, 6),
        institution_name=ISSUER.legal_name,
        issued_on=date(2026, 11, 20),
        signatories=SIGNATORIES,
    )


def supplement() -> Row:
    """A supplement to the specimen of a micro-credential."""
    return supplemented(supplement_request(), micro_credential()).model_dump(exclude_none=True)


ROWS: Mapping[str, Callable[[], Row]] = {
    "MicroCredentialCertificate": micro_credential,
    "ProfessionalQualificationRecognition": qualification,
    "LearningRecognitionDecision": decision,
    "ShortTermTrainingCertificate": training,
    "CertificateSupplement": supplement,
}
"""Kind → its specimen."""


def changed(row: Row, **changes: Any) -> Row:
    """`row` with other values: `theory__correct=35` is `row["theory"]["correct"]`, `annex__0__grade` counts from 0.

    The value `...` leaves the field out.
    """
    new = copy.deepcopy(row)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdecimal() else step for step in path.split("__"))
        place: Any = new
        for step in steps:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return new


def facts_of(kind: Kind, row: Row | None = None) -> Facts:
    """The facts of `kind`, of its specimen unless a row is given."""
    return kind.facts.model_validate(ROWS[kind.name]() if row is None else row)


def accepts(model: type[Node], row: Row) -> bool:
    """Does `model` take `row`?"""
    try:
        model.model_validate(row)
    except ValidationError:
        return False
    return True


def refusal(model: type[Node], row: Row, rule: str) -> None:
    """`model` refuses `row` by `rule`, whose number stands in the sentence in each language."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(row)
    sentences = [e["ctx"] for e in caught.value.errors() if e["type"] == "rule" and e["ctx"]["rule"] == rule]
    assert sentences, caught.value
    for sentence in sentences:
        assert all(rule in sentence[language] for language in LANGUAGES)


ISSUER = Issuer.model_validate(
    {
        "id": "did:web:tanu.example:i:kmu",
        "name": "Specimen University",
        "legal_name": {"kk": "Үлгі университеті", "ru": "Университет-образец", "en": "Specimen University"},
        "bin": "990340000014",
        "country": "KZ",
        "city": {"kk": "Қостанай", "ru": "Костанай", "en": "Kostanay"},
    }
)
SIGNATORIES = (
    Signatory.model_validate(
        {"signatory_name": "Ғ. Ұлықбекова", "position": {"kk": "Төраға", "ru": "Председатель", "en": "Chair"}}
    ),
)


def heading(kind: Kind) -> Heading:
    """What the office adds to the facts of a document of `kind`."""
    public = "https://tanu.example"
    slots = [Slot(f"{public}/status/{purpose}", n, purpose) for n, purpose in enumerate(kind.status_purposes, 7)]
    return Heading(
        address=f"{public}/c/7K3M9QZX2BVD4T",
        number=str(Number("KMU", kind.letters, 2026, 1)),
        issuer=ISSUER.model_copy(update={"type": ("Profile",)}) if kind.badge else ISSUER,
        issued_on=date(2026, 11, 20),
        first_language="kk",
        signatories=SIGNATORIES,
        slots=tuple(slots),
        schema_url=f"{public}/schemas/{kind.name}/{kind.version}.json",
        test=True,
    )


def drafted(name: str) -> Draft:
    """The unsigned specimen of the kind called `name`."""
    kind = KINDS[name]
    return draft(kind, facts_of(kind), heading(kind))
