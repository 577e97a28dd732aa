"""Document → the bytes that are signed: RDFC-1.0 through PyLD and pyoxigraph in safe mode, and JCS.

Safe mode, because PyLD by itself drops what it cannot map (docs/attacks.md A1, A2): a member that no context
defines, a relative IRI and a malformed language tag are errors here, so that every member is covered by the
signature. Work is bounded by a count, never by a clock (docs/attacks.md A11).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import pyoxigraph
import rfc8785
from pyld import jsonld

from schemas import contexts
from schemas.blanknodes import Statement, check_work
from schemas.dropped import refuse_dropped, refuse_renamed
from schemas.errors import DataLoss, Malformed, Refused
from schemas.reading import Json, shown

MAX_CHARACTERS = 8_000_000
"""Of all statements: each repeats the addresses of its subject, its property and its graph."""
MAX_CONTEXTS = 100
MAX_TYPES = 4_000
"""Of all objects together: for each, PyLD looks at the contexts of the type."""
MAX_SCOPED_TERMS = 20_000
"""Of the terms that inline contexts define for one type or member, each object in the document costs all of them."""
_TERMS_OF_A_BUNDLED_CONTEXT = 300

_OPTIONS = {"base": None, "documentLoader": contexts.load, "processingMode": "json-ld-1.1"}
"""PyLD takes an empty base for http://example.org/base/; without one, a relative IRI stays what it is."""
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
"""An address with its scheme (RFC 3987, section 2.2)."""
_I18N = "https://www.w3.org/ns/i18n#"
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


_ALGORITHMS: Mapping[str, pyoxigraph.CanonicalizationAlgorithm] = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}
"""Hash → RDFC-1.0 with it (section 4.2): the labels of blank nodes follow from their hashes."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """The RDFC-1.0 form of a document: N-Quads in code point order, a newline after each."""

    nquads: str
    hash: str = "sha256"
    """The hash that labelled its blank nodes and that digests it: SHA-256, but for keys on P-384."""

    @property
    def digest(self) -> bytes:
        """32 bytes of SHA-256, or 48 of SHA-384 (VC DI EdDSA 1.0, section 3.2.4; VC DI ECDSA 1.0, section 3.2.4)."""
        return hashlib.new(self.hash, self.nquads.encode()).digest()


class Digested(Protocol):
    """A canonical form as far as a proof needs it: RDFC-1.0 with SHA-256, which is that of all suites but for P-384."""

    @property
    def digest(self) -> bytes:
        """SHA-256, 32 bytes."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A canonical form of which only the digest was kept."""

    digest: bytes


def rdfc(document: Json, hash_name: str = "sha256") -> Canonical:
    """The canonical form of the JSON-LD `document`, in safe mode.

    Raises `DataLoss` for a member or value that would stay unsigned, `Malformed` for a relative IRI, an unknown
    context, what is no JSON-LD, or a graph that needs too much work.
    """
    return canonical_form(statements(document), hash_name)


def canonicalize(nquads: str, hash_name: str = "sha256") -> Canonical:
    """RDFC-1.0 of N-Quads; raises `Malformed` for a graph that needs too much work."""
    return canonical_form(list(pyoxigraph.parse(nquads, format=pyoxigraph.RdfFormat.N_QUADS)), hash_name)


def canonical_form(quads: list[Statement], hash_name: str = "sha256") -> Canonical:
    """RDFC-1.0 of statements; raises `Malformed` for a graph that needs too much work."""
    check_work(quads)
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(_ALGORITHMS[hash_name])
    return Canonical("".join(sorted(f"{quad} .\n" for quad in dataset)), hash_name)


def statements(document: Json) -> list[Statement]:
    """JSON-LD → RDF with nothing lost on the way: PyLD expands, which tells what no context defines; pyoxigraph reads
    the expanded form; and there are as many statements as an independent count finds in it."""
    return statements_of(expand(document))


def statements_of(expanded: list[Json]) -> list[Statement]:
    """The statements of expanded JSON-LD: as many as an independent count finds in it."""
    if _characters(expanded) > MAX_CHARACTERS:
        raise Malformed.saying("canonical.too_much_work")
    text = json.dumps(expanded)
    if '"@direction"' in text:
        text = json.dumps(_with_directions(expanded))
    try:
        quads = list(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.JSON_LD))
    except (SyntaxError, ValueError) as error:
        raise Malformed.saying("canonical.not_json_ld", problem=type(error).__name__) from None
    if len(quads) != _count(expanded):
        raise DataLoss.saying("canonical.lost_statement")
    return quads


def _with_directions(node: Json) -> Json:
    """Base directions as types of texts (JSON-LD 1.1 API, section 8.2.2, `i18n-datatype`), as other libraries sign
    them; RDF 1.1 has no other place for them."""
    if isinstance(node, list):
        return [_with_directions(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "@direction" in node:
        direction = f"{node.get('@language', '').lower()}_{node['@direction']}"
        return {"@value": node["@value"], "@type": _I18N + direction}
    return node if "@value" in node else {name: _with_directions(member) for name, member in node.items()}


def expand(document: Json) -> list[Json]:
    """The expanded form (JSON-LD 1.1 API, section 5.1) of one object that says something, in safe mode; raises like
    `rdfc`."""
    if not isinstance(document, dict):
        raise Malformed.saying("reading.not_an_object")
    _check_size(document)
    refuse_renamed(document)
    dropped: list[str] = []
    expanded = _by_pyld(
        lambda: jsonld.expand(document, _OPTIONS, on_property_dropped=lambda name, *_: dropped.append(str(name)))
    )
    if dropped:
        raise DataLoss.saying("canonical.undefined_member", name=shown(dropped[0]))
    for refusal in _lost(expanded):
        raise refusal
    refuse_dropped(document, expanded)
    if not _all_signed(expanded):
        raise DataLoss.saying("canonical.lost_statement")
    return list(expanded)


def compact(expanded: list[Json], context: Json) -> Json:
    """The compact form under `context` (JSON-LD 1.1 API, section 6.1) of what `expand` gave."""
    return _by_pyld(lambda: jsonld.compact(expanded, context, {**_OPTIONS, "skipExpansion": True}))


def _by_pyld(step: Callable[[], Json]) -> Json:
    try:
        return step()
    except jsonld.JsonLdError as error:
        raise _own(error) from None
    except (RecursionError, TypeError, ValueError, LookupError, AttributeError) as error:
        if isinstance(error, Malformed | DataLoss):
            raise
        raise Malformed.saying("canonical.not_json_ld", problem=type(error).__name__) from None


def _check_size(document: Json) -> None:
    """What expanding would cost, before it begins."""
    objects = contexts = types = scoped = 0
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            objects += 1
            left += [member for name, member in node.items() if name != "@context"]
            parts = _items(node.get("@context", []))
            contexts += len(parts)
            types += len(_items(node.get("type", []))) + len(_items(node.get("@type", [])))
            scoped += sum(_scoped_terms(part) for part in parts)
            if contexts > MAX_CONTEXTS or types > MAX_TYPES:
                raise Malformed.saying("canonical.too_much_work")
    if objects * scoped > MAX_SCOPED_TERMS:
        raise Malformed.saying("canonical.too_much_work")


def _items(member: Json) -> list[Json]:
    return member if isinstance(member, list) else [member]


def _scoped_terms(context: Json) -> int:
    """The terms of the contexts inside the term definitions of an inline context."""
    definitions = context.values() if isinstance(context, dict) else ()
    inner = [each for d in definitions if isinstance(d, dict) and "@context" in d for each in _items(d["@context"])]
    return sum(
        len(each) + _scoped_terms(each) if isinstance(each, dict) else _TERMS_OF_A_BUNDLED_CONTEXT for each in inner
    )


def _count(node: Json) -> int:
    """The statements that expanded JSON-LD makes (JSON-LD 1.1 API, section 8)."""
    if isinstance(node, list):
        return sum(_count(item) for item in node)
    if not isinstance(node, dict) or "@value" in node:
        return 0
    return len(node.get("@type", ())) + sum(_count_member(name, value) for name, value in node.items())


def _count_member(name: str, value: Json) -> int:
    if name == "@reverse":
        return sum(len(nodes) + _count(nodes) for nodes in value.values())
    if name == "@list":
        return 2 * len(value) + _count(value)
    if name in ("@graph", "@included"):
        return _count(value)
    return 0 if name.startswith("@") else len(value) + _count(value)


def _characters(node: Json, around: int = 0) -> int:
    """At least as many as the statements of expanded JSON-LD repeat of addresses; `around`: those of the graph."""
    if isinstance(node, list):
        return sum(_characters(item, around) for item in node)
    if not isinstance(node, dict) or "@value" in node:
        return 0
    own = around + len(str(node.get("@id", "")))
    inner = sum(_characters(value, own if name == "@graph" else around) for name, value in node.items())
    return inner + sum((own + len(name)) * len(value) for name, value in node.items() if isinstance(value, list))


def _own(error: Any) -> Exception:
    """Our refusal inside PyLD's, if it came from our loader; else PyLD's own code."""
    cause: Any = error
    while cause is not None:
        if isinstance(cause, Malformed | DataLoss):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__ or cause.__context__
    return Malformed.saying("canonical.not_json_ld", problem=shown(str(getattr(error, "code", None) or "JSON-LD")))


_STATED = frozenset({"@id", "@type", "@value", "@language", "@direction", "@list", "@graph", "@included", "@reverse"})
"""Of JSON-LD's keywords, those that say something in an expanded form; PyLD passes the others on as if they did."""


def _lost(node: Json, key: str = "") -> Iterator[Refused]:
    """Of expanded JSON-LD, what `toRdf` would leave out without a word (JSON-LD 1.1 API, section 8.2.2)."""
    if isinstance(node, list):
        for item in node:
            yield from _lost(item, key)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "@language" and not _LANGUAGE_TAG.fullmatch(value):
                yield DataLoss.saying("canonical.bad_language", value=shown(value))
            elif name.startswith("@") and name not in _STATED:
                yield DataLoss.saying("canonical.undefined_member", name=shown(name))
            elif name in ("@graph", "@included") and not _all_signed(value):
                yield DataLoss.saying("canonical.lost_statement")
            elif name != "@value" and not ("@value" in node and value == "@json"):
                yield from _lost(value, name)
    elif key in ("@id", "@type") and not (isinstance(node, str) and _is_absolute(node)):
        yield Malformed.saying("canonical.relative_iri", value=shown(str(node)))


def _all_signed(nodes: list[Json]) -> bool:
    """Does each of these nodes, to which nothing points, make a statement? (A4)"""
    return bool(nodes) and all(_count(node) for node in nodes)


def _is_absolute(iri: str) -> bool:
    return iri.startswith("_:") or ABSOLUTE.fullmatch(iri) is not None


_UNLIKE_JCS = re.compile("[:,[]-?(?:[0-9]{16}|[0-9]+[.]0(?![0-9])|[0-9.]+e)")
"""Numbers that Python writes otherwise than RFC 8785, or that it would not have."""
_BEYOND_THE_PLANE = tuple(bytes([lead]) for lead in range(0xF0, 0xF5))
"""The first bytes of characters whose order in names is another in UTF-16 (RFC 8785, section 3.2.3)."""


def jcs(value: Json) -> bytes:
    """RFC 8785: by Python's own writer where it is sure to write the same, which takes a third of the time."""
    if (plain := _plainly(value)) is not None:
        return plain
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Malformed.saying("canonical.no_jcs", problem=type(error).__name__) from None


def _plainly(value: Json) -> bytes | None:
    """JSON with sorted names and without spaces; none where that may differ from RFC 8785."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        data = text.encode()
    except (TypeError, ValueError):
        return None
    unsure = any(lead in data for lead in _BEYOND_THE_PLANE) or _UNLIKE_JCS.search(f"[{text}")
    return None if unsure else data


def jcs_digest(value: Json) -> str:
    """SHA-256 of the JCS form, lower-case hexadecimal."""
    return hashlib.sha256(jcs(value)).hexdigest()


def rdfc_by_pyoxigraph(document: dict[str, Json]) -> Canonical:
    """The canonical form by a second, independent reader of JSON-LD, to compare with `rdfc`.

    pyoxigraph drops what it cannot map without a word, so this is for documents that `rdfc` has passed.
    """
    given, rest = json.dumps(document["@context"]), {k: v for k, v in document.items() if k != "@context"}
    context = _short_context(given, frozenset(names_in(rest)))
    text = f'{{"@context":{context},{json.dumps(rest, ensure_ascii=False)[1:]}'
    return canonical_form(list(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.JSON_LD)))


@lru_cache(maxsize=64)
def _short_context(given: str, names: frozenset[str]) -> str:
    """The contexts of a document, inlined and cut to the terms that it uses, as JSON."""
    return json.dumps([contexts.pruned(contexts.inlined(item), names) for item in json.loads(given)])


def names_in(value: Json) -> Iterator[str]:
    """Every member name of a document, and every type."""
    if isinstance(value, list):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, dict):
        yield from value
        types = value.get("type")
        yield from types if isinstance(types, list) else [types] if isinstance(types, str) else []
        for member in value.values():
            if isinstance(member, dict | list):
                yield from names_in(member)
