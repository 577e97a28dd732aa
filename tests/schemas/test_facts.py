"""What all kinds are made of: texts, names, days and grades are taken as an office writes them, or refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.display import marked
from schemas.grades import LETTER_TABLE
from schemas.kinds.facts import Day, Facts, Grade, Name, Names, Trilingual
from schemas.kinds.table import KINDS, Kind
from schemas.languages import LANGUAGES, Text, say
from tests.world_facts import ROWS, accepts, changed, refusal

LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


def test_all_kazakh_letters_stand_in_names() -> None:
    assert TypeAdapter(Name).validate_python(LETTERS) == LETTERS


@pytest.mark.parametrize("name", ["и\u0306", "Ә\u200bсем", "Ә\u202eсем", " Әсем", "Ә\nсем", ""])
def test_a_name_that_looks_like_another_is_refused(name: str) -> None:
    assert not accepts(Names, {"kk": name})


def test_a_name_stands_in_at_least_one_language() -> None:
    assert not accepts(Names, {})
    assert Names.model_validate({"ru": "Асем"}).first("en") == "Асем"


@pytest.mark.parametrize("written", ["2026-06-27", "27.06.2026"])
def test_a_day_is_read_as_offices_write_it(written: str) -> None:
    assert TypeAdapter(Day).validate_python(written).isoformat() == "2026-06-27"


def test_a_text_survives_being_part_of_a_document() -> None:
    text = Text("Ә", "А", "A")
    assert Trilingual.of(text).text == text


@pytest.mark.parametrize("row", LETTER_TABLE, ids=lambda row: str(row.letter))
def test_letter_points_and_per_cent_agree(row: object) -> None:
    letter, points, lowest, highest = (getattr(row, name) for name in ("letter", "points", "lowest", "highest"))
    for percent in (lowest, highest):
        assert accepts(Grade, {"letter": letter, "points": points, "percent": percent})
    for percent in {lowest - 1, highest + 1} - {-1, 101}:
        refusal(Grade, {"letter": letter, "points": points, "percent": percent}, "NF-19")
    assert not accepts(Grade, {"letter": letter, "points": "3.5", "percent": lowest})


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_field_that_a_rule_asks_for_is_named_with_the_rule(kind: Kind) -> None:
    for name, rule in demanded(kind):
        with pytest.raises(ValidationError) as caught:
            kind.facts.model_validate(changed(ROWS[kind.name](), **{name: ...}))
        assert ("missing", (kind.facts.model_fields[name].alias,)) in [(e["type"], e["loc"]) for e in errors(caught)]
        sentence = say("rules.missing", label=say(f"field.{name}"), rule=rule)
        assert all(rule in sentence[language] for language in LANGUAGES)


def demanded(kind: Kind) -> list[tuple[str, str]]:
    """The fields of `kind` that must be there, and by which rule."""
    notes = dict(marked(kind.facts)).items()
    return [(name, note.rule) for name, note in notes if note.rule and kind.facts.model_fields[name].is_required()]


def errors(caught: pytest.ExceptionInfo[ValidationError]) -> list[dict[str, object]]:
    """What pydantic found."""
    return [dict(error) for error in caught.value.errors()]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_holder_and_decision_are_known_of_every_kind(kind: Kind) -> None:
    facts = kind.facts.model_validate(ROWS[kind.name]())
    assert facts.holder_text.kk == "Өтеғалиева Әсем Қуанышқызы"
    assert facts.holder_text.en == "Utegaliyeva Assem"
    assert facts.warnings is not None


def test_facts_by_themselves_are_of_no_kind() -> None:
    facts = Facts.model_validate({"family_name": {"kk": "Ә"}, "given_name": {"kk": "Ә"}})
    with pytest.raises(NotImplementedError):
        _ = facts.title
