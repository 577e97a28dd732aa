"""What all kinds are made of: the building blocks of the facts that a document states.

The facts of a kind are one frozen model. The same model reads a row of an office's file, is written into
`credentialSubject` (camel case), and is read back from a checked document for page, paper and transfer report.
`Shown` says beside each field who may see it (docs/formats.md, "What is public"), and each field's label stands in
`schemas/words/kinds.toml` under `field.<name>`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from schemas.grades import grade
from schemas.languages import LANGUAGES, Language, Text, say

Mark = Literal["code", "link", "private"]
"""Who sees a field: whoever holds the paper · whom the holder chooses · nobody beyond the document itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Beside a field: its mark, its label's key where it is not `field.<name>`, its unit's key, and the rule of
    docs/rules.md that a document without it would break."""

    mark: Mark = "code"
    label: str | None = None
    unit: str | None = None
    rule: str | None = None


def broken(rule: str, key: str, *, at: tuple[str | int, ...] = (), **values: object) -> PydanticCustomError:
    """A mandatory rule that the given facts break: its number and clause stand in the sentence (`rules.<key>`).

    `at` leads from the model that finds it to the field that an office has to mend."""
    because = say(f"rules.{key}", **values)
    return PydanticCustomError("rule", "{en}", {"rule": rule, "at": at, **because.as_json()})


def some(rule: str, key: str) -> BeforeValidator:
    """Beside a list that must not be empty: an empty one breaks `rule`."""

    def not_empty(items: Any) -> Any:
        if isinstance(items, list | tuple) and not items:
            raise broken(rule, key)
        return items

    return BeforeValidator(not_empty)


def only(wanted: object, rule: str, key: str) -> AfterValidator:
    """Beside a value of which only `wanted` leads to a document: another that an office enters breaks `rule`."""

    def as_wanted(value: Any) -> Any:
        if value != wanted:
            raise broken(rule, key)
        return value

    return AfterValidator(as_wanted)


class Node(BaseModel):
    """One JSON object of a document: closed, frozen, camel case outside."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U000fffff]"
)


def _clean(text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        raise PydanticCustomError("nfc", "{en}", say("facts.not_nfc").as_json())
    if found := _INVISIBLE.search(text):
        raise PydanticCustomError("invisible", "{en}", say("facts.invisible", code=f"U+{ord(found[0]):04X}").as_json())
    return text


def _day(value: Any) -> Any:
    """Offices write 27.06.2026; documents carry 2026-06-27."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d\d)\.(\d\d)\.([12]\d{3})", value.strip())):
        return f"{match[3]}-{match[2]}-{match[1]}"
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^\S(.*\S)?$"), AfterValidator(_clean)]
"""One line of text: NFC, no invisible characters (docs/attacks.md A20, A21)."""
Paragraph = Annotated[
    str, StringConstraints(min_length=1, max_length=6000, pattern=r"^\S(.*\S)?$"), AfterValidator(_clean)
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^\S(.*\S)?$"), AfterValidator(_clean)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^\S+( \S+)*$"), AfterValidator(_clean)]
"""A number or code of an office: minutes, order, standard."""
Day = Annotated[date, BeforeValidator(_day)]
Decimals = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})(\.[0-9]{1,2})?$")]
"""ECTS, hours, points: a decimal string, never a JSON float (docs/attacks.md A14)."""
Percent = Annotated[int, Field(ge=0, le=100)]
Level = Annotated[int, Field(ge=1, le=8)]
Letter = Literal["A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "FX", "F"]


def open_badges_number(decimals: str) -> int | float:
    """A decimal string as Open Badges wants it: a JSON number, whole where it can be."""
    number = float(decimals)
    return int(number) if number.is_integer() else number


class Trilingual(Node):
    """A text in the three languages; in JSON-LD a language map."""

    kk: Line
    ru: Line
    en: Line

    @property
    def text(self) -> Text:
        return Text(self.kk, self.ru, self.en)

    @classmethod
    def of(cls, text: Text) -> Self:
        """The same text as a part of a document."""
        return cls(kk=text.kk, ru=text.ru, en=text.en)


class Paragraphs(Trilingual):
    """A longer text in the three languages."""

    kk: Paragraph
    ru: Paragraph
    en: Paragraph


class Names(Node):
    """A name as the identity document spells it, in each language that it has; `en` is the Latin spelling."""

    kk: Name | None = None
    ru: Name | None = None
    en: Name | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not any((self.kk, self.ru, self.en)):
            raise PydanticCustomError("name", "{en}", say("facts.no_name").as_json())
        return self

    def first(self, *order: Language) -> str:
        """The spelling in the first language of `order` that there is, else in any."""
        spellings = (getattr(self, lang) for lang in (*order, *LANGUAGES))
        return str(next(spelling for spelling in spellings if spelling))


class Facts(Node):
    """The holder, as in the identity document; each kind adds what it states."""

    title_mark: ClassVar[Mark] = "code"
    """Who sees `title`."""

    family_name: Annotated[Names, Shown(rule="MC-16")]
    given_name: Annotated[Names, Shown(rule="MC-16")]
    patronymic_name: Annotated[Names | None, Shown()] = None
    birth_date: Annotated[Day | None, Shown("link")] = None

    @model_validator(mode="after")
    def _a_name_is_whole_in_each_language(self) -> Self:
        """An identity document never spells a family name in one language and the given name in another."""
        for lang in LANGUAGES:
            for name, other in (("family_name", "given_name"), ("given_name", "family_name")):
                if getattr(getattr(self, other), lang) and not getattr(getattr(self, name), lang):
                    because = say("facts.half_a_name", label=say(f"field.{name}"), language=say(f"sheets.in_{lang}"))
                    raise PydanticCustomError("name", "{en}", {"at": (name, lang), **because.as_json()})
        return self

    @property
    def title(self) -> Text:
        """What the document is about, as its largest line says it. Each kind says its own."""
        raise NotImplementedError

    @property
    def decided_on(self) -> date:
        """The day of the decision that the document rests on."""
        raise NotImplementedError

    @property
    def decision_number(self) -> str | None:
        """The number of that decision: of the minutes, or of whatever takes their place; None where it has none."""
        return None

    @property
    def profession_code(self) -> str | None:
        """The code of the profession, of a document that recognises a qualification in one."""
        return None

    @property
    def warnings(self) -> Sequence[Text]:
        """Recommended rules (docs/rules.md) that these facts do not follow."""
        return ()

    def holder(self, language: Language) -> str:
        """Family name, given name, patronymic: in `language`, else as the document spells it. A patronymic that only
        another script has is left out, as passports do, rather than mixed in."""
        patronymic = self.patronymic_name
        mixed = patronymic and getattr(self.family_name, language) and not getattr(patronymic, language)
        parts = (self.family_name, self.given_name, None if mixed else patronymic)
        return " ".join(part.first(language, "kk", "ru") for part in parts if part)

    @property
    def holder_text(self) -> Text:
        return Text(*(self.holder(lang) for lang in LANGUAGES))

    @property
    def initials(self) -> Text:
        """«Ә. Қ.»: of the given name, then of the family name."""
        return Text(*(" ".join(_initial(n.first(lang, "kk", "ru")) for n in self._short) for lang in LANGUAGES))

    @property
    def _short(self) -> tuple[Names, Names]:
        return self.given_name, self.family_name


def _initial(name: str) -> str:
    return next((letter.upper() for letter in name if letter.isalpha()), "–") + "."


class Standard(Node):
    """A professional standard: its title and the act that approved it."""

    standard_title: Annotated[Trilingual, Shown()]
    approval_act: Annotated[Line, Shown()]


class Order(Node):
    """An order of the organisation."""

    order_number: Annotated[Code, Shown()]
    ordered_on: Annotated[Day, Shown()]


class LabourFunction(Node):
    """A labour function of a professional standard."""

    code: Annotated[Code, Shown()]
    function: Annotated[Trilingual, Shown()]


def check_volume(unit: Text | str, *amounts: str | None, at: tuple[str | int, ...] = ("hours",)) -> None:
    """NF-05: a unit states its volume in hours, in credits or in both, each above zero."""
    stated = [Decimal(amount) for amount in amounts if amount is not None]
    if not stated or min(stated) <= 0:
        raise broken("NF-05", "nf_05_volume", at=at, unit=unit)


class Grade(Node):
    """A grade of the point-rating letter system; letter, points and per cent agree (docs/rules.md NF-19)."""

    letter: Annotated[Letter, Shown("link")]
    points: Annotated[Decimals, Shown("link")]
    percent: Annotated[Percent, Shown("link", unit="percent")]

    @model_validator(mode="after")
    def _agrees_with_the_table(self) -> Self:
        row = grade(self.letter)
        if row is None or row.points != self.points or not row.lowest <= self.percent <= row.highest:
            raise broken("NF-19", "nf_19_grade_table", letter=self.letter, points=self.points, percent=self.percent)
        return self


class Minutes(Node):
    """The decision of a commission, drawn up as minutes (Regulation 5.4)."""

    commission: Annotated[Trilingual, Shown("private", rule="MC-13")]
    minutes_number: Annotated[Code, Shown("private", rule="MC-13")]
    decided_on: Annotated[Day, Shown(rule="MC-13")]
