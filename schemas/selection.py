"""What of a document is disclosed: JSON pointers → the part of the document that they select, and its statements.

The selective disclosure functions of VC Data Integrity ECDSA Cryptosuites 1.0, section 3.4. Who signs which statement
is for `keys.selective`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from schemas.blanknodes import Statement, blank_nodes, canonical_labels, relabelled, unnamed
from schemas.canonical import compact, expand, statements, statements_of
from schemas.errors import Malformed, Unsupported
from schemas.reading import Json, shown

MAX_POINTERS = 1_000
MAX_POINTER = 1_000
"""Characters of one."""
SKOLEM = "urn:bnid:"
"""Begins the names that blank nodes have while a part of a document is told from the whole (section 3.4.7); only the
names of blank nodes begin so, as a document with such an address is refused."""

Labels = Mapping[str, str]
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Group:
    """The statements that one list of pointers selects."""

    indexes: tuple[int, ...]
    """Their places among the statements of the whole document."""
    statements: list[Statement]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The statements of a document, and which of them each list of pointers selects."""

    nquads: list[str]
    """In canonical order, blank nodes under their new labels."""
    labels: Labels
    """Blank node of the groups' statements → its new label."""
    groups: Mapping[str, Group]


def group(
    document: Mapping[str, Json], relabel: Callable[[Labels], Labels], pointers: Mapping[str, Sequence[str]]
) -> Grouped:
    """Section 3.4.16, canonicalizeAndGroup: `pointers` are lists by the names of their groups; `relabel` makes of
    blank node → canonical label a map to the labels that are signed.

    Raises `Malformed` for a pointer that points nowhere, and like `schemas.canonical.rdfc`.
    """
    skolemized = skolemize(expand(document))
    whole = unnamed(statements_of(skolemized), SKOLEM)
    labels = relabel(canonical_labels(whole))
    nquads = relabelled(whole, labels)
    compacted = compact(skolemized, document.get("@context"))
    groups = {name: _group(select(compacted, each), labels, nquads) for name, each in pointers.items()}
    return Grouped(nquads, labels, groups)


def _group(selection: Json | None, labels: Labels, nquads: list[str]) -> Group:
    quads = unnamed(statements(selection), SKOLEM) if selection else []
    if not blank_nodes(quads) <= labels.keys():  # a graph without a name, for one, would be another graph
        raise Malformed.saying("selection.no_part")
    selected = set(relabelled(quads, labels))
    if not selected.issubset(nquads):  # of a JSON literal, for one, a part would be another value
        raise Malformed.saying("selection.no_part")
    return Group(tuple(index for index, nquad in enumerate(nquads) if nquad in selected), quads)


def skolemize(expanded: list[Json]) -> list[Json]:
    """Expanded JSON-LD with a name for each blank node (section 3.4.7, skolemizeExpandedJsonLd).

    Raises `Unsupported` for a list, whose own blank nodes cannot be named, and `Malformed` for an address that looks
    like one of these names.
    """
    names = (f"{SKOLEM}b{number}" for number in count())
    return [_skolemized(item, names, {}) for item in expanded]


def _skolemized(item: Json, names: Iterator[str], known: dict[str, str]) -> Json:
    if not isinstance(item, dict) or "@value" in item:
        return item
    if "@list" in item:
        raise Unsupported.saying("selection.list")
    node = {member: _member(member, value, names, known) for member, value in item.items()}
    return node if "@id" in node else {"@id": next(names), **node}


def _member(member: str, value: Json, names: Iterator[str], known: dict[str, str]) -> Json:
    if member in ("@id", "@type"):
        return (
            [_named(each, names, known) for each in value] if isinstance(value, list) else _named(value, names, known)
        )
    if member == "@reverse":
        return {name: [_skolemized(item, names, known) for item in nodes] for name, nodes in value.items()}
    return [_skolemized(item, names, known) for item in value]


def _named(iri: str, names: Iterator[str], known: dict[str, str]) -> str:
    if iri.startswith(SKOLEM):
        raise Malformed.saying("selection.reserved", iri=shown(iri))
    if not iri.startswith("_:"):
        return iri
    if iri not in known:
        known[iri] = next(names)
    return known[iri]


def select(document: Json, pointers: Sequence[str]) -> dict[str, Json] | None:
    """The part of a compact document that the pointers select (section 3.4.13, selectJsonLd): with each object on the
    way to it go its `id` and its types. None where there are no pointers.

    Raises `Malformed` for what is no JSON pointer and for one that points nowhere.
    """
    if not pointers:
        return None
    chosen = _chosen(pointers)
    selection = _selected(document, chosen)
    if chosen.whole:
        return dict(selection)
    context = {"@context": document["@context"]}
    return {**context, **selection, **context}


@dataclass(slots=True)
class _Choice:
    """A place in the document that pointers lead to or through."""

    pointer: str
    whole: bool = False
    below: dict[str, "_Choice"] = field(default_factory=dict)


def _chosen(pointers: Sequence[str]) -> _Choice:
    if len(pointers) > MAX_POINTERS:
        raise Malformed.saying("selection.too_many", most=MAX_POINTERS)
    root = _Choice("")
    for pointer in pointers:
        place = root
        for path in paths(pointer):
            place = place.below.setdefault(path, _Choice(pointer))
        place.whole = True
    return root


def paths(pointer: Json) -> list[str]:
    """The steps of a JSON pointer (section 3.4.10; RFC 6901, sections 3 and 4); raises `Malformed`."""
    if not isinstance(pointer, str):
        raise Malformed.saying("selection.no_pointer", pointer=shown(str(pointer)))
    if len(pointer) > MAX_POINTER or (pointer and pointer[0] != "/") or re.search("~(?![01])", pointer):
        raise Malformed.saying("selection.no_pointer", pointer=shown(pointer))
    return [path.replace("~1", "/").replace("~0", "~") for path in pointer.split("/")[1:]]


def _selected(value: Json, choice: _Choice) -> Json:
    below = {path: _selected(_at(value, path, more.pointer), more) for path, more in choice.below.items()}
    if choice.whole:
        return value
    if isinstance(value, list):
        return [below[path] for path in sorted(below, key=int)]
    initial = _initial(value)
    return {**initial, **below, **initial}


def _at(value: Json, path: str, pointer: str) -> Json:
    if isinstance(value, dict) and path in value:
        return value[path]
    if isinstance(value, list) and _INDEX.fullmatch(path) and int(path) < len(value):
        return value[int(path)]
    raise Malformed.saying("selection.nowhere", pointer=shown(pointer, 120))


def _initial(node: Mapping[str, Json]) -> dict[str, Json]:
    """Section 3.4.11, createInitialSelection: who or what the object is, unless it is a blank node."""
    return {name: node[name] for name in ("id", "@id", "type", "@type") if name in node and not _is_blank(node[name])}


def _is_blank(value: Json) -> bool:
    return isinstance(value, str) and value.startswith("_:")
