"""What is wrong in an office's file: where, why, and how to mend it, in three languages.

A cell that does not fit and a model that refuses end here as one sentence each, beside the place that the office sees.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from issuer.cells import Unfit, Value, value
from issuer.grids import Cell
from issuer.layouts import Field, fields
from issuer.letters import Mixed, check_name, mixed_words
from schemas.errors import Refused
from schemas.kinds.facts import Names, Node, Trilingual
from schemas.languages import LANGUAGES, Language, Text, say
from schemas.reading import shown


@dataclass(frozen=True)
class Place:
    """As the office sees it: the row's number in the sheet, the heading's text; 0 and "" for the whole sheet."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True)
class Problem:
    """`because` says what is wrong and how to mend it."""

    place: Place
    because: Text


MAX_PROBLEMS = 5_000
"""Nobody mends more one by one: the file is of another form."""


class Flooded(Refused):
    """Everything is wrong; reading on would only take time."""


@dataclass
class Findings:
    """What comes to light while a file is read: problems refuse, notes only tell."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    as_spelled: frozenset[str] = frozenset()
    """Words of names that mix alphabets, and that the office has confirmed."""

    def refuse(self, place: Place, because: Text) -> None:
        self.problems.append(Problem(place, because))
        if len(self.problems) >= MAX_PROBLEMS:
            raise Flooded.saying("sheets.flooded", limit=MAX_PROBLEMS)

    def note(self, place: Place, because: Text) -> None:
        if len(self.notes) < MAX_PROBLEMS:
            self.notes.append(Problem(place, because))


@dataclass(frozen=True)
class Entry:
    """A field to be filled: its label, and where it is part of a text or name in several languages, which."""

    field: Field
    label: Text
    language: Language | None = None
    is_name: bool = False


class Refusal:
    """In place of a value that was refused; the sentence is among the findings."""


REFUSED = Refusal()


def read_cell(entry: Entry, cell: Cell, place: Place, found: Findings) -> Value | Refusal | None:
    """The cell's value; what is wrong with it, or what was changed, goes to `found`."""
    try:
        given = value(entry.field, entry.label, cell)
        if isinstance(given, str) and isinstance(cell, str):
            _look_twice(entry, cell, given, place, found)
    except (Unfit, Mixed) as unfit:
        found.refuse(place, unfit.because)
        return REFUSED
    return given


def _look_twice(entry: Entry, cell: str, given: str, place: Place, found: Findings) -> None:
    if not unicodedata.is_normalized("NFC", cell):
        found.note(place, say("sheets.normalised", value=shown(given)))
    if entry.is_name and entry.language:
        if note := check_name(given, entry.language, found.as_spelled):
            found.note(place, note)
        return
    for word in mixed_words(given):
        found.note(place, say("sheets.mixed_note", word=shown(word)))


def validated(
    model: type[Node], data: object, refused: Iterable["Way"], place_of: Callable[["Way"], Place], found: Findings
) -> Node | None:
    """The model of `data`; None where it refuses, or where a part of it was `refused` before."""
    before = list(refused)
    try:
        node = model.model_validate(data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            location = (*way(model, error["loc"]), *error.get("ctx", {}).get("at", ()))
            if not any(_touch(location, known) for known in before):
                found.refuse(place_of(location), because(model, error))
        return None
    return None if before else node


def _touch(one: "Way", other: "Way") -> bool:
    """Does one lie at or below the other? The whole (an empty way) is below nothing."""
    return bool(one) and all(a == b for a, b in zip(one, other, strict=False))


Way = tuple[str | int, ...]
"""From a sheet's object to a field: the fields' names, and places in lists."""


def way(model: type[Node], location: Sequence[str | int]) -> Way:
    """A pydantic location with the fields' own names."""
    here: list[str | int] = []
    inner: type[Node] | None = model
    for step in location:
        if isinstance(step, str) and inner:
            step = next((name for name in fields(inner) if step in (name, to_camel(name))), step)
            field = fields(inner).get(step)
            inner = field.model if field else None
        here.append(step)
    return tuple(here)


def label_of(model: type[Node], location: Way) -> Text:
    """The label of what lies at `location`; a language of a text or a name stands behind it."""
    label, inner = say("sheets.row"), model
    for step in location:
        if not isinstance(step, str) or step not in fields(inner):
            continue
        field = fields(inner)[step]
        if issubclass(inner, Trilingual | Names):
            return in_language(label, next(lang for lang in LANGUAGES if lang == step))
        label, inner = field.label, field.model or inner
    return label


def in_language(label: Text, language: Language) -> Text:
    """`label` with the language behind, as in a heading."""
    word = say(f"sheets.in_{language}")
    return Text(*(f"{label[reader]} ({word[reader]})" for reader in LANGUAGES))


def _fields_on(model: type[Node], location: Way) -> list[Field]:
    found, inner = [], model
    for step in location:
        if isinstance(step, str) and step in fields(inner):
            found.append(fields(inner)[step])
            inner = found[-1].model or inner
    return found


def because(model: type[Node], error: ErrorDetails) -> Text:
    """The sentence for one of pydantic's errors; of what is missing it names the rule that asks for it."""
    location = way(model, error["loc"])
    ctx: Mapping[str, Any] = error.get("ctx", {})
    if set(LANGUAGES) <= set(ctx):
        return Text(*(str(ctx[language]) for language in LANGUAGES))
    on_the_way, label = _fields_on(model, location), label_of(model, location)
    if error["type"] in _EMPTY:
        return missing(label, on_the_way)
    return _sentence(error["type"], on_the_way, label, ctx, shown(str(error["input"])))


def missing(label: Text, on_the_way: Sequence[Field]) -> Text:
    """Nothing stands where something must; the rule that asks for it, if one does."""
    rule = rule_of(on_the_way)
    return say("sheets.missing_by_rule", label=label, rule=rule) if rule else say("sheets.missing", label=label)


def rule_of(on_the_way: Sequence[Field]) -> str | None:
    """The rule that asks for the last of these fields, or for what it lies in."""
    return next((f.shown.rule for f in reversed(on_the_way) if f.shown and f.shown.rule), None)


_EMPTY = frozenset({"missing", "too_short", "string_too_short"})


def _sentence(kind: str, on_the_way: Sequence[Field], label: Text, ctx: Mapping[str, Any], value: str) -> Text:
    if kind == "string_pattern_mismatch" and on_the_way and on_the_way[-1].shape == "decimals":
        return say("sheets.decimals_form", label=label, value=value)
    if kind in ("string_too_long", "too_long"):
        key = "too_long" if kind == "string_too_long" else "too_many"
        return say(f"sheets.{key}", label=label, limit=ctx["max_length"])
    if limits := [f"{sign} {ctx[name]}" for name, sign in _LIMITS.items() if name in ctx]:
        of_range = {"label": label, "value": value, "limits": ", ".join(limits)}
        if rule := rule_of(on_the_way):
            return say("sheets.out_of_range_by_rule", rule=rule, **of_range)
        return say("sheets.out_of_range", **of_range)
    return say("sheets.unfit", label=label)


_LIMITS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
