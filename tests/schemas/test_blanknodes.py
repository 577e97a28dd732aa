"""Blank nodes get the labels of the standard, and other labels in their place."""

import json
import random
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.blanknodes import Statement, canonical_labels, relabelled, unnamed
from schemas.canonical import canonicalize
from schemas.errors import Malformed

RDF_CANON = Path("tests/vectors/rdf-canon")


def entries() -> list[dict[str, str]]:
    """The W3C's tests that end in a canonical form."""
    every = json.loads((RDF_CANON / "manifest.jsonld").read_text())["entries"]
    return [entry for entry in every if entry["type"] != "rdfc:RDFC10NegativeEvalTest" and "hashAlgorithm" not in entry]


def read(nquads: str) -> list[Statement]:
    return list(pyoxigraph.parse(nquads, format=pyoxigraph.RdfFormat.N_QUADS))


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["id"])
def test_the_labels_make_the_canonical_form(entry: dict[str, str]) -> None:
    nquads = (RDF_CANON / entry["action"]).read_text("utf-8")
    labels = canonical_labels(read(nquads))
    assert "".join(relabelled(read(nquads), labels)) == canonicalize(nquads).nquads
    assert sorted(labels.values()) == sorted(f"c14n{n}" for n in range(len(labels)))
    if entry["type"] == "rdfc:RDFC10MapTest":
        assert labels.keys() == json.loads((RDF_CANON / entry["result"]).read_text()).keys()


TRICKY = ["C:\\temp", "a\\nb", "a\nb", 'say "so"', "tab\t", "back\\\\slash", "é𐐷", "\x7f", "_:b0", "<urn:x>", ""]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["p", "q"]), st.sampled_from(TRICKY)), max_size=12))
def test_two_implementations_agree_on_texts_that_are_hard_to_write(edges: list[tuple[int, str, str]]) -> None:
    """PyLD alone reads a backslash before a t as a tab."""
    p = pyoxigraph
    quads = [
        p.Quad(p.BlankNode(f"n{n}"), p.NamedNode(f"urn:{name}"), term)
        for n, name, text in edges
        for term in (p.Literal(text), p.BlankNode(f"n{len(text)}"))
    ]
    nquads = "".join(f"{quad} .\n" for quad in quads)
    assert "".join(relabelled(quads, canonical_labels(quads))) == canonicalize(nquads).nquads


@pytest.mark.parametrize("n", [6, 8, 30])
def test_A11_labels_are_given_up_by_count_too(n: int) -> None:
    clique = "".join(f"_:b{i} <urn:knows> _:b{j} .\n" for i in range(n) for j in range(n) if i != j)
    with pytest.raises(Malformed):
        canonical_labels(read(clique))


def test_A11_more_than_a_thousand_blank_nodes_get_no_labels() -> None:
    with pytest.raises(Malformed):
        canonical_labels(read("".join(f'_:b{i} <urn:n> "{i}" .\n' for i in range(1001))))


def test_labels_stand_for_terms_and_never_for_text() -> None:
    quads = read('_:a <urn:p> "_:a and <urn:x:a>" _:a .\n<urn:x:a> <urn:x:p> <urn:x:b> .\n')
    assert relabelled(quads, {"a": "ub"})[1] == '_:ub <urn:p> "_:a and <urn:x:a>" _:ub .\n'
    assert relabelled(unnamed(quads, "urn:x:"), {"a": "a", "b": "b"}) == [
        '_:a <urn:p> "_:a and <urn:x:a>" _:a .\n',
        "_:a <urn:x:p> _:b .\n",
    ]


def test_the_order_of_the_statements_changes_no_label() -> None:
    quads = read((RDF_CANON / "rdfc10/test060-in.nq").read_text("utf-8"))
    labels = canonical_labels(quads)
    random.Random(1).shuffle(quads)
    assert relabelled(quads, labels) == relabelled(quads, canonical_labels(quads))
