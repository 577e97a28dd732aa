"""What an office enters is what is signed, what is registered, and what is read: names to the letter, numbers to the
digit (docs/attacks.md A14, A20, A21)."""

import copy
import json
import unicodedata

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from issuer.batch import check_file
from issuer.holder import paper
from issuer.issue import Private
from issuer.letters import confirmed
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import Language
from tests.world import MICRO, TRAINING, World, value_of
from tests.world_facts import ROWS

# ---------------------------------------------------------------- A14: numbers


@pytest.mark.parametrize("ects", ["3", "3.0", "3.5", "3.50", "0.5", "12.25", "30"])
def test_A14_a_number_stays_as_it_was_entered(ects: str, w: World) -> None:
    """Issued, signed, checked, shown on the page and drawn on the paper: the same digits."""
    hours = {"3": "90", "3.0": "90", "3.5": "105", "3.50": "105", "0.5": "15", "12.25": "367.5", "30": "900"}[ects]
    modules = [w.facts().model_dump()["programme"]["modules"][0] | {"ects": ects, "hours": hours}]
    issued = w.issue(programme__ects=ects, programme__hours=hours, programme__modules=modules)
    programme = value_of(issued.document)["credentialSubject"]["programme"]
    assert (programme["ects"], programme["hours"]) == (ects, hours)
    report = w.verify(issued.document)
    assert report.verdict == "valid"
    assert report.document is not None
    shown = json.dumps(report.document.as_json())
    assert f'"{ects}"' in shown
    drawn = "\n".join(
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(paper(w.office, issued.code))
    )
    assert ects in drawn
    assert f'"ects":"{ects}"'.encode() in issued.document


LOOSE = [
    "5,5",
    "5.505",
    "1e1",
    "0x5",
    "+5",
    "-5",
    "05",
    "5.",
    ".5",
    " 5",
    "5 ",
    "٥",
    "５",
    "NaN",
    "inf",
    "",
    "5_0",
    "100000",
]


@pytest.mark.parametrize("spelling", LOOSE)
def test_A14_no_office_signs_a_number_in_another_spelling(spelling: str, world: World) -> None:
    with pytest.raises(ValidationError):
        world.facts(programme__ects=spelling)


@pytest.mark.parametrize("number", [5.5, 3.0, float("nan"), float("inf"), True, ["3"], {"@value": "3"}])
def test_A14_no_office_signs_a_float(number: object, world: World) -> None:
    with pytest.raises(ValidationError):
        world.facts(programme__ects=number)
    with pytest.raises(ValidationError):
        world.facts(TRAINING, hours=number)


# ---------------------------------------------------------------- A20: normal forms

ALPHABETS: dict[Language, str] = {
    "kk": "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ",
    "ru": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
    "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZÁÄÅÇÉÑÖÜŠŽ",
}
languages: list[Language] = ["kk", "ru", "en"]


def names(language: Language) -> st.SearchStrategy[str]:
    """As people of that language are called: one or two words, the first letter large."""
    word = st.text(ALPHABETS[language], min_size=2, max_size=12).map(str.capitalize)
    return st.lists(word, min_size=1, max_size=2).map("-".join)


SPELLED = st.sampled_from(languages).flatmap(lambda of: st.tuples(st.just(of), names(of)))
"""A language, and a name in it."""


def sheet(name: str, language: Language) -> bytes:
    """An office's .json with one micro-credential, whose holder has this family name."""
    row = copy.deepcopy({**ROWS[MICRO](), "case": "1"})
    row["family_name"][language] = name
    return json.dumps([row], ensure_ascii=False).encode()


@settings(max_examples=40)
@given(spelled=SPELLED, form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_A20_a_name_in_any_normal_form_is_imported_in_one(
    spelled: tuple[Language, str], form: str, world: World
) -> None:
    """And the report of the file says so; what is signed is NFC."""
    language, name = spelled
    given_name = unicodedata.normalize(form, name)  # type: ignore[arg-type]
    checked = check_file(world.office, KINDS[MICRO], world.university, "a.json", sheet(given_name, language), {})
    assert checked.problems == ()
    (approval,) = checked.approvals
    imported = getattr(approval.facts.family_name, language)
    assert imported == unicodedata.normalize("NFC", name)
    noted = [note for note in checked.notes if "NFC" in note.because.en]
    assert len(noted) == (0 if unicodedata.is_normalized("NFC", given_name) else 1)


@settings(max_examples=15)
@given(spelled=SPELLED)
def test_A20_what_was_signed_is_found_again_and_nothing_else(spelled: tuple[Language, str], world: World) -> None:
    """Issued, checked, looked up; in another normal form it is another document, although it looks the same."""
    language, name = spelled
    composed = unicodedata.normalize("NFC", name)
    issued = world.issue(**{f"family_name__{language}": composed})
    assert world.verify(issued.document).verdict == world.look_up(issued.code).verdict == "valid"
    value = value_of(issued.document)
    assert value["credentialSubject"]["familyName"][language] == composed
    decomposed = unicodedata.normalize("NFD", composed)
    if decomposed != composed:
        value["credentialSubject"]["familyName"][language] = decomposed
        assert world.verify(value).verdict == "tampered"
        with pytest.raises(ValidationError):
            world.facts(**{f"family_name__{language}": decomposed})


# ---------------------------------------------------------------- A21: letters that look alike

CONFUSABLE = {
    **dict(zip("АВЕКМНОРСТУХасеорху", "ABEKMHOPCTYXaceopxy", strict=True)),
    **dict(zip("ІіҺһҮ", "IihhY", strict=False)),
    **dict(zip("ABEHIKMNOPTXYZaopvx", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖαορνх", strict=True)),
}
"""Letter → one of another script that looks the same (Unicode TS 39)."""
HIDDEN = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u202a",
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200e",
    "\u200f",
    "\ue000",
    "\U000e0041",
    "\U000f0000",
]


@settings(max_examples=60)
@given(
    spelled=SPELLED,
    at=st.integers(0, 30),
    hidden=st.sampled_from(HIDDEN),
)
def test_A21_no_hidden_character_gets_into_a_name(
    spelled: tuple[Language, str], at: int, hidden: str, world: World
) -> None:
    language, name = spelled
    placed = name[: at % len(name)] + hidden + name[at % len(name) :]
    with pytest.raises(ValidationError):
        world.facts(**{f"family_name__{language}": placed})
    checked = check_file(world.office, KINDS[MICRO], world.university, "a.json", sheet(placed, language), {})
    assert checked.approvals == ()
    assert len(checked.problems) == 1


@settings(max_examples=60)
@given(spelled=SPELLED, at=st.integers(0, 30))
def test_A21_a_letter_of_another_script_is_named_and_refused_until_it_is_confirmed(
    spelled: tuple[Language, str], at: int, world: World
) -> None:
    language, name = spelled
    places = [place for place, letter in enumerate(name) if letter in CONFUSABLE]
    if not places:
        return
    place = places[at % len(places)]
    mixed = name[:place] + CONFUSABLE[name[place]] + name[place + 1 :]
    word = next(word for word in mixed.split("-") if word not in name.split("-"))
    if len(word) < 2 or not any(
        letter.isalpha() and letter in ALPHABETS[language] + ALPHABETS[language].lower() for letter in word
    ):
        return
    data, asked = sheet(mixed, language), (world.office, KINDS[MICRO], world.university, "a.json")
    checked = check_file(*asked, data, {})
    assert checked.approvals == ()
    assert all(CONFUSABLE[name[place]] in checked.problems[0].because[each] for each in languages)
    again = check_file(*asked, data, {}, frozenset({word}))
    assert len(again.approvals) == 1


def test_A21_a_confirmed_word_is_recorded(w: World) -> None:
    """By whom, and in which document."""
    mixed = "Iванова"  # its first letter is Latin
    with pytest.raises(Refused) as refusal:
        w.approve(family_name__ru=mixed)
    assert "I (Latin)" in refusal.value.because.en
    with pytest.raises(Refused):
        w.approve(family_name__ru=mixed, private=Private(as_spelled=frozenset({"Иванова"})))
    issued = w.issue(family_name__ru=mixed, private=Private(as_spelled=frozenset({mixed})))
    assert w.verify(issued.document).verdict == "valid"
    rows = w.rows_of("SELECT actor, subject, detail FROM issuer_audit WHERE act = 'mixed_letters'")
    assert rows == [("tester", issued.number, json.dumps({"word": mixed}, ensure_ascii=False))]
    assert confirmed(w.facts()) == ()
    plain = w.issue()
    assert w.rows_of("SELECT seq FROM issuer_audit WHERE act = 'mixed_letters' AND subject = :n", n=plain.number) == []
