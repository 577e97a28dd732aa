"""The JSON form of an office's file: a list of objects, the facts nested as in the model, camelCase or snake_case."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic.alias_generators import to_camel as camel_case

from issuer.grids import MAX_BYTES, MAX_ROWS, Cell
from issuer.layouts import Field, fields, personal_columns
from issuer.mending import (
    REFUSED,
    Entry,
    Findings,
    Place,
    Refusal,
    Way,
    in_language,
    read_cell,
    validated,
)
from schemas.errors import Malformed, Refused
from schemas.kinds.facts import Names, Node, Trilingual
from schemas.languages import LANGUAGES, Language, Text, say
from schemas.reading import Json, read_value, shown

to_camel = cache(camel_case)


@dataclass
class Record:
    """One object of the list; `node` is None where something was refused."""

    number: int
    name: str
    found: Findings
    node: Node | None = None
    office: dict[str, Cell] = field(default_factory=dict)
    refused: list[Way] = field(default_factory=list)

    def place_of(self, way: Way) -> Place:
        return Place(self.name, self.number, ".".join(map(str, way)))

    def refuse(self, way: Way, because: Text) -> Refusal:
        self.found.refuse(self.place_of(way), because)
        self.refused.append(way)
        return REFUSED


def records(name: str, data: bytes, model: type[Node], found: Findings) -> Iterator[Record]:
    """The objects of the file, each read by `model`; problems go to `found`."""
    try:
        items = _list(data)
    except Refused as refusal:
        found.refuse(Place(name, 0, ""), refusal.because)
        return
    for number, item in enumerate(items, start=1):
        record = Record(number, name, found)
        _read(record, item, model)
        yield record


def _list(data: bytes) -> list[Json]:
    if not data.strip():
        raise Malformed.saying("sheets.empty_file")
    if len(data) > MAX_BYTES:
        raise Malformed.saying("sheets.file_too_large", limit=MAX_BYTES // 1024 // 1024)
    items = read_value(data.removeprefix(b"\xef\xbb\xbf"), max_bytes=MAX_BYTES)
    if not isinstance(items, list):
        raise Malformed.saying("sheets.json_list")
    if len(items) > MAX_ROWS:
        raise Malformed.saying("sheets.too_many_rows", limit=MAX_ROWS)
    return items


def _read(record: Record, item: Json, model: type[Node]) -> None:
    if not isinstance(item, dict):
        record.refuse((), say("sheets.json_object", label=say("sheets.row")))
        return
    facts = dict(item)
    for column in personal_columns():
        given = facts.pop(to_camel(column.id), facts.pop(column.id, None))
        _read_office(record, column.field, given)
    data = _object(record, model, (), facts)
    record.node = validated(model, data, record.refused, record.place_of, record.found)


def _read_office(record: Record, known: Field, given: Json) -> None:
    if known.name == "iin" and isinstance(given, str | int | float):
        record.office["iin"] = given
        return
    cell = _leaf(record, known, (known.name,), given, Entry(known, known.label))
    if cell is None and known.required:
        record.refuse((known.name,), say("sheets.missing", label=known.label))
    elif cell is not None and cell is not REFUSED:
        record.office[known.name] = cell


def _object(record: Record, model: type[Node], way: Way, given: Mapping[str, Json], label: Text | None = None) -> Any:
    read: dict[str, Any] = {}
    for member, inner in given.items():
        name = next((name for name in fields(model) if member in (name, to_camel(name))), None)
        if name is None:
            nearest = ", ".join(_nearest(member, model))
            record.refuse((*way, shown(member)), say("sheets.json_member", name=shown(member), nearest=nearest))
        elif name in read:
            record.refuse((*way, shown(member)), say("sheets.heading_twice", heading=shown(member)))
        elif inner is not None:
            read[name] = _member(record, model, name, (*way, name), inner, label)
    return {name: value for name, value in read.items() if value is not None and value is not REFUSED}


def _nearest(member: str, model: type[Node]) -> list[str]:
    return difflib.get_close_matches(shown(member), [to_camel(name) for name in fields(model)], 1, 0) or []


def _member(record: Record, model: type[Node], name: str, way: Way, given: Json, outer: Text | None) -> Any:
    known = fields(model)[name]
    if issubclass(model, Trilingual | Names):
        language: Language = next(lang for lang in LANGUAGES if lang == name)
        entry = Entry(known, in_language(outer or say("sheets.row"), language), language, issubclass(model, Names))
        return _leaf(record, known, way, given, entry)
    if known.model and known.shape == "object":
        return _nested(record, known.model, way, given, known.label)
    if known.model:
        return _list_of(record, known.model, way, given, known.label)
    return _leaf(record, known, way, given, Entry(known, known.label))


def _nested(record: Record, model: type[Node], way: Way, given: Json, label: Text) -> Any:
    if not isinstance(given, dict):
        return record.refuse(way, say("sheets.json_object", label=label))
    return _object(record, model, way, given, label)


def _list_of(record: Record, model: type[Node], way: Way, given: Json, label: Text) -> Any:
    if not isinstance(given, list):
        return record.refuse(way, say("sheets.json_array", label=label))
    return [_nested(record, model, (*way, at), item, label) for at, item in enumerate(given)]


def _leaf(record: Record, known: Field, way: Way, given: Json, entry: Entry) -> Any:
    if isinstance(given, list) and known.shape in ("choices", "texts"):
        read = [_leaf(record, known, (*way, at), item, entry) for at, item in enumerate(given)]
        return [piece for pieces in read if isinstance(pieces, list) for piece in pieces]
    if isinstance(given, dict | list):
        return record.refuse(way, say("sheets.json_scalar", label=entry.label))
    value = read_cell(entry, given, record.place_of(way), record.found)
    if value is REFUSED:
        record.refused.append(way)
    return value
