"""Letters of two alphabets in one word of a name: refused, unless somebody confirms the word as the identity document
spells it, and then recorded (docs/attacks.md A21)."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache

from schemas.errors import Refused
from schemas.kinds.facts import Facts, Names
from schemas.languages import LANGUAGES, Language, Text, say, words
from schemas.reading import shown


class Mixed(Refused):
    """A word of a name that nobody has confirmed, or letters that its language does not have."""


@cache
def _script(letter: str) -> str:
    """LATIN, CYRILLIC, GREEK …: the first word of the letter's name."""
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0]


def mixed_words(text: str) -> Iterator[str]:
    """Words in which letters of two scripts stand together."""
    for word in () if text.isascii() else re.findall(r"[^\W\d_]+", text):
        if len({_script(letter) for letter in word if letter.isalpha()}) > 1:
            yield word


def _letters(word: str, but: str) -> Text:
    """The letters of `word` that are not of the script `but`, each with its script."""
    strange = dict.fromkeys(letter for letter in word if letter.isalpha() and _script(letter) != but)
    named = [(letter, words().get(f"sheets.{_script(letter).lower()}")) for letter in strange]
    spelled = [Text(*(f"{a} ({(s or Text.same(_script(a)))[lang]})" for lang in LANGUAGES)) for a, s in named]
    return Text(*(", ".join(letter[lang] for letter in spelled) for lang in LANGUAGES))


def _refuse_mixed(name: str, as_spelled: Collection[str]) -> None:
    for word in mixed_words(name):
        if word not in as_spelled:
            scripts = [_script(letter) for letter in word if letter.isalpha()]
            most = max(scripts, key=scripts.count)
            raise Mixed(say("sheets.name_mixed", word=shown(word), letters=_letters(word, most)))


def check_name(name: str, language: Language, as_spelled: Collection[str] = ()) -> Text | None:
    """A name as the identity document spells it: raises `Mixed` for letters of two alphabets in a word that is not
    confirmed; a note where to look twice."""
    _refuse_mixed(name, as_spelled)
    if word := next(mixed_words(name), None):
        return say("sheets.mixed_note", word=shown(word))
    strange = [letter for letter in name if letter.isalpha() and _script(letter) != "LATIN"]
    if language == "en" and strange:
        raise Mixed(say("sheets.name_not_latin", letters=_letters("".join(strange), "LATIN")))
    if language != "en" and any(letter.isalpha() and _script(letter) != "CYRILLIC" for letter in name):
        return say("sheets.name_latin_note", value=shown(name))
    return None


def check_holder(facts: Facts, as_spelled: Collection[str]) -> None:
    """Of a holder's whole name, however it came to the office; raises `Mixed`."""
    for name in _spellings(facts):
        _refuse_mixed(name, as_spelled)


def confirmed(facts: Facts) -> tuple[str, ...]:
    """The words of the holder's name that were confirmed: all that mix alphabets, since others are refused."""
    return tuple(dict.fromkeys(word for name in _spellings(facts) for word in mixed_words(name)))


def _spellings(facts: Facts) -> Iterator[str]:
    names: tuple[Names | None, ...] = (facts.family_name, facts.given_name, facts.patronymic_name)
    for name in names:
        yield from (spelled for language in LANGUAGES if name and (spelled := getattr(name, language)))
