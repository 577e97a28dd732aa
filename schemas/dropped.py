"""What JSON-LD leaves out without a word and a reader of JSON sees: nulls, empty lists and objects, what floats free in
a graph, a language of nothing.

No proof protects it (VC Data Integrity 1.0, section 2.4.3): anybody could add an empty list of failed courses to a
signed document. So `schemas.canonical` refuses it, in both directions.
"""

from collections import Counter
from collections.abc import Iterator

from schemas.errors import DataLoss, Malformed
from schemas.reading import Json, shown

_ALIASES = {"id": "@id", "type": "@type"}
"""The names that the standards' own contexts give to keywords, and through which a context could give others."""


def refuse_renamed(document: Json) -> None:
    """Raises `Malformed` where an inline context gives a keyword another name, under which it is not seen."""
    for part in _items(document.get("@context")) if isinstance(document, dict) else ():
        for name, keyword in _renamed(part):
            raise Malformed.saying("canonical.renamed_keyword", name=shown(name), keyword=shown(keyword))
    for _, inner in _inside(document):
        refuse_renamed(inner)


def refuse_dropped(document: Json, expanded: Json) -> None:
    """Raises `Malformed` for what is empty in `document` and not in its expanded form, for in a JSON literal it is data
    and an empty list or object may be a value, and for a graph by its keyword (docs/attacks.md A4); `DataLoss` for a
    language or a direction of nothing."""
    found = list(_silent(document))
    lost = Counter(kind for _, kind in found) - Counter(_kept(expanded))
    name, kind = next((each for each in found if each[1] in lost), ("", ""))
    if kind == "@graph":
        raise Malformed.saying("kinds.keyword", name=kind)
    if kind == "@language":
        raise DataLoss.saying("canonical.lost_statement")
    if kind:
        raise Malformed.saying("canonical.empty_member", name=shown(name))


def _renamed(context: Json) -> Iterator[tuple[str, str]]:
    for name, definition in context.items() if isinstance(context, dict) else ():
        meant = definition.get("@id") if isinstance(definition, dict) else definition
        keyword = _ALIASES.get(meant, meant) if isinstance(meant, str) else ""
        if keyword.startswith("@") and _ALIASES.get(name) != keyword:
            yield name, keyword
        for part in _items(definition.get("@context")) if isinstance(definition, dict) else ():
            yield from _renamed(part)


def _items(member: Json) -> list[Json]:
    return member if isinstance(member, list) else [member]


def _inside(value: Json) -> Iterator[tuple[str, Json]]:
    """What is in an object or a list, but for contexts, with the name under which it stands."""
    if isinstance(value, dict):
        yield from ((name, inner) for name, inner in value.items() if name != "@context")
    elif isinstance(value, list):
        yield from (("", inner) for inner in value)


def _silent(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """The name and the kind of each value outside the contexts that JSON-LD may drop."""
    if value is None or value == [] or value == {}:
        yield name, str(value)
    elif isinstance(value, dict):
        if "@graph" in value:
            yield name, "@graph"
        if "@value" not in value and ("@language" in value or "@direction" in value):
            yield name, "@language"
    for own, inner in _inside(value):
        yield from _silent(inner, own or name)


def _kept(node: Json) -> Iterator[str]:
    """Their kinds in expanded JSON-LD, as far as they say something there."""
    if isinstance(node, dict) and "@value" in node:
        yield from (kind for _, kind in _silent(node["@value"]))
    elif node == {}:
        yield str(node)
    else:
        for name, inner in _inside(node):
            yield from [str(inner)] if name == "@list" and inner == [] else _kept(inner)
