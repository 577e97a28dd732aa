"""Page 1, the face of a document: who issues what to whom, what was achieved; who decided, and who signs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from issuer.documents.layout import MM, Block, Column, Strip, block, broken
from issuer.documents.rules import rule
from issuer.documents.styles import (
    FIGURE,
    FIGURE_LABEL,
    FIGURE_NOTE,
    HAIR,
    INK,
    LEFT,
    MUTED,
    VALUE,
    VALUE_SMALL,
    WIDTH,
    sans,
    serif,
)
from issuer.documents.tables import unit_in_label
from issuer.documents.trio import GUTTER, HALVES, Part, Place, large, stack
from issuer.documents.typefaces import width as width_of
from schemas.credential import Credential
from schemas.display import Line, joined
from schemas.kinds.document import Signatory
from schemas.languages import KAZAKHSTAN, Text, say, words

FIGURES = ("ects", "academic_credits", "hours", "eqf_level", "nqf_level", "grade")
"""Fields that stand on the face as figures."""
GROUNDS = ("minutes", "decision", "attestation", "parent")
"""What a document rests on, a decision or another document; of it the face shows these parts."""
GROUND_PARTS = (
    "commission",
    "minutes_number",
    "decision_number",
    "decided_on",
    "decision_result",
    "attested_on",
    "attestation_result",
    "attestation_grade",
    "parent_number",
    "parent_kind",
    "parent_issued_on",
)
TITLES = ("title", "parent_title")
NAMES = ("family_name", "given_name", "patronymic_name", "birth_date", "statement")

Sizes = tuple[tuple[int, tuple[float, ...]], ...]
"""At most so many lines at one of these sizes, else more lines at smaller ones."""
NAME_SIZES: Sizes = ((1, (29, 27, 25)), (2, (29, 26, 23, 20.5)))
KIND_SIZES: Sizes = ((1, (18, 17)), (2, (18, 16, 14)))
TITLE_SIZES: Sizes = ((1, (17, 15.5)), (3, (17, 15, 13, 11)))


@dataclass(frozen=True)
class Face:
    """Page 1: its strips from the top, those at the foot beside the QR code, and the lines left for other pages."""

    strips: tuple[Strip, ...]
    foot: tuple[Strip, ...]
    rest: tuple[Line, ...]


def face(credential: Credential, lines: Sequence[Line], duplicate: Text | None, accent: str, clear: float) -> Face:
    """Takes what belongs on page 1 out of the document's lines; `clear` is the QR code's width at the lower right."""
    taken: dict[str, Line] = {}
    rest = tuple(_take(lines, credential.title, taken))
    strips = (
        *_institution(credential),
        *_kind(credential, duplicate, accent),
        *_holder(credential, taken),
        *_achieved(credential, taken),
        *_figures(taken),
    )
    places = _beside_code(clear)
    return Face(strips, (_decided(credential, taken, places), *_signatories(credential.signatories, places)), rest)


Places = tuple[Place, Place]


def _beside_code(clear: float) -> Places:
    """The two columns of the face, as far as the QR code leaves them."""
    left, (middle, half) = HALVES
    return left, (middle, half - clear - 2 * MM)


def _take(lines: Sequence[Line], title: Text, taken: dict[str, Line]) -> Iterator[Line]:
    """The lines that the face does not show; those that it does are put into `taken`, by name."""
    for line in lines:
        if _on_face(line, title) and line.name not in taken:
            taken[line.name] = line
        elif isinstance(line.value, tuple):
            parts = line.value
            if line.name in GROUNDS:
                taken[line.name] = replace(line, value=tuple(p for p in parts if p.name in GROUND_PARTS))
                parts = tuple(part for part in parts if part.name not in GROUND_PARTS)
            if inner := tuple(_take(parts, title, taken)):
                yield replace(line, value=inner)
        else:
            yield line


def _on_face(line: Line, title: Text) -> bool:
    return line.name in (*NAMES, *FIGURES) or (line.name in TITLES and line.value == title)


def _institution(credential: Credential) -> list[Strip]:
    issuer = credential.issuer
    where = joined([_beside(say("field.bin"), issuer.bin), issuer.city.text], " · ")
    fine = sans(7.2, MUTED)
    own = [Part(issuer.legal_name.text, serif(13), sans(8.4)), Part(where, fine, fine, 2)]
    if issuer.on_behalf_of is None:
        return large(own, before=0)
    of = say("paper.on_behalf", name=issuer.on_behalf_of.legal_name.text)
    return large([*own, Part(of, serif(10), sans(7.6), 2)], before=0)


def _beside(label: Text, value: str) -> Text:
    return joined([label, Text.same(value)], " ")


def _kind(credential: Credential, duplicate: Text | None, accent: str) -> list[Strip]:
    title = credential.kind.title
    size = _fitting(title.kk, KIND_SIZES)
    parts = [Part(title, serif(size, accent), serif(10.5, accent))]
    if duplicate:
        parts.append(Part(duplicate, sans(9, bold=True), sans(8, bold=True), 3))
    return large(parts, before=16, grow=3, gap=4)


def _fitting(text: str, sizes: Sizes) -> float:
    """The first size at which `text` takes at most so many lines, else the smallest."""
    steps = [(lines, size) for lines, group in sizes for size in group]
    return next((size for lines, size in steps if len(broken(text, serif(size), WIDTH)) <= lines), steps[-1][1])


def _holder(credential: Credential, taken: Mapping[str, Line]) -> list[Strip]:
    name = credential.facts.holder_text
    parts = [Part(name, serif(_fitting(name.kk, NAME_SIZES)), serif(11))]
    born = taken.get("birth_date")
    if born and isinstance(born.value, Text):
        parts.append(Part(joined([born.label, born.value], ": "), sans(8, MUTED), sans(7.6, MUTED), 3))
    return large(parts, before=18, grow=3, gap=7)


def _achieved(credential: Credential, taken: Mapping[str, Line]) -> list[Strip]:
    parts = []
    if phrase := words().get(f"paper.achieved.{credential.kind.name}"):
        parts.append(Part(phrase, sans(8.4, MUTED), sans(7.6, MUTED)))
    size = _fitting(credential.title.kk, TITLE_SIZES)
    parts.append(Part(credential.title, serif(size), serif(10), 2))
    statement = taken.get("statement")
    if statement and isinstance(statement.value, Text):
        parts.append(Part(statement.value, sans(8.6), sans(7.8), 4))
    return large(parts, before=18, grow=3, gap=7)


def _figures(taken: Mapping[str, Line]) -> Iterator[Strip]:
    figures = [taken[name] for name in FIGURES if name in taken]
    if figures:
        step = (WIDTH + GUTTER) / max(len(figures), 4)
        columns = [column for n, line in enumerate(figures) for column in _figure(line, LEFT + n * step, step - 9)]
        yield Strip(tuple(columns), before=26, grow=3, marks=(rule(HAIR, 0.5, below=-6),))


def _figure(line: Line, x: float, wide: float) -> Iterator[Column]:
    """A large value over its label; what else belongs to it stands beside it, small."""
    parts = line.value if isinstance(line.value, tuple) else (line,)
    label, values = line.label, [part.value for part in parts if isinstance(part.value, Text)]
    if len(values) == 1:
        label, (values[0],) = unit_in_label(label, values)
    yield (Block((values[0].kk,), FIGURE, x, wide), *stack(label, (FIGURE_LABEL, FIGURE_LABEL), (x, wide)))
    if values[1:]:
        after = width_of(values[0].kk, FIGURE.font, FIGURE.size) + 7
        yield (block(" · ".join(value.kk for value in values[1:]), FIGURE_NOTE, x + after, wide - after),)


def _decided(credential: Credential, taken: Mapping[str, Line], places: Places) -> Strip:
    """Who decided and when, beside the date of issue."""
    decision = next((taken[name] for name in GROUNDS if name in taken), None)
    days = [(say("field.issued_on"), Text.same("{on}").fill(on=credential.issued_on))]
    if until := credential.value.get("validUntil"):
        day = datetime.fromisoformat(until).astimezone(KAZAKHSTAN).date()
        days.append((say("field.valid_until"), Text.same("{on}").fill(on=day)))
    columns = [[(decision.label, _in_one(decision))] if decision else [], days]
    return Strip(tuple(_stated(pairs, *place) for pairs, place in zip(columns, places, strict=True) if pairs))


def _in_one(line: Line) -> Text:
    if isinstance(line.value, tuple):
        return joined([part.value for part in line.value if isinstance(part.value, Text)], ", ")
    return line.value if isinstance(line.value, Text) else Text.same("")


def _stated(pairs: Sequence[tuple[Text, Text]], x: float, wide: float) -> Column:
    column: list[Block] = []
    for label, value in pairs:
        column.append(block(" · ".join(dict(label).values()), FIGURE_LABEL, x, wide, before=8 if column else 0))
        column += stack(value, (VALUE, VALUE_SMALL), (x, wide), gap=2)
    return tuple(column)


SIGNATORY_WIDTH = 58 * MM
SIGNING_ROOM = 26.0


def _signatories(people: Sequence[Signatory], places: Places) -> Iterator[Strip]:
    """Who answers for the document, with room to sign above each name."""
    wide = min(SIGNATORY_WIDTH, *(room for _, room in places))
    spots = [(x, wide) for x, _ in places]
    for start in range(0, len(people), 2):
        pair = list(zip(people[start : start + 2], spots, strict=False))
        marks = tuple(rule(INK, 0.4, below=SIGNING_ROOM, x=x, width=wide) for _, (x, _) in pair)
        yield Strip(tuple(_signatory(person, *spot) for person, spot in pair), before=4, marks=marks)


def _signatory(person: Signatory, x: float, wide: float) -> Column:
    name = block(person.signatory_name, sans(9), x, wide, before=SIGNING_ROOM + 3)
    return (name, *stack(person.position.text, (sans(7.6), sans(7, MUTED)), (x, wide), gap=1))
