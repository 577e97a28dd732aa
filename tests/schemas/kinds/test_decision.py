"""Kind 3: an extract states only what was adopted, converted exactly, and proved (NF-05, 10, 18, 20, 22 and others)."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.display import CODE, LINK, lines, shows_holder
from schemas.grades import credits_for, two_decimals
from schemas.kinds.decision import RecognitionDecision, Votes
from schemas.kinds.facts import Mark
from tests.world_facts import Row, accepts, changed, decision, refusal


def votes(participants: int, votes_for: int, votes_against: int, votes_abstained: int) -> Row:
    """A ballot."""
    names = ("participants", "votes_for", "votes_against", "votes_abstained")
    return dict(zip(names, (participants, votes_for, votes_against, votes_abstained), strict=True))


@pytest.mark.parametrize("ballot", [(7, 4, 3, 0), (3, 2, 0, 1), (1, 1, 0, 0)])
def test_more_than_half_of_the_participants_adopt(ballot: tuple[int, int, int, int]) -> None:
    assert accepts(Votes, votes(*ballot))


@pytest.mark.parametrize("ballot", [(6, 3, 3, 0), (5, 2, 1, 2), (4, 2, 0, 2), (0, 0, 0, 0)])
def test_a_tie_and_abstentions_do_not_adopt(ballot: tuple[int, int, int, int]) -> None:
    refusal(Votes, votes(*ballot), "NF-22")


@pytest.mark.parametrize("ballot", [(7, 4, 2, 0), (7, 8, 0, 0)])
def test_the_votes_add_up_to_the_participants(ballot: tuple[int, int, int, int]) -> None:
    refusal(Votes, votes(*ballot), "NF-22")


@pytest.mark.parametrize("name", ["Ә. Қыдырбекова", "м.  жүнісов"])
def test_the_secretary_is_neither_presider_nor_member(name: str) -> None:
    refusal(RecognitionDecision, changed(decision(), minutes__secretary=name), "NF-10")


def test_the_presider_is_one_of_the_members_who_took_part() -> None:
    refusal(RecognitionDecision, changed(decision(), minutes__presider="Т. Ерғалиев"), "NF-09")


def test_the_members_named_are_as_many_as_took_part() -> None:
    row = changed(decision(), minutes__votes=votes(4, 3, 1, 0))
    refusal(RecognitionDecision, row, "NF-22")
    assert RecognitionDecision.model_validate(changed(row, minutes__members=...)).minutes.votes.participants == 4


VOLUMES = [("72", "3", "2.4"), ("90", "3.75", "3"), ("120", "5", "4"), ("150", "6.25", "5")]
RATES = {"tvet": 24, "higher": 30}


@pytest.mark.parametrize(("hours", "tvet", "higher"), VOLUMES)
def test_hours_are_credits_times_24_or_30(hours: str, tvet: str, higher: str) -> None:
    assert two_decimals(credits_for(Decimal(hours), "tvet")) == tvet
    assert two_decimals(credits_for(Decimal(hours), "higher")) == higher
    for sector, credit in (("tvet", tvet), ("higher", higher)):
        assert accepts(RecognitionDecision, with_volume(sector, hours, credit))
    for sector, credit in (("tvet", higher), ("higher", tvet)):
        refusal(RecognitionDecision, with_volume(sector, hours, credit), "NF-18")


def with_volume(sector: str, hours: str, credit: str) -> Row:
    """The specimen with another volume of its first discipline."""
    volume: dict[str, Any] = {"items__0__discipline_hours": hours, "items__0__discipline_credits": credit}
    return changed(decision(), sector=sector, hours_per_credit=RATES[sector], **volume)


def test_the_rate_is_that_of_the_sector() -> None:
    refusal(RecognitionDecision, changed(decision(), hours_per_credit=24), "NF-18")


def test_a_grade_of_another_scale_needs_a_conversion_scale() -> None:
    refusal(RecognitionDecision, changed(decision(), conversion_scales=...), "NF-20")
    refusal(RecognitionDecision, changed(decision(), items__0__source_scale="1–10"), "NF-20")
    refusal(RecognitionDecision, changed(decision(), items__0__source_scale=...), "NF-20")
    assert accepts(RecognitionDecision, changed(decision(), items__0__source_scale="letter"))


def test_the_grade_fits_the_letter_table() -> None:
    refusal(RecognitionDecision, changed(decision(), items__0__grade__percent=80), "NF-19")


def test_evidence_has_its_annex_with_volume_and_grade() -> None:
    refusal(RecognitionDecision, changed(decision(), evidence_annex=...), "NF-05")
    refusal(RecognitionDecision, changed(decision(), evidence_documents__0__document_number="5"), "NF-05")
    refusal(RecognitionDecision, changed(decision(), evidence_annex__0__hours="0"), "NF-05")
    refusal(RecognitionDecision, changed(decision(), items__0__source_hours=...), "NF-05")
    refusal(RecognitionDecision, changed(decision(), items__0__source_grade=...), "NF-05")


def test_what_is_transferred_has_volume_and_grade() -> None:
    for field in ("discipline_credits", "discipline_hours", "grade"):
        refusal(RecognitionDecision, changed(decision(), **{f"items__0__{field}": ...}), "NF-25")


@pytest.mark.parametrize("item_decision", ["partly", "refused"])
def test_a_refusal_has_its_reason(item_decision: str) -> None:
    row = changed(decision(), items__0__item_decision=item_decision, exemption=...)
    refusal(RecognitionDecision, row, "NF-27")


def test_the_learner_is_exempt_from_what_was_transferred_and_from_nothing_else() -> None:
    refusal(RecognitionDecision, changed(decision(), exemption=...), "NF-26")
    refusal(RecognitionDecision, changed(decision(), exemption__exempt_units=["ML 3301", "AI 2201"]), "NF-26")


def test_nothing_is_decided_without_items_and_evidence() -> None:
    refusal(RecognitionDecision, changed(decision(), items=[]), "NF-23")
    refusal(RecognitionDecision, changed(decision(), evidence_documents=[]), "NF-04")


def qualification_recognised() -> Row:
    """An extract by chapter 3."""
    document = {"issuer_category": "recognition_centre", "document_kind": "recognition_document"}
    evidence = decision()["evidence_documents"][0] | document
    row = changed(decision(), chapter="chapter_3", evidence_documents=[evidence], evidence_annex=...)
    return changed(row, items__0__source_hours=..., items__0__source_grade=..., items__0__source_scale=...)


def test_a_recognised_qualification_has_neither_volume_nor_grade() -> None:
    assert RecognitionDecision.model_validate(qualification_recognised()).evidence_annex is None


def test_each_chapter_has_its_evidence_and_its_mandate() -> None:
    refusal(RecognitionDecision, changed(decision(), chapter="chapter_3"), "QR-01")
    refusal(RecognitionDecision, changed(qualification_recognised(), chapter="chapter_2"), "NF-03")
    refusal(RecognitionDecision, changed(decision(), commission_order__mandate=["chapter_3"]), "QR-02")


def test_the_code_alone_shows_nothing_of_an_extract() -> None:
    facts = RecognitionDecision.model_validate(decision())
    assert lines(facts, CODE) == ()
    assert not shows_holder(facts, CODE)
    assert shows_holder(facts, LINK)
    assert facts.title_mark == "link"


def test_the_holder_chooses_who_sees_the_decision_but_votes_and_evidence_stay_private() -> None:
    facts = RecognitionDecision.model_validate(decision())
    names = {line.name for line in lines(facts, LINK)}
    assert {"family_name", "items", "exemption", "minutes"} <= names
    assert not {"commission_order", "evidence_documents", "evidence_annex"} & names
    assert {line.name for line in lines(facts.minutes, LINK)} == {"decided_on"}
    private: Mark = "private"
    assert lines(facts.minutes, LINK | {private})


def test_handing_over_and_the_transcript_are_no_fields() -> None:
    assert not [name for name in RecognitionDecision.model_fields if "transcript" in name or "handed" in name]
