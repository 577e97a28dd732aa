"""One cell → one value of the model, or a sentence that says why it does not fit and how to mend it."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from issuer.grids import Cell, Fault
from issuer.layouts import Field, Shape
from schemas.errors import Refused
from schemas.grades import LETTER_TABLE
from schemas.languages import LANGUAGES, Text, say, words
from schemas.reading import shown

MAX_CHARACTERS = 32_767
"""What a cell of a workbook can hold."""

Value = str | int | bool | date | list[str]


class Unfit(Refused):
    """The cell does not fit its column."""


def tidy(label: Text, text: str) -> str:
    """`text` in NFC, on one line, single spaces; refuses controls, which no office types on purpose."""
    if len(text) > MAX_CHARACTERS:
        raise Unfit(say("sheets.cell_too_long", label=label, limit=MAX_CHARACTERS))
    if found := _CONTROL.search(text):
        raise Unfit(say("sheets.control", label=label, code=_code_point(found[0])))
    return " ".join(unicodedata.normalize("NFC", text).split())


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")


def _code_point(character: str) -> str:
    """U+0007, also where a workbook spells it _x0007_."""
    return f"U+{character[2:6].upper()}" if len(character) > 1 else f"U+{ord(character):04X}"


def value(field: Field, label: Text, cell: Cell) -> Value | None:
    """What the cell means for `field`; None where it is empty. Raises `Unfit`."""
    if isinstance(cell, Fault):
        raise Unfit(say(f"sheets.formula_{cell.name.lower()}", label=label))
    if isinstance(cell, float) and not math.isfinite(cell):
        raise Unfit(say("sheets.not_a_number", label=label, value=cell))
    if isinstance(cell, str):
        cell = tidy(label, cell)
    return None if cell is None or cell == "" else _SHAPES[field.shape](field, label, cell)


def written(cell: Cell) -> str:
    """A cell as an office reads it: 4.0 is 4."""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else f"{cell:.10g}"
    return str(cell)


def _text(field: Field, label: Text, cell: Cell) -> str:
    if isinstance(cell, bool | date):
        raise Unfit(say("sheets.not_text", label=label, value=shown(written(cell))))
    return written(cell)


def _texts(field: Field, label: Text, cell: Cell) -> list[str]:
    return [part for piece in _text(field, label, cell).split(";") if (part := piece.strip())]


def _number(label: Text, cell: Cell, refusal: str) -> Decimal:
    typed = written(cell).removesuffix("%").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(typed)
        if not isinstance(cell, bool | date) and number.is_finite() and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", typed):
            return number
    except InvalidOperation:
        pass
    raise Unfit(say(f"sheets.{refusal}", label=label, value=shown(written(cell))))


_POINTS = {Decimal(row.points): row.points for row in LETTER_TABLE}


def _decimals(field: Field, label: Text, cell: Cell) -> str:
    """As the model writes it; points as the letter table does: 4 is 4.0."""
    number = _number(label, cell, "not_a_number")
    if field.name == "points" and number in _POINTS:
        return _POINTS[number]
    return f"{number.normalize():f}"


def _whole(field: Field, label: Text, cell: Cell) -> int:
    number = _number(label, cell, "not_whole")
    if number != int(number) or abs(number) > 10**15:
        raise Unfit(say("sheets.not_whole", label=label, value=shown(written(cell))))
    return int(number)


def _day(field: Field, label: Text, cell: Cell) -> date:
    typed = written(cell)
    iso = re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", typed)
    try:
        return cell if isinstance(cell, date) else date.fromisoformat(iso if len(iso) == 10 else "")
    except ValueError:
        raise Unfit(say("sheets.not_a_day", label=label, value=shown(typed))) from None


def _choice(field: Field, label: Text, cell: Cell) -> Value:
    found = _spellings(field).get(_key(written(cell)))
    if found is None and isinstance(cell, int | float):
        found = next((c for c in field.choices if isinstance(c, str) and c.lstrip("0") == written(cell)), None)
    if found is None:
        known = say_choices(field)
        raise Unfit(say("sheets.not_a_choice", label=label, value=shown(written(cell)), choices=known))
    return found


def _choices(field: Field, label: Text, cell: Cell) -> list[str]:
    typed = written(cell)
    pieces = [piece for piece in typed.split(";" if ";" in typed else ",") if piece.strip()]
    return [str(_choice(field, label, piece.strip())) for piece in pieces]


def _yes(field: Field, label: Text, cell: Cell) -> bool:
    if cell in (True, False):
        return bool(cell)
    for answer, key in ((True, "sheets.yes"), (False, "sheets.no")):
        spellings = {*say(key).as_json().values(), *_worded(field, answer).as_json().values(), str(answer)}
        if _key(written(cell)) in map(_key, spellings):
            return answer
    known = say("sheets.yes_or_no", yes=say("sheets.yes"), no=say("sheets.no"))
    raise Unfit(say("sheets.not_a_choice", label=label, value=shown(written(cell)), choices=known))


_SHAPES: Mapping[Shape, Callable[[Field, Text, Cell], Value]] = {
    "text": _text,
    "texts": _texts,
    "decimals": _decimals,
    "whole": _whole,
    "day": _day,
    "choice": _choice,
    "choices": _choices,
    "yes": _yes,
}


# ---------------------------------------------------------------- words for values


def _key(typed: str) -> str:
    return "".join(typed.split()).casefold()


def _worded(field: Field, choice: str | int) -> Text:
    if field.choices and set(field.choices) <= set(LANGUAGES):
        return say(f"sheets.language_{choice}")
    return words().get(f"value.{field.name}.{str(choice).lower()}") or Text.same(str(choice))


@cache
def _spellings(field: Field) -> Mapping[str, str | int]:
    """What a choice may be called: its code, its word in each language."""
    found = {_key(word): choice for choice in field.choices for _, word in _worded(field, choice)}
    for choice in field.choices:
        other = words().get(f"value.{field.name}.{str(choice).lower()}")
        found |= {_key(word): choice for word in dict(other or ()).values()} | {_key(str(choice)): choice}
    return found


def say_choices(field: Field) -> Text:
    """The choices in words, for a hint or a refusal."""
    known = [_worded(field, choice) for choice in field.choices]
    return Text(*(" · ".join(word[language] for word in known) for language in LANGUAGES))
