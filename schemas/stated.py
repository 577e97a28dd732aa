"""What a document states of itself, by the addresses of properties: its contexts call them as they like, and whoever
holds it may write other contexts that sign the same (docs/attacks.md A5)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.canonical import Digested, canonical_form, expand, statements_of
from schemas.errors import Malformed
from schemas.kinds.vocabulary import OWN
from schemas.reading import Json
from schemas.statuslist import read_instant

VC = "https://www.w3.org/2018/credentials#"
STATUS = "https://www.w3.org/ns/credentials/status#"
NAMES = ("https://schema.org/name", "http://schema.org/name")
TEST = f"{OWN}test"
BEGINS = (f"{VC}validFrom", f"{VC}issuanceDate")
ENDS = (f"{VC}validUntil", f"{VC}expirationDate")
"""The second of each is VC 1.1's, whose context knows the first too."""
READ = frozenset({f"{VC}issuer", f"{VC}credentialStatus", *BEGINS, *ENDS, *NAMES, TEST})
"""The properties of a document whose values are read by their address."""
_STRING = "http://www.w3.org/2001/XMLSchema#string"
MAX_VALUES = 20
"""Of one property."""

Node = Mapping[str, list[Json]]
"""Property → values in expanded form; `@type` too, and `@id` where it has one."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The canonical form of a document, and what it says of the document itself."""

    canonical: Digested
    properties: Counter[str]
    """How many values the document's own node has for each property."""
    values: Mapping[str, list[Json]]
    """Of the properties in `READ`, the first few: a node with all that the document says of it in whatever place."""

    def instants(self, names: Sequence[str]) -> list[datetime]:
        """All that the document has for these properties; raises `Malformed` for what is no instant, or too many."""
        values = [value for name in names for value in self.values.get(name, [])]
        if sum(self.properties[name] for name in names) > len(values):
            raise Malformed.saying("canonical.too_much_work")
        return [read_instant(value.get("@value")) for value in values]


def stated(document: Json) -> Stated:
    """Raises like `schemas.canonical.rdfc`."""
    expanded = expand(document)
    canonical = canonical_form(statements_of(expanded))
    named: dict[str, dict[str, list[Json]]] = {}
    for node in _nodes(expanded):
        if "@id" in node:
            _add(node, named.setdefault(node["@id"], {}))
    own = _whole(expanded[0], named)
    values = {name: [_whole(value, named) for value in own[name][:MAX_VALUES]] for name in sorted(READ & own.keys())}
    return Stated(canonical, Counter({name: len(own[name]) for name in own if name[0] != "@"}), values)


def _nodes(value: Json) -> Iterator[dict[str, Json]]:
    """Every node object of expanded JSON-LD."""
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, dict) and "@value" not in value:
        yield value
        yield from _nodes([inner for inner in value.values() if isinstance(inner, dict | list)])


def _add(node: Mapping[str, Json], found: dict[str, list[Json]]) -> None:
    for name, values in node.items():
        if name == "@type" or name[0] != "@":
            found.setdefault(name, []).extend(values)


def _whole(value: Json, named: Mapping[str, dict[str, list[Json]]]) -> Json:
    if not isinstance(value, dict) or "@value" in value or "@id" not in value:
        return value
    return {"@id": value["@id"], **named[value["@id"]]}


def text_of(node: Json, name: str) -> str | None:
    """The one plain text that a node has for a property, however often; none where it has another value too."""
    return _only(each.get("@value") if _is_plain(each) else None for each in _of(node, name))


def address_of(node: Json, name: str) -> str | None:
    """The same for the address of another node."""
    return _only(each.get("@id") for each in _of(node, name))


def _of(node: Json, name: str) -> list[dict[str, Json]]:
    return list(node.get(name, [])) if isinstance(node, dict) else []


def _is_plain(value: Mapping[str, Json]) -> bool:
    """In no language, and of no type but that of every text in RDF."""
    return "@language" not in value and "@direction" not in value and value.get("@type", _STRING) == _STRING


def _only(found: Iterable[Json]) -> str | None:
    texts = [each if isinstance(each, str) else None for each in found]
    return texts[0] if len(set(texts)) == 1 else None
