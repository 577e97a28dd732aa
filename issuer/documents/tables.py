"""Tables on paper: three parallel columns where one field is in words, stacked languages where several are, and
one entry under the other where the fields do not fit side by side."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate, groupby

from issuer.documents.layout import Column, Strip, block, stacked
from issuer.documents.rules import rule
from issuer.documents.styles import CELL, CELL_SMALL, HAIR, LABEL, LEFT, MUTED, RIGHT, STRONG, VALUE, WIDTH, sans
from issuer.documents.trio import GUTTER, Place, across, in_places, level, row, stack, thirds
from issuer.documents.typefaces import width as width_of
from schemas.display import Table, joined
from schemas.languages import LANGUAGES, Text, words

HEAD = sans(6.6, MUTED)
HEAD_SMALL = sans(6.2, MUTED)
PADDING = 8.0
LABEL_ROOM = 80.0
"""Up to this width a column's head stands unbroken."""
TALLEST = 200.0
"""A row that would be taller than this reads better as an entry of its own."""

ABSENT = "–"
"""What `schemas.display` shows where a row of a table lacks a value."""
_NUMBER = re.compile(r"\d+([.,]\d+)?")
_NUMERIC = re.compile(rf"{_NUMBER.pattern}|{ABSENT}")


def is_plain(text: Text) -> bool:
    """Does it read the same in the three languages? Numbers and codes do."""
    return text.kk == text.ru == text.en


@dataclass(frozen=True)
class Field:
    """A column of a table: its label, and a cell for each row."""

    name: str
    label: Text
    cells: tuple[Text, ...]

    @cached_property
    def plain(self) -> bool:
        return all(map(is_plain, self.cells))

    @cached_property
    def numeric(self) -> bool:
        return self.name not in CODES and all(is_plain(c) and _NUMERIC.fullmatch(c.kk) for c in self.cells)

    @cached_property
    def least(self) -> float:
        """The width of its longest word, its head included."""
        label = max(width_of(w, HEAD.font, HEAD.size) for _, text in self.label for w in text.split())
        whole = max(width_of(text, HEAD.font, HEAD.size) for _, text in self.label)
        label = max(label, min(whole, LABEL_ROOM))
        return max(label, *(_widest(cell.kk.split()) for cell in self.cells)) + PADDING

    @cached_property
    def natural(self) -> float:
        """The width at which no cell is broken."""
        return max(self.least, *(_widest([cell.kk]) + PADDING for cell in self.cells))


def _widest(words: Sequence[str]) -> float:
    return max(width_of(word, CELL.font, CELL.size) for word in words)


def unit_in_label(label: Text, values: Sequence[Text]) -> tuple[Text, tuple[Text, ...]]:
    """«60 сағат» → 60 under «…, сағат», where all values are measured in one unit."""
    for unit in _units():
        bare = [value if value.kk == ABSENT else _without(unit, value) for value in values]
        if all(bare) and any(value.kk != ABSENT for value in values):
            return _measured(label, unit), tuple(value for value in bare if value)
    return label, tuple(values)


def _measured(label: Text, unit: Text) -> Text:
    name = Text(*(unit[lang].format(value="").strip() for lang in LANGUAGES))
    told = any(name[lang] in re.split(r"\W+", words) for lang, words in label)
    return label if told else joined([label, name], ", ")


@cache
def _units() -> tuple[Text, ...]:
    return tuple(text for key, text in words().items() if key.startswith("unit."))


def _without(unit: Text, value: Text) -> Text | None:
    """The bare number, if `value` is a number in `unit`."""
    bare = {
        value[lang].removeprefix(before).removesuffix(after)
        for lang in LANGUAGES
        for before, _, after in [unit[lang].partition("{value}")]
    }
    number = bare.pop()
    measured = not bare and _NUMBER.fullmatch(number) and unit.fill(value=number) == value
    return Text.same(number) if measured else None


def fields(table: Table) -> list[Field]:
    """The table's columns, units moved into their labels."""
    columns = []
    for place, (name, label) in enumerate(zip(table.names, table.head, strict=True)):
        columns.append(Field(name, *unit_in_label(label, [cells[place] for cells in table.rows])))
    return columns


def table(given: Table, accent: str) -> Iterator[Strip]:
    """The strips of a table, in the first of the three forms that fits."""
    columns = fields(given)
    if columns[0].name == GROUPED and len(columns) > 1:
        yield from _groups(columns, accent)
    else:
        yield from _formed(columns, head=True)


CODES = ("code", "discipline_code", "programme_code", "document_number")
"""Fields that are no numbers even where they look like some."""
GROUPED = "outcome_group"
"""Learning outcomes stand under the name of their group: knowledge, abilities, skills."""


def _groups(columns: Sequence[Field], accent: str) -> Iterator[Strip]:
    first, *others = columns
    for group, run in groupby(range(len(first.cells)), key=first.cells.__getitem__):
        rows = list(run)
        yield Strip(across(group, level(sans(8.4, accent, bold=True), 7.6)), before=9, keep=True)
        members = [replace(field, cells=tuple(field.cells[n] for n in rows)) for field in others]
        yield from _formed(members, head=len(others) > 1)


def _formed(columns: Sequence[Field], *, head: bool) -> Iterator[Strip]:
    beside = _beside(columns)
    places = beside or _spread(columns)
    body = list(_body(columns, places)) if places else []
    if places is None or (not beside and any(strip.height > TALLEST for strip in body)):
        yield from _entries(columns)
    elif head:
        top = Strip(tuple(_heads(columns, places)), before=6, keep=True, foot=True)
        yield from (top, *(replace(strip, head=(top,)) for strip in body))
    else:
        yield from body


Places = list[tuple[Place, ...]]
"""For each field one place for its text, or three, one for each language."""


def _beside(columns: Sequence[Field]) -> Places | None:
    """One field in words, in three parallel columns: Kazakh gives room to short fields before it, all three to those
    after it."""
    worded = [place for place, field in enumerate(columns) if not field.plain]
    wide = [min(field.natural, max(field.least, 70)) for field in columns if field.plain]
    if len(worded) != 1 or sum(wide) > WIDTH * 0.45:
        return None
    before, after = wide[: worded[0]], wide[worded[0] :]
    (x, kazakh), *others = thirds(LEFT, WIDTH - sum(after) - (PADDING if after else 0))
    if kazakh - sum(before) < 80:
        return None
    words = ((x + sum(before), kazakh - sum(before)), *others)
    left, right = _from_left(LEFT, before), _from_left(LEFT + WIDTH - sum(after), after)
    return [*((place,) for place in left), words, *((place,) for place in right)]


def _spread(columns: Sequence[Field]) -> Places | None:
    """Each field as wide as it needs, the rest shared by those that have more to say."""
    wide = [min(field.natural, max(field.least, 44)) for field in columns]
    free = WIDTH - sum(wide)
    if free < 0:
        return None
    wanted = [max(field.natural - have, 0) ** 0.5 for field, have in zip(columns, wide, strict=True)]
    total = sum(wanted) or 1
    return [(p,) for p in _from_left(LEFT, [have + free * w / total for have, w in zip(wide, wanted, strict=True)])]


def _from_left(x: float, widths: Sequence[float]) -> list[Place]:
    ends = list(accumulate(widths, initial=x))
    return list(zip(ends, widths, strict=False))


def _heads(columns: Sequence[Field], places: Places) -> Iterator[Column]:
    for field, spots in zip(columns, places, strict=True):
        if len(spots) == len(LANGUAGES):
            yield from in_places(field.label, (HEAD, HEAD), spots)
        else:
            yield stack(field.label, (HEAD, HEAD_SMALL), _inner(spots[0]), right=field.numeric)


def _inner(place: Place) -> Place:
    """The padding stands between columns, never at the sheet's edge."""
    x, wide = place
    return x, wide - (0 if x + wide > RIGHT - 1 else PADDING)


def _body(columns: Sequence[Field], places: Places) -> Iterator[Strip]:
    last = len(columns[0].cells) - 1
    for n in range(last + 1):
        cells = tuple(_cells(columns, places, n))
        keep = n in (0, last - 1) and n != last
        yield Strip(cells, before=4.5, marks=(rule(HAIR, 0.3, below=-1.5),), keep=keep)


def _cells(columns: Sequence[Field], places: Places, n: int) -> Iterator[Column]:
    for field, spots in zip(columns, places, strict=True):
        if len(spots) == len(LANGUAGES):
            yield from in_places(field.cells[n], (CELL, CELL_SMALL), spots)
        else:
            yield stack(field.cells[n], (CELL, sans(7.2, MUTED)), _inner(spots[0]), right=field.numeric)


def _entries(columns: Sequence[Field]) -> Iterator[Strip]:
    for n in range(len(columns[0].cells)):
        pairs = [(field.label, field.cells[n]) for field in columns if field.cells[n].kk != ABSENT]
        strips = list(listed(pairs))
        opening = replace(strips[0], before=12, marks=(rule(HAIR, 0.5, below=-5),))
        whole = [replace(strip, keep=True) for strip in [opening, *strips[1:-1]]]
        yield from [*whole, *strips[1:][-1:]] if stacked(strips) < 3 * TALLEST else [opening, *strips[1:]]


def listed(pairs: Sequence[tuple[Text, Text]]) -> Iterator[Strip]:
    """Labels and values under each other; several short plain values side by side."""
    for short, run in groupby(pairs, key=lambda pair: is_short(pair[1])):
        members = list(run)
        if short and len(members) > 2:
            yield from side_by_side(members)
        else:
            yield from (once(*pair) if is_plain(pair[1]) and not short else row(*pair) for pair in members)


def is_short(value: Text) -> bool:
    """A number or a code that fits beside others."""
    return is_plain(unit_in_label(value, [value])[1][0]) and len(value.kk) <= 26


def once(label: Text, value: Text) -> Strip:
    """A long value that reads the same in the three languages, over the whole width."""
    names = across(label, (LABEL, LABEL))
    head = Strip(names).height
    return Strip((*names, (block(value.kk, VALUE, LEFT, WIDTH, before=head),)), before=7)


PER_ROW = 5


def side_by_side(pairs: Sequence[tuple[Text, Text]]) -> Iterator[Strip]:
    """Short values, up to five in a row, under their labels."""
    step = (WIDTH + GUTTER) / PER_ROW
    for start in range(0, len(pairs), PER_ROW):
        cells = list(enumerate(pairs[start : start + PER_ROW]))
        yield Strip(tuple(_labelled(*pair, (LEFT + n * step, step - GUTTER)) for n, pair in cells), before=8)


def _labelled(label: Text, value: Text, place: Place) -> Column:
    label, (bare,) = unit_in_label(label, [value])
    return (*stack(label, (HEAD, HEAD_SMALL), place), block(bare.kk, STRONG, *place, before=1))
