"""Kind 4: who passed the final attestation receives a document whose annex can be recognised later (NF-05, SE-16)."""

import pytest

from schemas.display import CODE, LINK, PAPER, Line, Table, lines, marked
from schemas.kinds.facts import Node, Shown
from schemas.kinds.training import ShortTermTraining, badge
from tests.world_facts import changed, refusal, training


def test_an_annex_with_volume_and_grades_is_needed() -> None:
    refusal(ShortTermTraining, changed(training(), annex=[]), "NF-05")
    rule = {name: note.rule for name, note in notes("annex")}
    assert rule == {"module_title": "NF-05", "hours": "NF-05", "academic_credits": "NF-05", "grade": "NF-05"}


def notes(field: str) -> list[tuple[str, Shown]]:
    """What is said beside the fields of the objects in `field`."""
    rows = getattr(ShortTermTraining.model_validate(training()), field)
    model: type[Node] = type(rows[0])
    return list(marked(model))


@pytest.mark.parametrize("hours", ["0", ...])
def test_a_row_without_volume_is_refused(hours: object) -> None:
    row = changed(training(), annex__0__hours=hours, annex__0__academic_credits=...)
    refusal(ShortTermTraining, row, "NF-05")


def test_hours_alone_or_credits_alone_are_enough() -> None:
    row = training()
    for dropped in ("hours", "academic_credits"):
        one = changed(row, **{dropped: ..., f"annex__0__{dropped}": ..., f"annex__1__{dropped}": ...})
        assert getattr(ShortTermTraining.model_validate(one), dropped) is None


@pytest.mark.parametrize(
    "change", [{"hours": "73"}, {"annex__0__hours": "24.01"}, {"annex__0__hours": ...}, {"academic_credits": "4"}]
)
def test_the_annex_adds_up_to_the_stated_volume(change: dict[str, object]) -> None:
    refusal(ShortTermTraining, changed(training(), **change), "NF-05")


def test_a_volume_must_be_stated() -> None:
    refusal(ShortTermTraining, changed(training(), hours=..., academic_credits=...), "NF-05")


def test_without_passing_the_attestation_there_is_no_document() -> None:
    refusal(ShortTermTraining, changed(training(), attestation__attestation_result="not_passed"), "SE-16")


def test_training_ends_after_it_began() -> None:
    refusal(ShortTermTraining, changed(training(), studied_until="2026-08-31"), "SE-16")
    refusal(ShortTermTraining, changed(training(), attestation__attested_on="31.08.2026"), "SE-16")


def test_the_form_of_the_document_decides_its_open_badges_type() -> None:
    types = {"svidetelstvo": "Certificate", "certificate": "CertificateOfCompletion"}
    for form, achievement_type in types.items():
        facts = ShortTermTraining.model_validate(changed(training(), document_form=form))
        assert badge(facts, "kk")["achievementType"] == achievement_type


def test_the_code_shows_the_annex_without_grades_and_nothing_internal() -> None:
    facts = ShortTermTraining.model_validate(training())
    shown = {line.name: line for line in lines(facts, CODE)}
    assert columns(shown["annex"]) == ("module_title", "hours", "academic_credits")
    assert not {"route", "referral_number", "grading_scale"} & set(shown)
    held = {line.name: line for line in lines(facts, LINK)}
    assert columns(held["annex"])[-1] == "grade"
    assert not {"route", "referral_number"} & set(held)
    assert {"route", "referral_number"} <= {line.name for line in lines(facts, PAPER)}


def columns(line: Line) -> tuple[str, ...]:
    """The columns of a table line."""
    assert isinstance(line.value, Table)
    return line.value.names
