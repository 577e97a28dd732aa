"""Rows A of docs/attacks.md at every door of the service, each under the contract of `tests.contract`.

How deep each of them goes is tried in `tests/verifier` and `tests/schemas`; here, that no door is open to it.
"""

import json
from collections.abc import Iterator, Mapping

import pytest

from issuer.holder import paper
from schemas.contexts import VC_2
from schemas.credential import written
from schemas.reading import MAX_BYTES, MAX_DEPTH, Json
from tests import school
from tests.contract import NEVER_VALID, STILL_SIGNED, Contract, in_all_languages
from tests.schemas.test_canonical import clique_document
from tests.schemas.test_kinds import objects, reach
from tests.verifier.test_changed_documents import EVIL, KEYWORDS, SPELLINGS
from tests.world import MICRO, World, value_of

NO_DOCUMENT = ("malformed", "unsupported")


@pytest.fixture(scope="module")
def genuine(world: World) -> bytes:
    """A document of ours."""
    return world.issue(MICRO).document


@pytest.fixture(scope="module")
def theirs() -> dict[str, Json]:
    """A foreign school's."""
    return school.signed(school.credential())


Place = tuple[str | int, ...]


def changed(document: bytes | Mapping[str, Json], place: Place = (), /, **members: Json) -> bytes:
    """The document with other members of the object at `place`, its proof left as it is."""
    value = value_of(document if isinstance(document, bytes) else written(document))
    reach(value, place).update(members)
    return written(value)


def test_what_nobody_has_changed_is_valid_at_every_door(
    contract: Contract, genuine: bytes, theirs: dict[str, Json], world: World
) -> None:
    contract.refuses(genuine, product="valid", open=STILL_SIGNED)
    contract.refuses(written(theirs), product="malformed", open="valid")
    contract.finds(world.issue().code, "valid")
    assert in_all_languages(contract.ask("api", genuine))


def under(contexts: Json, document: bytes | Mapping[str, Json]) -> bytes:
    """The document with other contexts."""
    return changed(document, (), **{"@context": contexts})


SUBJECT = ("credentialSubject",)


def test_A1_undefined_term(contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    """And it is never displayed."""
    places: list[Place] = [(), SUBJECT, ("issuer",), ("proof",), (*SUBJECT, "programme", "modules", 0)]
    ours = [changed(genuine, place, degree="Doctor of Nothing") for place in places]
    contract.refuses_each(ours, product="tampered", open="tampered")
    for door in ("page", "api", "command"):
        assert b"Doctor of Nothing" not in contract.ask(door, ours[1]).body
    others = [changed(theirs, place, degree="PhD") for place in places[:4]]
    contract.refuses_each(others, product=NO_DOCUMENT, open="tampered")


@pytest.mark.parametrize("iri", ["relative/2", "", "#x", "//h/x"])
def test_A2_relative_address(iri: str, contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    """At each `id` of the document, also under a proof that was made over it by whoever signs without looking."""
    value = value_of(genuine)
    places = [place for place in objects(value) if "id" in reach(value, place) and place != ("proof",)]
    members: list[dict[str, Json]] = [{"id": iri}, {"type": ["VerifiableCredential", iri]}, {"issuer": {"id": iri}}]
    found = [changed(genuine, place, id=iri) for place in places] + [changed(theirs, **member) for member in members]
    assert contract.refuses_each(found, product="malformed", open="malformed") > 6


SAME_TYPES = (f"urn:tanu:v1:{MICRO}", "OpenBadgeCredential")
"""In RDF, what the document says already; of ours, only the one spelling counts."""


def test_A3_unknown_type(contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    types = value_of(genuine)["type"]
    for found in (
        [changed(genuine, type=[*types, name]) for name in EVIL if name not in SAME_TYPES],
        [changed(theirs, type=["VerifiableCredential", name]) for name in EVIL],
    ):
        assert contract.refuses_each(found, product="malformed", open=NEVER_VALID) > 17


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_A4_keyword(keyword: str, contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    node = [{"@id": "urn:x"}]
    contract.refuses(changed(genuine, SUBJECT, **{keyword: node}), product="malformed", open=NEVER_VALID)
    contract.refuses(changed(theirs, SUBJECT, **{keyword: node}), product="malformed", open=NEVER_VALID)


def test_A5_swapped_terms(contract: Contract, genuine: bytes) -> None:
    value = value_of(genuine)
    own, programme = value["@context"][-1], value["credentialSubject"]["programme"]
    for terms in (own, programme, *programme["modules"]):
        terms["hours"], terms["ects"] = terms["ects"], terms["hours"]
    contract.refuses(written(value), product="malformed", open=STILL_SIGNED)


@pytest.mark.parametrize(
    "more",
    [
        *({"@vocab": "https://x.example/"}, {"@vocab": ""}, {"@base": "https://x.example/"}, {"@propagate": False}),
        *({"@direction": "rtl"}, {"name": {"@id": "https://schema.org/name", "@direction": "rtl"}}),
    ],
    ids=str,
)
def test_A6_one_more_context(
    more: dict[str, Json], contract: Contract, genuine: bytes, theirs: dict[str, Json]
) -> None:
    for document in (value_of(genuine), theirs):
        contexts = [*document["@context"], more]
        contract.refuses(under(contexts, document), product="malformed", open="malformed")


def test_A6_a_context_that_changes_what_plain_texts_are(
    contract: Contract, genuine: bytes, theirs: dict[str, Json]
) -> None:
    for document in (value_of(genuine), theirs):
        contexts = [*document["@context"], {"@language": "kk"}]
        contract.refuses(under(contexts, document), product="malformed", open=NEVER_VALID)


def test_A8_context_in_another_spelling(contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    for document in (value_of(genuine), theirs):
        found = [under([other, *document["@context"][1:]], document) for other in SPELLINGS]
        assert contract.refuses_each(found, product="malformed", open="malformed") >= 15
    one, two, own = value_of(genuine)["@context"]
    orders = ([two, one, own], [one, one, two, own], [two, own], [own, two, one])
    found = [under(order, genuine) for order in orders]
    contract.refuses_each(found, product="malformed", open=(*NEVER_VALID, *STILL_SIGNED))


@pytest.mark.parametrize(
    "url",
    ["https://attacker.example/c", "file:///etc/passwd", "data:application/ld+json,{}", "http://169.254.169.254/"],
)
def test_A9_unknown_context(url: str, contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    for document in (value_of(genuine), theirs):
        for contexts in ([*document["@context"], url], [url], [*document["@context"], {"@import": url}]):
            contract.refuses(under(contexts, document), product="malformed", open="malformed")


@pytest.mark.parametrize("people", [6, 8, 10, 12])
def test_A11_poison_graph(people: int, contract: Contract, theirs: dict[str, Json]) -> None:
    clique = clique_document(people) | {"issuer": school.DID, "proof": theirs["proof"]}
    contract.refuses(written(clique), product="malformed", open="malformed")


def test_A12_blank_node(contract: Contract, genuine: bytes) -> None:
    """By name as an id, as a value, and as a predicate."""
    contract.refuses(changed(genuine, SUBJECT, id="_:b0"), product="malformed", open=NEVER_VALID)
    contract.refuses(changed(genuine, ("issuer",), id="_:b0"), product="malformed", open=NEVER_VALID)
    knows: dict[str, Json] = {"knows": "_:knows"}
    contexts = [VC_2, school.OWN, knows]
    subject = school.credential()["credentialSubject"] | {"knows": "x"}
    predicate = school.credential(credentialSubject=subject) | {"@context": contexts}
    signed = predicate | {"proof": school.signed(school.credential())["proof"]}
    contract.refuses(written(signed), product="malformed", open=NEVER_VALID)


def spelled(document: bytes, number: str) -> bytes:
    """The document with its percent, 92, in another spelling."""
    before, _, after = document.partition(b'"percent":92')
    return before + b'"percent":' + number.encode() + after


SAME = ["92.0", "92.00", "9.2e1", "9.2E1", "9.2e+1", "920e-1", "92e0"]
OTHER = [
    *("9.2e2", "92.5", "92.50", "92.01", "1e21", "-92", "9", "092", "+92", "92.", ".92", "0x5C", "9_2", "٩٢", "9,2"),
    *("92.001", "92.0000000000000000000001", "NaN", "Infinity", "-0", "1e999", "9007199254740993", "9" * 5000),
    *('"92"', "[93]", "true", "null"),
]


def test_A14_numbers(contract: Contract, genuine: bytes) -> None:
    """The same number in other digits is the same JSON value; any other is a change, or no number at all."""
    assert value_of(genuine)["credentialSubject"]["grade"]["percent"] == 92
    same = [spelled(genuine, number) for number in SAME]
    assert [json.loads(data) == value_of(genuine) for data in same] == [True] * len(SAME)
    others = [spelled(genuine, number) for number in OTHER]
    found = contract.refuses_each(same, product="valid", open=STILL_SIGNED)
    found += contract.refuses_each(others, product=("tampered", "malformed"), open=NEVER_VALID)
    assert found >= 30


@pytest.mark.parametrize(
    "spelling", ["NaN", "Infinity", "-Infinity", "-0", "9007199254740993", "1e999", r'"\ud800"', r'"\udfff"']
)
def test_A15_what_readers_take_differently(spelling: str, contract: Contract, genuine: bytes) -> None:
    contract.refuses(spelled(genuine, spelling), product="malformed", open="malformed")


def repeated(document: bytes) -> Iterator[bytes]:
    """The document with each member of its top in turn said twice: before, and in an escaped spelling."""
    for name, value in value_of(document).items():
        said = json.dumps(value, ensure_ascii=False)
        for spelling in (name, f"\\u{ord(name[0]):04x}{name[1:]}"):
            yield b'{"%s":%s,' % (spelling.encode(), said.encode()) + document[1:]


def test_A16_repeated_member(contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    for document in (genuine, written(theirs)):
        assert contract.refuses_each(repeated(document), product="malformed", open="malformed") > 15
    contract.refuses(b'{"status":"valid","status":"revoked"}', product="malformed", open="malformed")


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 1_000, 40_000])
def test_A17_deep_nesting(depth: int, contract: Contract, genuine: bytes) -> None:
    mixed = ("[", '{"a":')
    for opening in (mixed[:1], mixed[1:], mixed):
        deep = "".join(opening[at % len(opening)] for at in range(depth))
        closed = (
            deep + "1" + "".join({"[": "]", '{"a":': "}"}[opening[at % len(opening)]] for at in reversed(range(depth)))
        )
        contract.refuses(deep.encode(), product="malformed", open="malformed")
        contract.refuses(closed.encode(), product="malformed", open="malformed")
        inside = genuine[:-1] + b',"deep":' + closed.encode() + b"}"
        wanted = "malformed" if depth >= MAX_DEPTH else "tampered"
        contract.refuses(inside, product=wanted, open=wanted)


def test_A17_a_million_brackets(contract: Contract) -> None:
    for opening in (b"[", b'{"a":', b'[{"a":'):
        contract.turns_away((opening * 1_000_000)[:1_000_000], 413)


def test_A18_far_too_large(contract: Contract, genuine: bytes) -> None:
    for data in (
        b'"' + b"x" * 10_000_000 + b'"',
        b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}",
        b"[" + b"1," * 999_999 + b"1]",
        genuine + b" " * (MAX_BYTES + 1 - len(genuine)),
    ):
        contract.turns_away(data, 413)


def test_A18_as_large_as_may_be(contract: Contract, genuine: bytes) -> None:
    whole = genuine + b" " * (MAX_BYTES - len(genuine))
    contract.refuses(whole, product="valid", open=STILL_SIGNED, but=("presentation", "standard door"))
    for data in (
        b'{"a":%s}' % (b"9" * 5000),
        b'{"a":"%s"}' % (b"x" * (MAX_BYTES - 8)),
        b"{" + b",".join(b'"%d":1' % n for n in range(25_000)) + b"}",
        b"[" + b"1," * 120_000 + b"1]",
        changed(genuine, name="x" * 200_000),
    ):
        contract.refuses(data, product=("malformed", "tampered"), open=("malformed", "tampered"))


def test_an_empty_body_is_no_document(contract: Contract) -> None:
    for data in (b"", b" \n"):
        contract.turns_away(data, 400)


JUNK = [
    *(b"{}", b"[]", b"null", b"{", b"\xff\xfe", b"\x00" * 100, b"9" * 5000, b'"' + b"\\u0000" * 1000 + b'"'),
    *(b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"eyJhbGciOiJub25lIn0.e30."),
    *(b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b'{"type":[[]]}', b'{"type":{"a":1}}'),
    *(b'{"@context":"file:///etc/passwd","type":["VerifiableCredential"]}', b'{"type":[],"@context":5}'),
    b'{"type":["VerifiableCredential"],"@context":["https://www.w3.org/ns/credentials/v2"]}',
    *(b"\x1b[31m\r\nERROR tanu: forged line", b"a\r\n\r\n--x--"),
]


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_what_is_no_document_at_all(junk: bytes, contract: Contract) -> None:
    contract.refuses(junk, product=NO_DOCUMENT, open=(*NO_DOCUMENT, "tampered"))
    contract.finds(junk, "not_found")


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023", "x", "", None, ["x"]])
def test_A23_another_suite(suite: Json, contract: Contract, genuine: bytes, theirs: dict[str, Json]) -> None:
    verdicts = ("tampered", "unsupported", "malformed")
    contract.refuses(changed(genuine, ("proof",), cryptosuite=suite), product=verdicts, open=verdicts)
    contract.refuses(changed(theirs, ("proof",), cryptosuite=suite), product="malformed", open=verdicts)


def test_of_a_damaged_paper_no_log_says_anything(contract: Contract, world: World) -> None:
    """What a reader of PDFs complains about quotes the file, with line ends and all."""
    whole = paper(world.office, world.issue().code)
    for before, after in (
        (b"/Kids [ ", b"/Kids [{ \n"),
        (b"/Kids [ ", b"/Kids [ (\r\nERROR tanu: forged) "),
        (b"/Type /Pages", b"/Type /Evil\x1b[31m"),
        (b"/Lang (kk)", b"/Lang (kk"),
        (b"startxref", b"startxrfe"),
    ):
        assert before in whole
        damaged = whole.replace(before, after, 1)
        for door in ("page", "api", "command"):
            assert contract.ask(door, damaged).verdict in ("valid", "malformed")
