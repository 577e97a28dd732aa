"""Kind 2: a recognition centre's decision becomes a document only by the rules PQ-02, 21, 23 and 28."""

import pytest

from schemas.kinds.qualification import ProfessionalQualification
from schemas.languages import LANGUAGES, say
from tests.world_facts import FUNCTIONS, changed, qualification, refusal

PASSING = [(8, 10), (36, 50), (71, 100), (50, 50)]
FAILING = [(7, 10), (35, 50), (70, 100), (0, 50)]
IMPOSSIBLE = [(0, 0), (11, 10)]
REQUIREMENTS = {"requirements_title": qualification()["profession"]["title"], "approval_act": "№ 1"}


@pytest.mark.parametrize(("correct", "total"), PASSING)
def test_more_than_70_percent_passes_the_theory(correct: int, total: int) -> None:
    row = changed(qualification(), theory__correct=correct, theory__total=total)
    assert ProfessionalQualification.model_validate(row).theory.passed


@pytest.mark.parametrize(("correct", "total"), FAILING + IMPOSSIBLE)
def test_70_percent_and_less_fails_the_theory(correct: int, total: int) -> None:
    row = changed(qualification(), theory__correct=correct, theory__total=total)
    refusal(ProfessionalQualification, row, "PQ-21")


def test_the_percentage_is_cut_and_never_rounded_up() -> None:
    row = changed(qualification(), theory__correct=5, theory__total=7)
    assert ProfessionalQualification.model_validate(row).theory.percent == "71.42"


def test_a_percentage_that_differs_from_the_counts_is_refused() -> None:
    refusal(ProfessionalQualification, changed(qualification(), theory__percent="99"), "PQ-21")


def test_passed_is_no_decision_where_the_practice_failed() -> None:
    refusal(ProfessionalQualification, changed(qualification(), practice__passed=False), "PQ-23")


def test_not_passed_leads_to_no_document() -> None:
    row = changed(qualification(), decision__decision_result="not_passed")
    refusal(ProfessionalQualification, row, "PQ-23")


def test_a_failed_theory_is_named_beside_the_decision() -> None:
    row = changed(qualification(), theory__correct=35, decision__decision_result="not_passed")
    refusal(ProfessionalQualification, row, "PQ-21")
    refusal(ProfessionalQualification, row, "PQ-23")


def test_the_basis_is_a_standard_or_requirements_and_never_both() -> None:
    refusal(ProfessionalQualification, changed(qualification(), standard=None), "PQ-02")
    refusal(ProfessionalQualification, changed(qualification(), qualification_requirements=REQUIREMENTS), "PQ-02")
    row = changed(qualification(), standard=None, qualification_requirements=REQUIREMENTS)
    assert ProfessionalQualification.model_validate(row).qualification_requirements


def test_a_document_certifies_labour_functions() -> None:
    refusal(ProfessionalQualification, changed(qualification(), labour_functions=[]), "PQ-28")
    row = changed(qualification(), labour_functions=FUNCTIONS[:1])
    assert len(ProfessionalQualification.model_validate(row).labour_functions) == 1


def test_the_document_says_what_it_certifies() -> None:
    facts = ProfessionalQualification.model_validate(qualification())
    assert facts.statement.text == say("kind.ProfessionalQualificationRecognition.statement")
    assert facts.title.en == "Welder"
    assert facts.decided_on.isoformat() == "2026-11-05"


def test_the_centre_without_accreditation_has_its_sentence() -> None:
    sentence = say("rules.pq_01_not_accredited", body="Centre", day="2026-11-05")
    assert all(part in sentence[language] for part in ("PQ-01", "Centre") for language in LANGUAGES)
