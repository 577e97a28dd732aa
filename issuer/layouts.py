"""LAYOUTS: in which sheets and columns an office writes down each kind of document.

A layout names sheets only; the columns come from the fields of the kind's model, and their headings from the same
labels that page and paper use, in Kazakh, Russian and English, or as the technical id.
"""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import StringConstraints, create_model
from pydantic.fields import FieldInfo

from schemas.display import joined
from schemas.kinds.facts import Decimals, Names, Node, Shown, Trilingual
from schemas.kinds.supplement_request import SupplementRequest
from schemas.kinds.table import Kind
from schemas.languages import LANGUAGES, Language, Text, say

Shape = Literal["text", "decimals", "whole", "day", "choice", "choices", "yes", "object", "objects", "texts"]
"""What a field holds, as far as an office must know to write it down."""
LEAVES: frozenset[Shape] = frozenset({"text", "decimals", "whole", "day", "choice", "choices", "yes"})


@dataclass(frozen=True)
class Field:
    """A field of a model, seen as what may stand in a cell."""

    name: str
    shape: Shape
    required: bool
    shown: Shown | None = None
    model: type[Node] | None = None
    choices: tuple[str | int, ...] = ()

    @property
    def label(self) -> Text:
        return say((self.shown and self.shown.label) or f"field.{self.name}")


@cache
def fields(model: type[Node]) -> Mapping[str, Field]:
    """The fields of `model` by name."""
    return {name: _field(name, info) for name, info in model.model_fields.items()}


def _field(name: str, info: FieldInfo) -> Field:
    core, notes, many = _core(info.annotation, list(info.metadata))
    shown = next((note for note in notes if isinstance(note, Shown)), None)
    choices = get_args(core) if get_origin(core) is Literal else ()
    model = core if isinstance(core, type) and issubclass(core, Node) else None
    return Field(name, _shape(core, notes, many), info.is_required(), shown, model, choices)


def _core(annotation: Any, notes: list[Any], many: bool = False) -> tuple[Any, list[Any], bool]:
    """(the type inside Optional, Annotated and tuple; what was annotated on the way; whether there was a tuple)."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _core(inner[0], notes + list(inner[1:]), many)
    if origin in (Union, types.UnionType):
        return _core(next(a for a in inner if a is not types.NoneType), notes, many)
    if origin is tuple:
        return _core(inner[0], notes, True)
    return annotation, notes, many


_DECIMALS = next(note.pattern for note in get_args(Decimals) if isinstance(note, StringConstraints))


def _shape(core: Any, notes: Sequence[Any], many: bool) -> Shape:
    if get_origin(core) is Literal:
        return "yes" if get_args(core) == (True,) else "choices" if many else "choice"
    if issubclass(core, Node):
        return "objects" if many else "object"
    if many:
        return "texts"
    if any(isinstance(note, StringConstraints) and note.pattern == _DECIMALS for note in notes):
        return "decimals"
    plain: dict[type, Shape] = {bool: "yes", int: "whole", date: "day"}
    return plain.get(core, "text")


# ---------------------------------------------------------------- columns


@dataclass(frozen=True)
class Column:
    """One column: the way from the sheet's object to the field that its cells fill."""

    path: tuple[str, ...]
    field: Field
    labels: tuple[Text, ...]
    required: bool
    language: Language | None = None
    """Of a text in three languages, or of a name as the identity document spells it in each language."""
    is_name: bool = False
    is_fact: bool = True
    """False for what the office keeps: case, IIN, address, and the keys that join sheets."""

    @cached_property
    def id(self) -> str:
        """The technical heading, such as `family_name.kk`."""
        return ".".join(self.path)

    @cached_property
    def heading(self) -> Text:
        """As the template writes it: «Бағалау әдісі (қаз.)», «Оценка: Буква»."""
        label = joined(self.labels, ": ")
        return _with_language(label, self.language, None) if self.language else label

    def spellings(self) -> Iterator[str]:
        """The headings under which the column is known."""
        yield self.id
        for label in (joined(self.labels, ": "), *self.labels[-1:]):
            for reader in LANGUAGES:
                if not self.language:
                    yield label[reader]
                    continue
                yield f"{label[reader]} ({self.language})"
                for writer in LANGUAGES:
                    yield _with_language(label, self.language, writer)[reader]


def _with_language(label: Text, language: Language, writer: Language | None) -> Text:
    """`label` with the name of its language behind, in the words of each reader or of one writer."""
    word = say(f"sheets.in_{language}")
    return Text(*(f"{label[reader]} ({word[writer or reader]})" for reader in LANGUAGES))


def heading_key(heading: str) -> str:
    """What makes two headings the same: neither case nor spaces, nor the star of a mandatory column."""
    return re.sub(r"[\s*]+", "", heading).casefold()


def _columns(model: type[Node], path: tuple[str, ...], labels: tuple[Text, ...], required: bool) -> Iterator[Column]:
    if issubclass(model, Trilingual | Names):
        for language in LANGUAGES:
            field = fields(model)[language]
            yield Column((*path, language), field, labels, required, language, issubclass(model, Names))
        return
    for name, field in fields(model).items():
        inner, needed = (*labels, field.label), required and field.required
        if field.shape == "object" and field.model:
            yield from _columns(field.model, (*path, name), inner, needed)
        elif field.shape in LEAVES or field.shape == "texts":
            yield Column((*path, name), field, inner, needed)


# ---------------------------------------------------------------- sheets


@dataclass(frozen=True)
class Layout:
    """A sheet: its name's key, the fields of its parent that it fills, the column that joins the two."""

    sheet: str
    fills: tuple[str, ...] = ()
    key: str = "case"
    parts: tuple["Layout", ...] = ()
    omits: tuple[str, ...] = ()
    """Columns that follow from others, so that an office need not write them."""


@dataclass(frozen=True)
class Sheet:
    """A layout with its models. Where it fills one field its rows are that field's objects, else a share of the
    parent's fields."""

    layout: Layout
    model: type[Node]
    key_column: Column
    many: bool
    required: bool
    label: Text
    parts: tuple["Sheet", ...]

    @property
    def title(self) -> Text:
        return say(f"sheet.{self.layout.sheet}")

    @property
    def is_main(self) -> bool:
        return not self.layout.fills

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """In the order of the template."""
        labels = (self.label,) if issubclass(self.model, Trilingual | Names) else ()
        left_out = {*self.layout.omits, *(name for part in self.parts for name in part.layout.fills)}
        facts = tuple(c for c in _columns(self.model, (), labels, True) if not _below(c.id, left_out))
        return (*self._office_columns({column.id for column in facts}), *facts)

    def _office_columns(self, known: set[str]) -> Iterator[Column]:
        if self.is_main:
            yield from personal_columns()
        elif self.layout.key not in known:
            yield replace(self.key_column, required=True)
        known |= {"case", self.layout.key}
        for part in self.parts:
            if part.layout.key not in known:
                known.add(part.layout.key)
                yield part.key_column

    @cached_property
    def headings(self) -> Mapping[str, Column]:
        """Every heading that leads to one column only; a full heading wins over a short one."""
        found: dict[str, set[Column]] = {}
        for column in self.columns:
            for spelling in column.spellings():
                found.setdefault(heading_key(spelling), set()).add(column)
        for column in self.columns:
            found |= {heading_key(text): {column} for text in (column.id, *dict(column.heading).values())}
        return {heading: next(iter(columns)) for heading, columns in found.items() if len(columns) == 1}

    def walk(self) -> Iterator["Sheet"]:
        """This sheet and the sheets below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def _below(column: str, left_out: set[str]) -> bool:
    return any(column == name or column.startswith(f"{name}.") for name in left_out)


def _office_column(name: str, required: bool) -> Column:
    return Column((name,), Field(name, "text", required), (say(f"field.{name}"),), required, is_fact=False)


@cache
def personal_columns() -> tuple[Column, ...]:
    """What the office knows of the holder and the document does not state."""
    language = Field("first_language", "choice", False, choices=LANGUAGES)
    return (
        _office_column("case", True),
        _office_column("iin", False),
        _office_column("email", False),
        Column(("first_language",), language, (language.label,), False, is_fact=False),
    )


def _sheet(layout: Layout, model: type[Node], label: Text) -> Sheet:
    return Sheet(layout, model, personal_columns()[0], False, True, label, _parts(layout, model))


def _parts(layout: Layout, model: type[Node]) -> tuple[Sheet, ...]:
    return tuple(_part(part, model) for part in layout.parts)


def _part(layout: Layout, parent: type[Node]) -> Sheet:
    filled = [fields(parent)[name] for name in layout.fills]
    required = any(field.required for field in filled)
    model = (len(filled) == 1 and filled[0].model) or _share(parent, layout)
    key = _key_column(layout.key, (model, parent), required)
    many = len(filled) == 1 and filled[0].shape == "objects"
    return Sheet(layout, model, key, many, required, filled[0].label, _parts(layout, model))


def _share(parent: type[Node], layout: Layout) -> type[Node]:
    """A model of those fields of `parent` that one sheet fills."""
    taken: Any = {name: (parent.model_fields[name].annotation, parent.model_fields[name]) for name in layout.fills}
    model: type[Node] = create_model(f"{parent.__name__}_{layout.sheet}", __base__=Node, **taken)
    return model


def _key_column(key: str, models: Sequence[type[Node]], required: bool) -> Column:
    """The column by which the office joins sheets, with the label that its field has in one of `models`."""
    for model in models:
        for column in _columns(model, (), (), True):
            if column.id == key:
                return replace(column, required=required, is_fact=False)
    return replace(_office_column(key, required), path=tuple(key.split(".")))


LAYOUTS: Mapping[str, Layout] = {
    "MicroCredentialCertificate": Layout(
        "certification",
        parts=(
            Layout(
                "programmes",
                ("programme",),
                "programme_code",
                parts=(
                    Layout("outcomes", ("learning_outcomes",), "programme_code"),
                    Layout("functions", ("labour_functions",), "programme_code"),
                    Layout("modules", ("modules",), "programme_code"),
                ),
            ),
        ),
    ),
    "ProfessionalQualificationRecognition": Layout(
        "decisions",
        parts=(
            Layout(
                "professions",
                (
                    "profession",
                    "standard",
                    "qualification_requirements",
                    "nqf_level",
                    "labour_functions",
                    "qualification_programme",
                ),
                "profession.code",
                parts=(Layout("functions", ("labour_functions",), "profession.code"),),
            ),
        ),
        omits=("statement", "theory.passed", "theory.percent"),
    ),
    "LearningRecognitionDecision": Layout(
        "minutes",
        parts=(
            Layout("items", ("items",)),
            Layout("scales", ("conversion_scales",)),
            Layout("evidence", ("evidence_documents",)),
            Layout("evidence_annex", ("evidence_annex",)),
        ),
    ),
    "ShortTermTrainingCertificate": Layout("attestation", parts=(Layout("annex", ("annex",)),)),
    "CertificateSupplement": Layout("requests", parts=(Layout("distribution", ("grade_distribution",)),)),
}
"""Kind → its main sheet, one row a document, and the sheets joined to it."""

MODELS: Mapping[str, type[Node]] = {"CertificateSupplement": SupplementRequest}
"""Where an office writes down other than the kind's facts."""


def model_of(kind: Kind) -> type[Node]:
    """What a row becomes."""
    return MODELS.get(kind.name, kind.facts)


@cache
def sheet_of(kind_name: str, model: type[Node]) -> Sheet:
    """The main sheet of a kind, with its columns and the sheets joined to it."""
    layout = LAYOUTS[kind_name]
    return _sheet(layout, model, say(f"sheet.{layout.sheet}"))
