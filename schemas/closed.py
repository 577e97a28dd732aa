"""The canonical form of a document whose shape is closed: a published schema has admitted every member that it has.

`schemas.canonical.rdfc` spends most of its time on finding members that no context defines. A document of a kind of
ours cannot have one once its kind's schema has passed, since that allows no member beyond those that the kind's
contexts define (docs/decisions/0015-a-closed-shape-needs-one-reader.md). So pyoxigraph reads it alone; what it might
still leave out without a word would be missing from the count. Where anything is other than expected, nothing is
decided here: the full reader says what is wrong.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import pyoxigraph

from schemas import contexts
from schemas.blanknodes import Statement
from schemas.canonical import ABSOLUTE, Canonical, Digested, canonical_form, names_in, rdfc
from schemas.credential import refuse_syntax
from schemas.errors import Malformed
from schemas.kinds.table import KINDS, Kind
from schemas.languages import LANGUAGES
from schemas.reading import Json

_TEXT = frozenset(LANGUAGES)
_NEVER = 1_000_000
"""More statements than any document may make."""
_OPTIONS = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"})
"""What a proof has as this product writes it, without its value."""
_OF_A_PROOF = _OPTIONS | {"DataIntegrityProof", "assertionMethod"}


def read_closed(kind: Kind, document: Mapping[str, Json], full: Callable[[Json], Digested] = rdfc) -> Digested:
    """The canonical form of a document of `kind`, without proof, whose shape holds.

    Raises what `full`, a reader in safe mode, says of it; else `Malformed` where the schema does not pass.
    """
    try:
        kind.check_schema(document)
    except Malformed:
        refuse_syntax(document)
        full(document)
        raise
    return closed_form(kind, document) or full(document)


def closed_form(kind: Kind, document: Mapping[str, Json]) -> Canonical | None:
    """Of a document that `kind`'s schema admits; none where this reader is not sure of every member."""
    rest = {name: member for name, member in document.items() if name != "@context"}
    return _form(_context(kind.name, frozenset(names_in(rest))), rest, _count(rest))


def options_form(context: Json, options: Mapping[str, Json]) -> Canonical | None:
    """Of the options of a proof as this product writes it, under the contexts of a kind; else none."""
    kind = next((kind for kind in KINDS.values() if kind.context == context), None)
    if kind is None or not _OPTIONS.issuperset(options) or not all(isinstance(each, str) for each in options.values()):
        return None
    return _form(_options_context(kind.name), options, len(options))


def _form(context: str, rest: Mapping[str, Json], count: int) -> Canonical | None:
    text = f'{{"@context":{context},{json.dumps(rest, ensure_ascii=False)[1:]}'
    try:
        found = list(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.JSON_LD))
    except (SyntaxError, ValueError):
        return None
    return canonical_form(found) if len(found) == count and all(map(ABSOLUTE.fullmatch, _addresses(found))) else None


def _addresses(found: Iterable[Statement]) -> set[str]:
    """Those that the document itself has given; a property is always a context's."""
    ends = {end for statement in found for end in (statement.subject, statement.object)}
    return {end.value for end in ends if isinstance(end, pyoxigraph.NamedNode)}


def _count(node: Json) -> int:
    """The statements that a closed document makes, counted in its own JSON: each value of a member is one, each type,
    each language of a text. What is empty, where no signature would cover it, counts as more than there can be."""
    if node is None or node in ([], {}):
        return _NEVER
    if not isinstance(node, dict):
        return 0
    if _TEXT.issuperset(node):
        return len(node) - 1  # the member itself has been counted once
    found = 0
    for name, value in node.items():
        if isinstance(value, list):
            found += len(value) + sum(map(_count, value)) if value else _NEVER
        elif name != "id":
            found += 1 + _count(value)
    return found


@lru_cache(maxsize=256)
def _context(kind: str, used: frozenset[str]) -> str:
    """The contexts of a kind as JSON, inlined and cut to what a document uses of what the schema of its kind names:
    most documents of a kind use the same, and the less there is of it the sooner it is read."""
    return _cut(KINDS[kind], used & _named(kind))


@lru_cache
def _named(kind: str) -> frozenset[str]:
    return frozenset(_names(KINDS[kind].published_schema))


@lru_cache
def _options_context(kind: str) -> str:
    return _cut(KINDS[kind], _OF_A_PROOF)


def _cut(kind: Kind, names: frozenset[str]) -> str:
    return json.dumps([contexts.pruned(contexts.inlined(each), names) for each in kind.context])


def _names(schema: Json) -> Iterator[str]:
    """Every member, and every constant and choice, that a schema names: types are among them."""
    if isinstance(schema, list):
        for item in schema:
            yield from _names(item)
    elif isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from _strings([schema.get("const", ()), schema.get("enum", ())])
        for member in schema.values():
            yield from _names(member)


def _strings(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    return [text for item in value for text in _strings(item)] if isinstance(value, list | tuple) else []
