"""Does a paper say what its document says? Every text of the document stands on it, and no word stands there that
neither the document nor our word lists have (docs/attacks.md E16). Asked of what is about to be drawn, before it is.

White space counts for nothing, since lines are broken; a measure may stand without its unit, which the head of a table
then has.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache

from issuer.documents.layout import Strip
from issuer.documents.typefaces import drawable
from schemas.credential import Credential
from schemas.display import PAPER, Line, Table, lines
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN, Text, words
from schemas.reading import shown


class OtherText(Refused):
    """The paper would not say what the document says."""


def check_said(credential: Credential, strips: Iterable[Strip], more: Sequence[Text] = ()) -> None:
    """Raises `OtherText` naming the first text that is lost, or the first word that nobody has said. `more` is what a
    print says of itself."""
    placed = list(dict.fromkeys(strip.text for strip in strips))
    whole = "\n".join(map(_closed_up, placed))
    stated = dict.fromkeys(text for said in _stated(credential) for _, text in said)
    for text in stated:
        if _closed_up(text) not in whole and not all(_closed_up(word) in whole for word in text.split()):
            raise OtherText.saying("paper.text_lost", text=shown(text, 80))
    printed = [text for said in more for _, text in said]
    added = set().union(*map(_split, placed)).difference(_own_words(), *map(_split, stated), *map(_split, printed))
    for word in added:
        if not any(word in text for text in stated):  # a piece of a word that is longer than its line
            raise OtherText.saying("paper.text_added", text=shown(word, 80))


@lru_cache(maxsize=4096)
def _closed_up(text: str) -> str:
    return "".join(drawable(text).split())


@lru_cache(maxsize=4096)
def _split(text: str) -> frozenset[str]:
    """Words without the marks around them."""
    return frozenset(re.findall(r"\w+", text))


@cache
def _own_words() -> frozenset[str]:
    """Labels, headings and phrases; names of months and what stands beside them."""
    return frozenset().union(*(_split(text) for entry in words().values() for _, text in entry))


def _stated(credential: Credential) -> Iterator[Text]:
    """Everything that the document says and a paper has to."""
    issuer = credential.issuer
    yield from _values(lines(credential.facts, PAPER))
    yield from (credential.title, credential.kind.title, credential.facts.holder_text)
    yield from (issuer.legal_name.text, issuer.city.text, Text.same(issuer.bin))
    yield _day(credential.issued_on)
    if until := credential.value.get("validUntil"):
        yield _day(datetime.fromisoformat(until).astimezone(KAZAKHSTAN).date())
    if behalf := issuer.on_behalf_of:
        yield from (behalf.legal_name.text, Text.same(behalf.mandate_number))
    if right := issuer.accreditation or (behalf and behalf.accreditation):
        yield right.accreditation_body.text
        yield Text.same(right.accreditation_number)
        yield from (_day(day) for day in (right.accredited_from, right.accredited_until) if day)
    yield Text(**credential.value["legalBasis"])
    for person in credential.signatories:
        yield from (Text.same(person.signatory_name), person.position.text)


def _day(day: object) -> Text:
    return Text.same("{on}").fill(on=day)


def _values(given: Sequence[Line]) -> Iterator[Text]:
    for line in given:
        if isinstance(line.value, Text):
            yield _measure(line.value)
        elif isinstance(line.value, Table):
            yield from (_measure(cell) for row in line.value.rows for cell in row)
        else:
            yield from _values(line.value)


def _measure(value: Text) -> Text:
    """The number alone, where the value is one with a unit."""
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?) \D+", value.en)
    return Text.same(found[1]) if found else value
