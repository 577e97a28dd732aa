"""What is signed: every member of a document and nothing else, in the one form that all libraries agree on."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from schemas import contexts
from schemas.canonical import canonicalize, jcs, rdfc, rdfc_by_pyoxigraph, statements
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tests.world_facts import drafted

RDF_CANON = Path("tests/vectors/rdf-canon")
JCS = Path("tests/vectors/jcs")
kinds = pytest.mark.parametrize("name", KINDS)


def manifest() -> list[Any]:
    """The W3C's tests of RDFC-1.0, of which two are of its SHA-384 variant."""
    entries = json.loads((RDF_CANON / "manifest.jsonld").read_text())["entries"]
    assert len(entries) == 86
    return [pytest.param(entry, id=entry["id"]) for entry in entries]


def vector(name: str) -> str:
    """A file of the manifest."""
    return (RDF_CANON / name).read_text("utf-8")


@pytest.mark.parametrize("entry", manifest())
def test_A11_the_vectors_of_rdf_canon(entry: dict[str, str]) -> None:
    given_quads, hash_name = vector(entry["action"]), entry.get("hashAlgorithm", "SHA256").lower()
    match entry["type"]:
        case "rdfc:RDFC10EvalTest":
            assert canonicalize(given_quads, hash_name).nquads == vector(entry["result"])
        case "rdfc:RDFC10MapTest":
            labels = json.loads(vector(entry["result"]))
            relabelled = re.sub(r"_:(\w+)", lambda found: f"_:{labels[found[1]]}", given_quads)
            assert quads(canonicalize(given_quads, hash_name).nquads) == quads(relabelled)
        case "rdfc:RDFC10NegativeEvalTest":
            with pytest.raises(Malformed):
                canonicalize(given_quads, hash_name)
        case other:
            pytest.fail(f"an unknown type of test: {other}")


def quads(text: str) -> set[pyoxigraph.Quad]:
    """The statements of N-Quads, whatever their order and spacing."""
    return set(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))


def clique(n: int) -> str:
    """Everyone knows everyone, and nobody has a name: as N-Quads."""
    return "".join(f"_:b{i} <urn:knows> _:b{j} .\n" for i in range(n) for j in range(n) if i != j)


def clique_document(n: int) -> dict[str, Json]:
    """The same as a credential."""
    people = [{"id": f"_:b{i}", "knows": [f"_:b{j}" for j in range(n) if j != i]} for i in range(n)]
    knows = {"knows": {"@id": "urn:knows", "@type": "@id"}}
    return {"@context": [VC_2, knows], "type": ["VerifiableCredential"], "credentialSubject": people}


@pytest.mark.parametrize("n", range(2, 6))
def test_A11_small_cliques_pass(n: int) -> None:
    assert canonicalize(clique(n)).nquads.count("\n") == n * (n - 1)
    assert rdfc(clique_document(n)).nquads.count("<urn:knows>") == n * (n - 1)


@pytest.mark.parametrize("n", [*range(6, 13), 30])
def test_A11_a_clique_of_six_and_more_is_refused(n: int) -> None:
    with pytest.raises(Malformed):
        canonicalize(clique(n))
    with pytest.raises(Malformed):
        rdfc(clique_document(n))


def test_A11_more_than_a_thousand_blank_nodes_are_refused() -> None:
    several = [f'_:b{i} <urn:n> "{i}" .\n' for i in range(1001)]
    assert canonicalize("".join(several[:1000])).nquads
    with pytest.raises(Malformed):
        canonicalize("".join(several))


@pytest.mark.parametrize("n", [7, 12, 200])
def test_A11_many_alike_nodes_around_one_are_refused_or_told_apart(n: int) -> None:
    """A star: each of n nodes looks the same from the middle."""
    star = "".join(f"_:m <urn:p> _:b{i} .\n_:b{i} <urn:q> _:e{i} .\n" for i in range(n))
    try:
        assert canonicalize(star).nquads.count("\n") == 2 * n
    except Malformed:
        assert n > 6


@pytest.mark.parametrize("name", ["di09", "di10"])
def test_the_direction_of_a_text_is_signed_as_others_sign_it(name: str) -> None:
    """JSON-LD 1.1 API, `i18n-datatype`: with another, a text reads in another order and the signature would hold."""
    vector = Path("tests/vectors/json-ld-api/toRdf")
    document = json.loads((vector / f"{name}-in.jsonld").read_text())
    found = rdfc(document).nquads
    assert found == canonicalize((vector / f"{name}-out.nq").read_text()).nquads
    document["http://example.org/label"]["@direction"] = "ltr"
    assert rdfc(document).nquads == found.replace("_rtl>", "_ltr>")


def test_the_word_direction_inside_a_value_means_nothing() -> None:
    document: dict[str, Json] = {"@context": {"j": {"@id": "urn:j", "@type": "@json"}}, "j": {"@direction": "rtl"}}
    assert r'"{\"@direction\":\"rtl\"}"^^' in rdfc(document).nquads


def foreign(subject: Json, *more: Json) -> dict[str, Json]:
    """A credential of somebody else's making."""
    terms = {"x": "urn:x", "T": {"@id": "urn:T", "@context": {f"t{i}": f"urn:t{i}" for i in range(300)}}}
    return {"@context": [VC_2, terms, *more], "type": ["VerifiableCredential"], "credentialSubject": subject}


WORK: dict[str, dict[str, Json]] = {
    "alike nodes with many values": foreign([{"x": [f"v{i}" for i in range(9000)]} for _ in range(2)]),
    "a long name of a node with many values": foreign(
        {"id": f"urn:{'a' * 100_000}", "x": [f"v{i}" for i in range(9000)]}
    ),
    "a long name of a property": foreign({"y": [f"v{i}" for i in range(9000)]}, {"y": f"urn:{'a' * 100_000}"}),
    "a long name of a graph": foreign(
        {"g": {f"urn:{'a' * 100_000}": [{"x": [f"v{i}" for i in range(9000)]}]}},
        {"g": {"@id": "urn:g", "@container": ["@graph", "@id"]}},
    ),
    "a long list": foreign({"x": {"@list": ["a"] * 39_000}}),
    "one context many times": foreign({"x": "a"}, *[VC_2] * 6000),
    "many contexts": foreign({"x": "a"}, *[{f"t{i}": "urn:t"} for i in range(9000)]),
    "a context in each node": foreign([{"@context": VC_2, "id": f"urn:{i}"} for i in range(4000)]),
    "many types": foreign({"type": ["VerifiableCredential"] * 9000}),
    "many nodes of a type with terms of its own": foreign([{"id": f"urn:{i}", "type": "T"} for i in range(5000)]),
    "a grid": foreign(
        [{"id": f"_:b{i}", "x": [{"id": f"_:b{(i + 1) % 900}"}, {"id": f"_:b{(i + 30) % 900}"}]} for i in range(900)]
    ),
}


CHEAP = {"alike nodes with many values"}


@pytest.mark.parametrize("work", WORK)
def test_A11_A18_what_would_cost_too_much_is_refused_before_it_does(work: str) -> None:
    """What is read costs little; `make bench` shows the seconds of the slowest."""
    assert len(json.dumps(WORK[work])) < 300 * 1024
    if work in CHEAP:
        assert rdfc(WORK[work]).nquads
    else:
        with pytest.raises(Malformed):
            rdfc(WORK[work])


Edges = set[tuple[int, str, int]]


def edges_among(n: int) -> st.SearchStrategy[Edges]:
    """A graph of n nodes without names."""
    edge = st.tuples(st.integers(0, n - 1), st.sampled_from("pq"), st.integers(0, n - 1))
    return st.sets(edge, max_size=3 * n)


def copies(n: int) -> st.SearchStrategy[Edges]:
    """Several times the same small graph, in which each node has a double: what an attacker would write."""
    return st.tuples(edges_among(n), st.integers(2, 12 // n)).map(
        lambda made: {(s + n * i, p, o + n * i) for i in range(made[1]) for s, p, o in made[0]}
    )


graphs = st.one_of(st.integers(1, 12).flatmap(edges_among), st.integers(1, 4).flatmap(copies))


def alike(graph: Edges) -> int:
    """How many of its nodes have the same neighbourhood, at most: as many edges of each name out, in, and to itself."""
    around: dict[int, list[str]] = {node: [] for edge in graph for node in (edge[0], edge[2])}
    for s, p, o in graph:
        around[s].append(f"{p} out {s == o}")
        around[o].append(f"{p} in {s == o}")
    return max(Counter(tuple(sorted(names)) for names in around.values()).values(), default=0)


@given(graphs, st.randoms(use_true_random=False))
def test_A11_labels_and_order_make_no_difference(graph: Edges, chance: random.Random) -> None:
    """Nor is anything given up but where six nodes and more look alike, as in the least clique that is."""

    def written(names: list[int], edges: list[tuple[int, str, int]]) -> str:
        return "".join(f"_:n{names[s]} <urn:{p}> _:n{names[o]} .\n" for s, p, o in edges)

    def form(text: str) -> str:
        try:
            return canonicalize(text).nquads
        except Malformed:
            assert alike(graph) >= 6
            return "refused"

    names, edges = list(range(12)), sorted(graph)
    first = form(written(names, edges))
    chance.shuffle(names)
    chance.shuffle(edges)
    again = form(written(names, edges))
    assert first == again or "refused" in (first, again)
    assert first == "refused" or first.count("\n") == len(graph)


def members(node: Json) -> int:
    """The statements that a document of ours makes, counted in its own JSON and not in its expansion: each value of a
    member is one, each type, each language of a text."""
    if not isinstance(node, dict):
        return 0
    if set(node) <= {"kk", "ru", "en"}:
        return len(node) - 1  # the member itself has been counted once
    found = 0
    for name, value in node.items():
        if name not in ("@context", "id"):
            values = value if isinstance(value, list) else [value]
            found += len(values) + sum(members(each) for each in values)
    return found


@kinds
def test_A2_as_many_statements_are_signed_as_the_document_has_members(name: str) -> None:
    document = drafted(name).value
    assert len(statements(document)) == len(rdfc(document).nquads.splitlines()) == members(document) > 80


@kinds
def test_three_canonicalisers_agree(name: str) -> None:
    document = drafted(name).value
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": contexts.load}
    assert rdfc(document).nquads == rdfc_by_pyoxigraph(document).nquads == jsonld.normalize(document, options)


@kinds
def test_white_space_and_the_order_of_keys_make_no_difference(name: str) -> None:
    document = drafted(name).value
    reversed_keys = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert list(reversed_keys) != list(document)
    assert rdfc(reversed_keys) == rdfc(document)


def credential(**more: Json) -> dict[str, Json]:
    """A small foreign credential."""
    return {
        "@context": [VC_2, {"knows": {"@id": "urn:knows", "@type": "@id"}, "level": "urn:level"}],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2", "level": "6"},
    } | more


RELATIVE = [
    "relative/2",
    "",
    "#x",
    "//h/x",
    "/x",
    "?q",
    "..",
    "x",
    "1:2",
    "a b:c",
    ":x",
    "urn:a b",
    "urn:<x>",
    "http://exa mple/",
]


@pytest.mark.parametrize("iri", RELATIVE)
@pytest.mark.parametrize("place", ["id", "type", "issuer", "subject id", "subject type", "value"])
def test_A2_a_relative_iri_is_refused(iri: str, place: str) -> None:
    subject: dict[str, Json] = {"level": "6"}
    changes: dict[str, dict[str, Json]] = {
        "id": {"id": iri},
        "type": {"type": ["VerifiableCredential", iri]},
        "issuer": {"issuer": iri},
        "subject id": {"credentialSubject": subject | {"id": iri}},
        "subject type": {"credentialSubject": subject | {"type": iri}},
        "value": {"credentialSubject": subject | {"knows": iri}},
    }
    with pytest.raises(Malformed):
        rdfc(credential(**changes[place]))


@pytest.mark.parametrize("value", ["PhD", 1, 0.5, True, ["PhD"], {"a": "b"}, {"id": "urn:x"}, [[1]], {"@value": 1}])
@pytest.mark.parametrize("member", ["degree", "Level", "level ", "ｌevel", "уровень", "_level", "0"])
def test_A1_a_member_that_no_context_defines_is_refused(member: str, value: Json) -> None:
    for document in (
        credential(**{member: value}),
        credential(credentialSubject={member: value}),
        credential(credentialSubject=[{"level": "6"}, {"knows": {"id": "urn:x", member: value}}]),
    ):
        with pytest.raises(DataLoss):
            rdfc(document)


@pytest.mark.parametrize("tag", ["", "en us", "кк", "e1", "toolonglanguage", "en_US", "-en"])
def test_A2_a_text_under_a_language_that_is_none_is_refused(tag: str) -> None:
    title = {"title": {"@id": "urn:title", "@container": "@language"}}
    document = credential(credentialSubject={"title": {"kk": "Атау", tag: "x"}}) | {"@context": [VC_2, title]}
    with pytest.raises(DataLoss):
        rdfc(document)


@pytest.mark.parametrize("value", [None, 1, "x", [], ["x"], [{}], {}, {"@context": []}, {"@id": "urn:x"}])
def test_A4_what_says_nothing_has_no_form(value: Json) -> None:
    with pytest.raises(Refused):
        rdfc(value)


@pytest.mark.parametrize("path", sorted((JCS / "input").glob("*.json")), ids=lambda path: str(path.stem))
def test_A15_the_vectors_of_rfc_8785(path: Path) -> None:
    expected = bytes.fromhex((JCS / "outhex" / f"{path.stem}.txt").read_text())
    assert jcs(json.loads(path.read_bytes())) == expected == (JCS / "output" / path.name).read_bytes()


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, float("nan"), float("inf"), "\ud800", {"\udfff": 1}])
def test_A15_what_has_no_one_form_is_refused(value: Json) -> None:
    with pytest.raises(Malformed):
        jcs({"value": value})


texts = st.text() | st.sampled_from(["x:1e5", "[1.0", "1234567890123456", "𝔸", "\u2028", '\\"', "\x7f"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@settings(max_examples=400)
@given(values)
def test_A15_the_faster_writer_of_rfc_8785_writes_the_same_or_leaves_it_to_the_other(value: Json) -> None:
    def told(writer: Callable[[Json], bytes]) -> bytes | None:
        try:
            return writer(value)
        except (Malformed, rfc8785.CanonicalizationError, UnicodeEncodeError):
            return None

    assert told(jcs) == told(rfc8785.dumps)
