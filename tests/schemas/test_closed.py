"""A document that its kind's schema admits needs one reader of JSON-LD: the schema allows nothing that would stay
unsigned (docs/decisions/0015)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.proof import proof_options
from schemas.canonical import rdfc, rdfc_by_pyoxigraph, statements
from schemas.closed import closed_form, options_form, read_closed
from schemas.contexts import VC_2
from schemas.credential import read_whole
from schemas.errors import DataLoss, Malformed, Refused
from schemas.kinds.table import KINDS, Kind
from schemas.reading import Json
from tests.schemas.test_canonical import members
from tests.schemas.test_kinds import objects, reach
from tests.world import BEGINNING
from tests.world_facts import drafted

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
PATTERNS = {n: p.get("pattern") for n, p in KINDS["MicroCredentialCertificate"].published_schema["properties"].items()}
URI, INSTANT, NUMBER = (PATTERNS[name] for name in ("id", "validFrom", "number"))
LETTERS = (*"aZ09әҚё-.,;:'\"\\<>{}|^`&%#@/?~_漢𝔸😀\u00a0\u2028\u200d", "e\u0301")
"""Of texts: what JSON, N-Quads or Unicode treat in a way of their own, and the reader lets through."""
SCHEMES, IRI = ("urn:", "https://", "a+b.c-1:", "did:web:"), "aZ09әҚ漢-_~."
SPELLED: dict[str, Callable[[Random], str]] = {
    "date": lambda chance: f"{chance.randint(1, 9999):04}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    INSTANT: lambda chance: f"{chance.randint(1000, 9999)}-11-21T05:00:00Z",
    r"^(0|[1-9][0-9]{0,4})(\.[0-9]{1,2})?$": lambda chance: f"{chance.randint(0, 99999)}.{chance.randint(0, 99)}",
    r"^(0|[1-9][0-9]{0,9})$": lambda chance: str(chance.randint(0, 2**31)),
    r"^[0-9]{12}$": lambda chance: f"{chance.randint(0, 10**12 - 1):012}",
    r"^[0-9a-f]{64}$": lambda chance: f"{chance.getrandbits(256):064x}",
    NUMBER: lambda chance: f"KMU-MC-2026-{chance.randint(0, 999999):06}-11",
    URI: lambda chance: chance.choice(SCHEMES) + letters(chance, IRI),
}
"""Pattern or format → a string of that kind."""


def letters(chance: Random, among: Sequence[str] = LETTERS) -> str:
    return "".join(chance.choices(among, k=chance.randint(1, 12)))


def string(rule: Mapping[str, Any], chance: Random) -> str:
    """One that a schema admits."""
    if "const" in rule or "enum" in rule:
        return str(chance.choice(rule.get("enum", [rule.get("const")])))
    if spelled := SPELLED.get(rule.get("pattern", rule.get("format", ""))):
        return spelled(chance)
    return "".join(f"x{letters(chance)}x".split()) + chance.choice(["", " x"])


def made(rule: Mapping[str, Any], schema: Mapping[str, Any], chance: Random, share: float) -> Json:
    """A value that a schema admits; each optional member is there with a probability of `share`."""
    if "$ref" in rule:
        return made(schema["$defs"][rule["$ref"].rpartition("/")[2]], schema, chance, share)
    match rule.get("type"):
        case "object":
            needed = set(rule.get("required", ()))
            names = [name for name in rule["properties"] if name in needed or chance.random() < share]
            some = names or chance.choice([[], list(rule["properties"])])  # what is empty is refused
            return {name: made(rule["properties"][name], schema, chance, share) for name in some}
        case "array" if "prefixItems" in rule:
            return [made(each, schema, chance, share) for each in rule["prefixItems"]]
        case "array":
            wanted = max(rule.get("minItems", 0), min(rule.get("maxItems", 3), chance.choice([2, 2, 3])))
            items = (made(rule["items"], schema, chance, share) for _ in range(10 * wanted))
            return list({json.dumps(item, sort_keys=True): item for item in items}.values())[:wanted]
        case "string":
            return string(rule, chance)
        case "integer" | "number" if "enum" in rule or "const" in rule:
            return chance.choice(rule.get("enum", [rule.get("const")]))
        case "integer":
            return chance.randint(rule.get("minimum", 0), rule.get("maximum", 2**53))
        case "number":
            return chance.choice([1, 240, 4.5, 0.01, 999.99, 5.0])
    return rule["const"]


def document(kind: Kind, chance: Random, share: float) -> dict[str, Json]:
    """A document that the schema of a kind admits, without proof."""
    schema = kind.published_schema
    members = {name: each for name, each in schema["properties"].items() if name not in ("proof", "@context", "type")}
    head = {"@context": kind.context, "type": list(kind.types)}
    found = {**head, **made({**schema, "properties": members}, schema, chance, share)}
    kind.check_schema(found)
    for above, name in undefined(kind):
        found[above].pop(name, None)
    return found


def undefined(kind: Kind) -> set[tuple[str, str]]:
    """The one place where a published schema admits what only the context of Open Badges defines."""
    return set() if kind.badge else {("issuer", "type")}


chances = st.randoms(use_true_random=True)


def outcome(reader: Any, *given_to: Any) -> object:
    """The form, or the class of the refusal."""
    try:
        return reader(*given_to)
    except Refused as refused:
        return type(refused)


@kinds
def test_A1_every_member_that_a_schema_admits_is_defined_at_its_place(kind: Kind) -> None:
    """Of documents that have every member that there can be, the lists with two items or more: the full reader, which
    refuses what no context defines, passes them, and there are as many statements as values."""

    @settings(max_examples=5)
    @given(chances)
    def passes(chance: Random) -> None:
        everything = document(kind, chance, 1)
        assert admitted(everything) == named(kind.published_schema) - undefined(kind)
        form = rdfc(everything)
        assert form == closed_form(kind, everything)
        assert len(statements(everything)) == members(everything) >= form.nquads.count("\n")

    passes()


def named(schema: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Where the schema of a document admits a member, as the names on the way there; without the proof."""

    def inside(rule: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        rule = schema["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
        for name, each in rule.get("properties", {}).items():
            if (*place, name) not in (("proof",), ("@context",)):
                yield (*place, name)
                yield from inside(each, (*place, name))
        for each in (*filter(None, [rule.get("items")]), *rule.get("prefixItems", [])):
            yield from inside(each, place)

    return set(inside(schema, ()))


def admitted(document: Mapping[str, Json]) -> set[tuple[str, ...]]:
    """Where a document has a member, in the same way."""
    without = {name: value for name, value in document.items() if name != "@context"}
    return {
        (*(str(step) for step in place if not isinstance(step, int)), name)
        for place in objects(without)
        for name in reach(without, place)
    }


@kinds
def test_A2_both_readers_agree_on_whatever_a_schema_admits(kind: Kind) -> None:
    @settings(max_examples=40)
    @given(chances, st.floats(0, 1))
    def agree(chance: Random, share: float) -> None:
        given_document = document(kind, chance, share)
        form = outcome(read_whole, kind, given_document)
        assert outcome(read_closed, kind, given_document) == form
        assert form is Malformed or form == rdfc_by_pyoxigraph(given_document)

    agree()


@kinds
def test_a_specimen_needs_one_reader(kind: Kind) -> None:
    document = drafted(kind.name).value

    def nobody(_document: Json) -> Any:
        raise AssertionError("the full reader was asked")

    assert read_closed(kind, document, nobody) == rdfc(document)


@kinds
def test_A1_what_the_schema_does_not_admit_is_named_by_the_full_reader(kind: Kind) -> None:
    added = [("degree", "PhD"), ("@id", "urn:x"), ("id", "_:b0"), ("id", "x"), ("type", "x"), ("a", None)]
    places = list(objects({name: value for name, value in drafted(kind.name).value.items() if name != "@context"}))
    for place in places[:: len(places) // 12]:
        for name, value in added:
            changed = drafted(kind.name).value
            reach(changed, place)[name] = value
            told = outcome(read_closed, kind, changed)
            assert told == outcome(read_whole, kind, changed)
            assert told in (DataLoss, Malformed)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if not kind.badge], ids=lambda kind: kind.name)
def test_A3_a_type_that_a_schema_admits_and_no_context_defines_is_refused(kind: Kind) -> None:
    profile = drafted(kind.name).value
    profile["issuer"]["type"] = ["Profile"]
    kind.check_schema(profile)
    assert outcome(read_closed, kind, profile) == outcome(read_whole, kind, profile) == Malformed


WILD = [
    "urn:%zz",
    "https://[x",
    "https://:x/",
    "x:",
    "urn:a b",
    "urn:\U000386d5",
    "urn:\ue000",
    "a:_:b0",
    "https:x",
    "urn:\u2028",
]


@kinds
@pytest.mark.parametrize("address", WILD)
def test_A2_both_readers_agree_on_addresses_that_the_schema_admits_and_others_may_not(kind: Kind, address: str) -> None:
    changed = drafted(kind.name).value
    changed["issuer"]["id"] = address
    told = outcome(read_closed, kind, changed)
    assert told == outcome(read_whole, kind, changed)
    assert told in (DataLoss, Malformed) or told == rdfc_by_pyoxigraph(changed)


@kinds
def test_A1_A2_without_a_schema_this_reader_is_not_sure(kind: Kind) -> None:
    """It is asked only after the schema has passed, and still finds what would be lost."""
    for name, value in (
        *(("degree", "PhD"), ("id", "x"), ("type", ["x"]), ("validUntil", None), ("number", {"x": "y"})),
        *(("signatories", []), ("legalBasis", {}), ("issuer", {}), ("signatories", [{}])),
    ):
        assert closed_form(kind, {**drafted(kind.name).value, name: value}) is None


@kinds
def test_the_options_of_a_proof_need_one_reader(kind: Kind) -> None:
    options = proof_options("did:key:z6MkmtgfhuNt6hoRfmXqgDFLCtVQywLhW2aaskX7DYKM6hZk#k", BEGINNING)
    assert options_form(kind.context, options) == rdfc({"@context": kind.context, **options})


@pytest.mark.parametrize(
    "change",
    [
        {"proofPurpose": "x"},
        {"type": "x"},
        {"verificationMethod": "x"},
        {"expires": "2027-01-01T00:00:00Z"},
        {"created": 1},
        {"id": "urn:x"},
    ],
    ids=str,
)
def test_other_options_are_left_to_the_full_reader(change: dict[str, Json]) -> None:
    kind = KINDS["MicroCredentialCertificate"]
    options = proof_options("did:key:z6MkmtgfhuNt6hoRfmXqgDFLCtVQywLhW2aaskX7DYKM6hZk#k", BEGINNING)
    assert options_form(kind.context, options | change) is None
    assert options_form([VC_2], options) is None
