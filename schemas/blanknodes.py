"""Blank nodes: their canonical labels (RDFC-1.0), other labels in their place, and what telling them apart may cost.

A graph is refused once it has cost a number of steps, and by no clock (docs/attacks.md A11).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import pyoxigraph
from pyld.canon import URDNA2015

from schemas.errors import Malformed

Statement: TypeAlias = pyoxigraph.Quad
"""An RDF statement with the graph that it stands in."""

MAX_STATEMENTS = 20_000
"""Twice what the largest document of ours can make."""
MAX_BLANK_NODES = 1_000
MAX_N_DEGREE_CALLS = 800
"""rdf-canon 044–046 need 468 calls of Hash N-Degree Quads, a clique of five 485, a clique of six 3,606."""


_Views: TypeAlias = tuple[int, frozenset[tuple[object, ...]]]


def check_work(quads: list[Statement]) -> None:
    """Raises `Malformed` for a graph whose blank nodes only an expensive search could tell apart."""
    first_degree = _check_amount(quads)
    if max(Counter(first_degree.values()).values(), default=0) > 1:
        _CountedSearch(quads).labels()


def canonical_labels(quads: list[Statement]) -> dict[str, str]:
    """Blank node → its canonical label, both without `_:` (RDFC-1.0, section 4.3, the issued identifiers map); raises
    like `check_work`."""
    _check_amount(quads)
    return _CountedSearch(quads).labels()


def blank_nodes(quads: Iterable[Statement]) -> set[str]:
    """The labels of the blank nodes in the statements, without `_:`."""
    terms = (term for quad in quads for term in (quad.subject, quad.object, quad.graph_name))
    return {term.value for term in terms if isinstance(term, pyoxigraph.BlankNode)}


def relabelled(quads: Iterable[Statement], labels: Mapping[str, str]) -> list[str]:
    """N-Quads under other labels of the blank nodes, each of which has one; each once, in code point order."""
    blanks = {label: pyoxigraph.BlankNode(other) for label, other in labels.items()}
    renamed = {_renamed(quad, lambda term: blanks[term.value] if _is_blank(term) else term) for quad in quads}
    return sorted(f"{quad} .\n" for quad in renamed)


def unnamed(quads: Iterable[Statement], prefix: str) -> list[Statement]:
    """The statements with each IRI that begins with `prefix` as the blank node that it stands for."""

    def blank(term: Any) -> Any:
        named = isinstance(term, pyoxigraph.NamedNode) and term.value.startswith(prefix)
        return pyoxigraph.BlankNode(term.value.removeprefix(prefix)) if named else term

    return [_renamed(quad, blank) for quad in quads]


def _renamed(quad: Statement, name: Callable[[Any], Any]) -> Statement:
    return pyoxigraph.Quad(name(quad.subject), quad.predicate, name(quad.object), name(quad.graph_name))


def _is_blank(term: Any) -> bool:
    return isinstance(term, pyoxigraph.BlankNode)


def _check_amount(quads: list[Statement]) -> dict[pyoxigraph.BlankNode, _Views]:
    if len(quads) > MAX_STATEMENTS:
        raise Malformed.saying("canonical.too_much_work")
    first_degree = _first_degree(quads)
    if len(first_degree) > MAX_BLANK_NODES:
        raise Malformed.saying("canonical.too_much_work")
    return first_degree


def _first_degree(quads: list[Statement]) -> dict[pyoxigraph.BlankNode, _Views]:
    """Blank node → how many statements Hash First Degree Quads hashes for it (RDFC-1.0 section 4.6), and which: each
    with its blank nodes left out, and where among them the node itself stands. The same for more nodes than have the
    same hash, for no fewer."""
    seen: dict[pyoxigraph.BlankNode, list[tuple[object, ...]]] = {}
    for quad in set(quads):
        subject, predicate, value, graph = quad
        s, o, g = _is_blank(subject), _is_blank(value), _is_blank(graph)
        if s or o or g:
            view = (None if s else subject, predicate, None if o else value, None if g else graph)
            if s:
                seen.setdefault(subject, []).append((view, o and value == subject, g and graph == subject))
            if o and value != subject:
                seen.setdefault(value, []).append((view, g and graph == value))
            if g and graph not in (subject, value):
                seen.setdefault(graph, []).append((view,))
    return {node: (len(views), frozenset(views)) for node, views in seen.items()}


class _CountedSearch(URDNA2015):  # type: ignore[misc]
    """PyLD's search for canonical labels, given up once it has cost too many steps."""

    def __init__(self, quads: Iterable[Statement]) -> None:
        super().__init__()
        self.calls = 0
        self.distinct = list(dict.fromkeys(quads))
        self.around: dict[str, list[Statement]] = {}
        for quad in self.distinct:
            for blank in {term for term in (quad.subject, quad.object, quad.graph_name) if _is_blank(term)}:
                self.around.setdefault(str(blank), []).append(quad)

    def labels(self) -> dict[str, str]:
        """Blank node → canonical label, both without `_:`."""
        try:
            self.main(_for_pyld(self.distinct), {"format": "application/n-quads"})
        except RecursionError:
            raise Malformed.saying("canonical.too_much_work") from None
        return {name[2:]: label[2:] for name, label in self.canonical_issuer.existing.items()}

    def hash_first_degree_quads(self, id_: str) -> str:
        """Section 4.6, over the canonical form of N-Quads, which PyLD's own is not for every literal."""
        info = self.blank_node_info[id_]
        if "hash" not in info:
            info["hash"] = self.hash_nquads(sorted(f"{_seen_from(id_, quad)} .\n" for quad in self.around[id_]))
        return str(info["hash"])

    def hash_n_degree_quads(self, id_: str, issuer: Any) -> Any:
        self._spend(1)
        return super().hash_n_degree_quads(id_, issuer)

    def create_hash_to_related(self, id_: str, issuer: Any) -> Any:
        related = super().create_hash_to_related(id_, issuer)
        self._spend(sum(math.factorial(len(group)) - 1 for group in related.values() if len(group) > 6))
        return related

    def _spend(self, steps: int) -> None:
        self.calls += steps
        if self.calls > MAX_N_DEGREE_CALLS:
            raise Malformed.saying("canonical.too_much_work")


def _seen_from(id_: str, quad: Statement) -> Statement:
    """The statement as the blank node `id_` sees it: itself `_:a`, every other blank node `_:z`."""
    return _renamed(quad, lambda t: pyoxigraph.BlankNode("a" if str(t) == id_ else "z") if _is_blank(t) else t)


def _for_pyld(quads: Iterable[Statement]) -> dict[str, list[Any]]:
    """The statements as PyLD's search reads them. What is no blank node it only writes out at its end, unread here."""
    dataset: dict[str, list[Any]] = {}
    for quad in quads:
        graph = "@default" if isinstance(quad.graph_name, pyoxigraph.DefaultGraph) else str(quad.graph_name)
        parts = {"subject": _term(quad.subject), "predicate": _iri(quad.predicate.value), "object": _term(quad.object)}
        dataset.setdefault(graph, []).append(parts)
    return dataset


def _term(term: Any) -> dict[str, str]:
    return {"type": "blank node", "value": str(term)} if _is_blank(term) else _iri(str(term))


def _iri(value: str) -> dict[str, str]:
    return {"type": "IRI", "value": value}
