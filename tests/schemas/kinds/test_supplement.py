"""Kind 5: eight sections, each item stated or its absence explained, made from the parent and a recorded request."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.display import CODE, LINK, Table, lines, marked
from schemas.errors import Refused
from schemas.kinds.supplement import ContentsSection, Item, Section, Supplement
from schemas.kinds.supplement_request import SupplementRequest
from schemas.languages import LANGUAGES, say, words
from tests.schemas.test_words import values
from tests.world_facts import (
    PARENT_NUMBER,
    Row,
    changed,
    micro_credential,
    refusal,
    supplement,
    supplement_request,
    supplemented,
)

SECTIONS = [f"section_{number}" for number in range(1, 9)]


def smallest() -> Supplement:
    """The supplement whose request says nothing but its number, to a parent without anything optional."""
    request = {name: supplement_request()[name] for name in ("parent_certificate", "request_number", "requested_on")}
    optional = ("patronymic_name", "birth_date", "grade", "external_expert", "programme__entry_requirements")
    parent = changed(micro_credential(), **dict.fromkeys((*optional, "programme__supervision"), ...))
    return supplemented(request, parent)


@pytest.mark.parametrize("facts", [smallest(), supplemented(supplement_request(), micro_credential())])
def test_each_item_of_the_template_is_stated_or_explained(facts: Supplement) -> None:
    found = [item for name in SECTIONS for item in stated_or_explained(getattr(facts, name))]
    assert sorted(found) == sorted(values(Item))


def stated_or_explained(section: Section) -> list[str]:
    """The items that a section states, and those whose absence it explains."""
    stated = [number for name, number in section.items() if getattr(section, name) is not None]
    return stated + [absence.item for absence in dict(section)["not_stated"] or ()]


def test_nothing_is_absent_without_a_reason_in_three_languages() -> None:
    reasons = [absence for name in SECTIONS for absence in dict(getattr(smallest(), name))["not_stated"] or ()]
    assert {absence.item for absence in reasons} == {"1.3", "1.4", "2.4", "3.3", "4.4-distribution", "4.5"}
    assert all(absence.absence_reason.text[language] for absence in reasons for language in LANGUAGES)


@pytest.mark.parametrize("name", SECTIONS)
def test_an_item_left_empty_is_refused(name: str) -> None:
    section = type(getattr(smallest(), name))
    refusal(section, {"family_name": {"kk": "Ә"}, "given_name": {"kk": "Ә"}} if name == "section_1" else {}, "MC-18")


def test_an_item_stated_and_explained_at_once_is_refused() -> None:
    row = supplement()
    reason = {"item": "2.1", "absence_reason": row["preamble"]}
    row["section_2"]["not_stated"] = [*row["section_2"].get("not_stated", ()), reason]
    refusal(Supplement, row, "MC-18")


def test_a_reason_for_an_item_of_another_section_is_refused() -> None:
    row = supplement()
    row["section_8"]["not_stated"] = [{"item": "2.1", "absence_reason": {"kk": "–", "ru": "–", "en": "–"}}]
    refusal(Supplement, row, "MC-18")


def test_the_supplement_names_its_parent_and_its_own_holder() -> None:
    facts = smallest()
    assert facts.parent.parent_number == PARENT_NUMBER
    assert facts.title == facts.parent.parent_title.text
    assert all(PARENT_NUMBER in facts.preamble.text[language] for language in LANGUAGES)
    refusal(Supplement, changed(supplement(), section_1__family_name={"kk": "Басқа"}), "MC-18")


def test_the_parents_facts_fill_the_sections() -> None:
    facts = supplemented(supplement_request(), micro_credential())
    assert facts.section_2.main_fields
    assert facts.section_2.main_fields.ru == say("value.field_of_study.0114").ru
    assert facts.section_4.programme_details
    assert [unit.letter for unit in facts.section_4.programme_details] == ["A", "B+"]
    assert facts.section_4.overall_classification
    assert facts.section_4.overall_classification.en == "A- (3.67; 92 %)"
    assert facts.section_6.additional_information
    assert "School-lyceum No. 1" in facts.section_6.additional_information.en


def test_what_the_request_says_goes_before_the_standard_texts() -> None:
    own = {"kk": "Өзіндік", "ru": "Своё", "en": "Own words"}
    for section, field in ((5, "further_study"), (5, "regulated_profession"), (6, "information_sources")):
        facts = supplemented(changed(supplement_request(), **{field: own}), micro_credential())
        assert getattr(getattr(facts, f"section_{section}"), field).en.startswith("Own words")


def test_the_distribution_is_in_per_cent_of_those_who_passed() -> None:
    rows = supplemented(supplement_request(), micro_credential()).section_4.grade_distribution or ()
    assert [(row.letter, row.count, row.percent) for row in rows] == [("A", 1, "33.3"), ("B", 2, "66.7")]


@pytest.mark.parametrize(
    "rows",
    [
        [{"letter": "F", "count": 1}],
        [{"letter": "A", "count": 0}],
        [{"letter": "A", "count": 1}, {"letter": "A", "count": 2}],
    ],
)
def test_a_distribution_that_is_none_is_refused(rows: list[Row]) -> None:
    refusal(SupplementRequest, changed(supplement_request(), grade_distribution=rows), "MC-18")


def test_a_distribution_names_its_reference_group() -> None:
    refusal(SupplementRequest, changed(supplement_request(), distribution_group=...), "MC-18")
    refusal(Supplement, changed(supplement(), section_4__distribution_group=...), "MC-18")


def test_a_percentage_that_differs_from_the_counts_is_refused() -> None:
    refusal(Supplement, changed(supplement(), section_4__grade_distribution__0__percent="50"), "MC-18")


def test_there_are_as_many_grades_as_modules() -> None:
    with pytest.raises(Refused, match="MC-18"):
        supplemented(changed(supplement_request(), unit_letters=["A"]), micro_credential())


def test_the_code_shows_no_grade_and_nobody_sees_the_request() -> None:
    contents = supplemented(supplement_request(), micro_credential()).section_4
    assert "letter" not in details(contents, CODE)
    assert "letter" in details(contents, LINK)
    assert "overall_classification" not in {line.name for line in lines(contents, CODE)}
    facts = supplemented(supplement_request(), micro_credential())
    assert "request" not in {line.name for line in lines(facts, LINK)}


def details(contents: ContentsSection, show: Any) -> tuple[str, ...]:
    """The columns of item 4.3."""
    shown = next(line.value for line in lines(contents, show) if line.name == "programme_details")
    assert isinstance(shown, Table)
    return shown.names


def test_each_label_begins_with_the_number_of_its_item() -> None:
    for number in values(Item):
        label = say(f"value.item.{number}")
        assert all(label[language].startswith(number.removesuffix("-distribution")) for language in LANGUAGES)


def test_every_field_of_a_request_has_its_label() -> None:
    notes = dict(marked(SupplementRequest))
    assert set(notes) == set(SupplementRequest.model_fields)
    assert {note.label or f"field.{name}" for name, note in notes.items()} <= set(words())


def test_a_request_without_number_or_date_is_refused() -> None:
    for name in ("parent_certificate", "request_number", "requested_on"):
        with pytest.raises(ValidationError):
            SupplementRequest.model_validate(changed(supplement_request(), **{name: ...}))
