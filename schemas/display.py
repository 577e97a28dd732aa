"""Facts → labelled lines in three languages: the one way in which page, paper, API and desk show a document.

What a reader may see is decided here, field by field, by the marks of `schemas.kinds.facts.Shown`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, get_args

from schemas.kinds.facts import Facts, Mark, Names, Node, Shown, Trilingual
from schemas.languages import LANGUAGES, Text, date_in_words, say, words

CODE: frozenset[Mark] = frozenset({"code"})
"""For whoever has the code that is printed on the paper."""
NOTHING: frozenset[Mark] = frozenset()
"""For whoever has the code of a document that is withheld from the public."""
LINK: frozenset[Mark] = CODE | {"link"}
"""For whom the holder has given the whole document or a share link."""
PAPER: frozenset[Mark] = LINK | {"private"}
"""For the holder's own paper."""


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects: one column a field. `names` are the fields' names, in the order of `head`."""

    names: tuple[str, ...]
    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name in the model, its label, and what it holds: a text, a table, or lines of its own."""

    name: str
    label: Text
    value: "Text | Table | tuple[Line, ...]"


def lines(node: Node, show: frozenset[Mark]) -> tuple[Line, ...]:
    """The fields of `node` whose mark is in `show` and that hold something, in the model's order."""
    return tuple(_lines(node, show))


def _lines(node: Node, show: frozenset[Mark]) -> Iterator[Line]:
    for name, mark in marked(type(node)):
        value = getattr(node, name)
        if mark.mark in show and value is not None and (shown := _value(name, mark, value, show)):
            yield Line(name, say(mark.label or f"field.{name}"), shown)


@cache
def marked(model: type[Node]) -> Sequence[tuple[str, Shown]]:
    """The fields of a model that people see, with what is said beside them."""
    fields = model.model_fields.items()
    return [(name, note) for name, field in fields for note in field.metadata if isinstance(note, Shown)]


def shows_holder(facts: Facts, show: frozenset[Mark]) -> bool:
    """May a reader with `show` see whose document it is?"""
    return dict(marked(type(facts)))["family_name"].mark in show


def _value(name: str, mark: Shown, value: Any, show: frozenset[Mark]) -> Text | Table | tuple[Line, ...]:
    if isinstance(value, Node) and not isinstance(value, Trilingual | Names):
        return lines(value, show)
    if isinstance(value, tuple) and value and isinstance(value[0], Node) and not isinstance(value[0], Trilingual):
        return _table(value, show)
    if isinstance(value, tuple):
        return joined([_text(name, mark, item) for item in value], "; ")
    return _text(name, mark, value)


def _text(name: str, mark: Shown, value: Any) -> Text:
    if isinstance(value, Trilingual):
        return value.text
    if isinstance(value, Names):
        return Text(*(value.first(lang, "kk", "ru") for lang in LANGUAGES))
    if isinstance(value, date):
        return Text(*(date_in_words(value, lang) for lang in LANGUAGES))
    worded = words().get(f"value.{name}.{str(value).lower()}") or Text.same(str(value))
    return say(f"unit.{mark.unit}", value=worded) if mark.unit else worded


def _table(items: Sequence[Node], show: frozenset[Mark]) -> Table:
    columns = [
        (n, m) for n, m in marked(type(items[0])) if m.mark in show and any(getattr(i, n) is not None for i in items)
    ]
    return Table(
        names=tuple(name for name, _ in columns),
        head=tuple(say(mark.label or f"field.{name}") for name, mark in columns),
        rows=tuple(tuple(_cell(name, mark, getattr(item, name), show) for name, mark in columns) for item in items),
    )


def _cell(name: str, mark: Shown, value: Any, show: frozenset[Mark]) -> Text:
    if value is None:
        return Text.same("–")
    shown = _value(name, mark, value, show)
    if isinstance(shown, Text):
        return shown
    inner = [line.value for line in shown if isinstance(line.value, Text)] if isinstance(shown, tuple) else []
    return joined(inner, " · ") if inner else Text.same("–")


def joined(texts: Sequence[Text], between: str) -> Text:
    """Several texts as one."""
    return Text(*(between.join(text[lang] for text in texts) for lang in LANGUAGES))


def literal_values(annotation: Any) -> tuple[str, ...]:
    """The values that a Literal inside `annotation` allows."""
    return tuple(v for v in get_args(annotation) if isinstance(v, str))
