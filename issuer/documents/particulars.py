"""The pages after the face: everything else that the document states, in the model's order, under headings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from issuer.documents.layout import Strip, stacked
from issuer.documents.rules import rule
from issuer.documents.styles import HAIR, sans, serif
from issuer.documents.tables import listed, table
from issuer.documents.trio import across, level
from schemas.credential import Credential
from schemas.display import Line, Table, joined
from schemas.languages import Text, say


def particulars(credential: Credential, rest: Sequence[Line], accent: str) -> Iterator[Strip]:
    """The strips of the lines that the face has left, and what is to be said of the document itself."""
    yield from _section(rest, accent, 0)
    yield _heading(say("paper.about"), accent, 0)
    yield from listed(list(_about(credential)))


def _about(credential: Credential) -> Iterator[tuple[Text, Text]]:
    yield say("field.legal_basis"), Text(**credential.value["legalBasis"])
    if behalf := credential.issuer.on_behalf_of:
        mandate = say("paper.mandate", number=behalf.mandate_number)
        yield say("paper.on_behalf_of"), joined([behalf.legal_name.text, mandate], ", ")
    if right := credential.issuer.accreditation or (behalf and behalf.accreditation):
        days = {"since": right.accredited_from, "until": right.accredited_until}
        said = say("paper.accredited" if right.accredited_until else "paper.accredited_since", **days)
        body = right.accreditation_body.text
        yield say("field.accreditation"), joined([body, Text.same(right.accreditation_number), said], ", ")


def _section(given: Sequence[Line], accent: str, depth: int) -> Iterator[Strip]:
    """Lines in their order; those that come after a section of their own level begin under a rule."""
    resumed = False
    for nested, run in groupby(given, key=lambda line: not isinstance(line.value, Text)):
        if nested:
            for line in run:
                yield from _nested(line, accent, depth)
        else:
            pairs = [(line.label, line.value) for line in run if isinstance(line.value, Text)]
            first, *others = listed(pairs)
            yield replace(first, before=20, marks=(rule(HAIR, 0.5, below=-9),)) if resumed else first
            yield from others
        resumed = True


@lru_cache(maxsize=512)
def _nested(line: Line, accent: str, depth: int) -> tuple[Strip, ...]:
    """A heading and what stands under it; a short section stays whole. The documents of one programme share most."""
    inner = table(line.value, accent) if isinstance(line.value, Table) else ()
    if isinstance(line.value, tuple):
        inner = _section(line.value, accent, depth + 1)
    strips = [_heading(line.label, accent, depth), *inner]
    if stacked(strips) > SHORT:
        return tuple(strips)
    return (*(replace(strip, keep=True) for strip in strips[:-1]), strips[-1])


SHORT = 110.0


def _heading(label: Text, accent: str, depth: int) -> Strip:
    if depth == 0:
        marks = (rule(accent, 0.8, below=-8),)
        return Strip(across(label, level(serif(12.5, accent), 10)), before=26, keep=True, marks=marks)
    return Strip(across(label, level(sans(9, bold=True), 8.2)), before=16, keep=True)
