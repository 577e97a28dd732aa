"""Selective disclosure: a holder shows a part of a micro-credential, and nothing that was not signed can be shown."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.disclosure import BaseProof, DerivedProof, new_key
from keys.proof import add_proof, check, check_all, proof_options, secure
from keys.selective import deciding, derive, secure_selective
from keys.signer import FileSigner
from schemas import forms
from schemas.canonical import statements
from schemas.contexts import DATA_INTEGRITY_2, VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.reading import Json
from schemas.selection import select
from tests.keys.selected import KEY, SELECTED, SIGNER, counted
from tests.schemas.test_canonical import clique_document
from tests.schemas.test_selection import TERMS
from tests.world_facts import drafted

Document = dict[str, Json]
OPTIONS = proof_options(
    f"did:key:{KEY.multibase}#{KEY.multibase}", datetime(2026, 11, 21, 5, tzinfo=UTC), "ecdsa-sd-2023"
)
MICRO: Document = drafted("MicroCredentialCertificate").value
ALWAYS = [*deciding(MICRO), "/name", "/number", "/credentialSubject/familyName", "/credentialSubject/givenName"]
PROGRAMME = "/credentialSubject/programme"
TITLE_AND_CREDITS = [f"{PROGRAMME}/title", f"{PROGRAMME}/ects"]


def signed(document: Mapping[str, Json] = MICRO, mandatory: list[str] = ALWAYS, start: int = 1) -> Document:
    return secure_selective(document, OPTIONS, SIGNER, mandatory, counted(start))


def holds(document: Mapping[str, Json]) -> bool:
    """Does the document's one proof hold? What is refused does not."""
    try:
        return check(document, document["proof"], KEY)
    except Refused:
        return False


@pytest.fixture(scope="module")
def base() -> Document:
    return signed()


@pytest.fixture(scope="module")
def part(base: Document) -> Document:
    return derive(base, TITLE_AND_CREDITS)


def test_a_holder_shows_title_and_credits_and_not_the_grade(part: Document) -> None:
    assert holds(part)
    subject: Any = part["credentialSubject"]
    assert set(subject) == {"type", "familyName", "givenName", "programme"}
    assert subject["programme"] == {name: MICRO["credentialSubject"]["programme"][name] for name in ("title", "ects")}
    said = json.dumps({name: member for name, member in part.items() if name != "@context"})
    assert [text for text in ("grade", "3.67", "birthDate", "1999-03-14", "outcome", "minutes") if text in said] == []


def test_what_decides_a_verdict_is_always_shown(part: Document) -> None:
    names = ["issuer", "validFrom", "credentialStatus", "credentialSchema", "test"]
    assert deciding(MICRO) == [f"/{name}" for name in names]
    assert {name: part[name] for name in names} == {name: MICRO[name] for name in names}
    assert (part["id"], part["type"], part["@context"]) == (MICRO["id"], MICRO["type"], MICRO["@context"])


def test_the_mandatory_part_alone_can_be_shown_and_so_can_everything(base: Document) -> None:
    least, everything = derive(base, []), derive(base, [""])
    assert holds(least)
    assert holds(everything)
    assert "programme" not in least["credentialSubject"]
    assert {name: value for name, value in everything.items() if name != "proof"} == MICRO


def leaves(value: Json, pointer: str = "") -> list[str]:
    """A pointer to each member of each object that stands in no list."""
    if not isinstance(value, dict):
        return [pointer]
    every = [leaf for name, member in value.items() for leaf in leaves(member, f"{pointer}/{name}")]
    return every if not pointer else [pointer, *every]


@settings(max_examples=12)
@given(st.sets(st.sampled_from(leaves(MICRO["credentialSubject"], "/credentialSubject")), min_size=1, max_size=4))
def test_any_choice_holds_and_shows_what_was_chosen_alone(pointers: set[str]) -> None:
    shown = derive(BASE_OF_MICRO, sorted(pointers))
    assert holds(shown)
    assert {**shown, "proof": None} == {**(select(MICRO, [*ALWAYS, *sorted(pointers)]) or {}), "proof": None}


BASE_OF_MICRO = signed()


def test_the_same_randomness_makes_the_same_proof_and_other_randomness_another(base: Document) -> None:
    assert signed() == base
    values = [BaseProof.read(each["proof"]["proofValue"]) for each in (base, signed(start=500))]
    assert len({proof.hmac_key for proof in values} | {proof.key for proof in values}) == 4


def test_a_key_is_drawn_again_where_it_is_no_scalar_of_the_curve() -> None:
    draws = iter([b"\0" * 32, b"\xff" * 32, b"\0" * 31 + b"\x07"])
    assert new_key(lambda _: next(draws)).public == FileSigner.from_seed(b"\x07", "P-256").public


@pytest.mark.parametrize(
    "mandatory", [["/nowhere"], ["/issuer/name/x"], ["issuer"], ["/credentialSubject/identifier/1"]]
)
def test_an_issuer_cannot_make_mandatory_what_is_not_there(mandatory: list[str]) -> None:
    with pytest.raises(Malformed):
        signed(mandatory=mandatory)


def test_A1_a_member_that_no_context_defines_is_not_signed_selectively() -> None:
    with pytest.raises(DataLoss):
        signed({**MICRO, "degree": "PhD"})


@pytest.mark.parametrize("name", ["Ed25519", "P-384"])
def test_B12_a_key_of_another_type_does_not_sign(name: Any) -> None:
    with pytest.raises(Unsupported):
        secure_selective(MICRO, OPTIONS, FileSigner.generate(name), ALWAYS, counted())


def test_only_this_suite_discloses_in_parts_and_it_needs_pointers() -> None:
    for options in (OPTIONS | {"cryptosuite": "ecdsa-rdfc-2019"}, OPTIONS | {"type": "Ed25519Signature2020"}):
        with pytest.raises(Unsupported):
            secure_selective(MICRO, options, SIGNER, ALWAYS, counted())
    with pytest.raises(Unsupported):
        secure(MICRO, None, OPTIONS, SIGNER)


def test_A11_several_proofs_of_a_part_share_its_statements(part: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Json] = []

    def noted(document: Json) -> Any:
        read.append(document)
        return statements(document)

    monkeypatch.setattr(forms, "statements", noted)
    assert check_all(part, [(part["proof"], KEY)] * 3) == [True] * 3
    assert len(read) == 1


def test_a_base_proof_is_for_the_holder_alone(base: Document) -> None:
    with pytest.raises(Unsupported, match="holder first derives"):
        check(base, base["proof"], KEY)


def test_a_part_of_a_part_is_not_derived(part: Document) -> None:
    with pytest.raises(Unsupported):
        derive(part, [])


def test_of_several_proofs_the_base_proof_goes_on_alone(base: Document) -> None:
    office = FileSigner.from_seed(b"\x05" * 32)
    both = add_proof(base, proof_options("did:key:x#x", datetime(2026, 11, 22, tzinfo=UTC)), office)
    assert derive(both, TITLE_AND_CREDITS) == derive(base, TITLE_AND_CREDITS)
    with pytest.raises(Unsupported):
        derive(both | {"proof": both["proof"][1:]}, [])
    with pytest.raises(Unsupported):
        derive(base | {"proof": [base["proof"]] * 2}, [])
    with pytest.raises(DataLoss):
        derive(MICRO, [])


def test_where_nothing_is_mandatory_something_has_to_be_shown() -> None:
    free = signed(mandatory=[])
    assert holds(derive(free, ["/issuer"]))
    with pytest.raises(Malformed):
        derive(free, [])


def test_a_base_proof_of_another_document_derives_nothing(base: Document) -> None:
    with pytest.raises(Malformed):
        derive({name: member for name, member in base.items() if name != "test"}, TITLE_AND_CREDITS)


OWN = {name: term for name, term in TERMS.items() if name not in ("id", "type")} | {"age": "urn:age"}
STRANGE = [DATA_INTEGRITY_2, OWN | {"label": {"@id": "urn:label", "@type": "@id"}}]
texts = st.sampled_from(["x", "y", "_:b0", "C:\\temp"])
iris = st.sampled_from(["_:b0", "_:x", "urn:x", "urn:y"])


def one_or_more(items: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return items | st.lists(items, min_size=1, max_size=3)


def nodes_with(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Document]:
    """Objects with some of the members that `STRANGE` defines."""
    members = {
        "id": iris,
        "type": st.sampled_from(["T", ["T"]]),
        "name": one_or_more(texts),
        "age": one_or_more(st.integers(0, 2)),
        "label": one_or_more(iris),
        "said": st.dictionaries(st.sampled_from(["kk", "ru"]), one_or_more(texts), min_size=1),
        "json": st.sampled_from([{"a": [1, None]}, ["x"], 1]),
        "about": one_or_more(inner),
        "back": one_or_more(inner),
        "graph": one_or_more(inner),
        "byId": st.dictionaries(iris, inner, min_size=1, max_size=2),
        "byType": st.dictionaries(st.just("T"), inner, min_size=1),
    }
    some = st.sets(st.sampled_from(sorted(members)), min_size=1, max_size=4)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: members[name] for name in sorted(names)}))


leaf = st.fixed_dictionaries({"name": texts})
nodes = nodes_with(leaf | nodes_with(leaf | nodes_with(leaf)))


def every_pointer(value: Json, pointer: str = "") -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(each for name, member in inner for each in every_pointer(member, f"{pointer}/{name}"))]


@settings(max_examples=100)
@given(nodes, st.data())
def test_whatever_json_ld_allows_a_part_holds_or_is_refused(members: Document, data: st.DataObject) -> None:
    document = {"@context": STRANGE, **members}
    pointers = data.draw(st.lists(st.sampled_from(every_pointer(members)), min_size=1, max_size=3))
    try:
        part = derive(signed(document, pointers[:1]), pointers[1:])
    except Refused:
        return
    assert check(part, part["proof"], KEY)


# What a hostile holder may try


def rewritten(part: Document, change: Callable[[DerivedProof], DerivedProof], **members: Json) -> Document:
    """The part with other values in its proof, and other members."""
    proof = change(DerivedProof.read(part["proof"]["proofValue"]))
    return {**part, **members, "proof": {**part["proof"], "proofValue": proof.value}}


def as_is(proof: DerivedProof) -> DerivedProof:
    return proof


def swapped(items: list[Any], a: int = 0, b: int = 1) -> list[Any]:
    items = list(items)
    items[a], items[b] = items[b], items[a]
    return items


def exchanged(proof: DerivedProof) -> DerivedProof:
    labels = {**proof.labels, 0: proof.labels[1], 1: proof.labels[0]}
    return replace(proof, labels=labels)


FORGED: dict[str, Callable[[DerivedProof], DerivedProof]] = {
    "labels exchanged": exchanged,
    "an unknown label": lambda proof: replace(proof, labels={**proof.labels, 0: b"l" * 32}),
    "one label fewer": lambda proof: replace(proof, labels={n: proof.labels[n] for n in range(len(proof.labels) - 1)}),
    "one label more": lambda proof: replace(proof, labels={**proof.labels, len(proof.labels): b"l" * 32}),
    "no labels": lambda proof: replace(proof, labels={}),
    "a mandatory statement fewer": lambda proof: replace(proof, mandatory=proof.mandatory[1:]),
    "no mandatory statement": lambda proof: replace(proof, mandatory=[]),
    "another index": lambda proof: replace(proof, mandatory=[*proof.mandatory[1:], proof.shown - 1]),
    "a statement more among the mandatory": lambda proof: replace(
        proof, mandatory=[*proof.mandatory, next(n for n in range(proof.shown) if n not in proof.mandatory)]
    ),
    "signatures exchanged": lambda proof: replace(proof, signatures=swapped(proof.signatures)),
    "a signature fewer": lambda proof: replace(proof, signatures=proof.signatures[1:]),
    "a signature more": lambda proof: replace(proof, signatures=[*proof.signatures, proof.signatures[0]]),
    "no signatures": lambda proof: replace(proof, signatures=[]),
    "a signature of zeros": lambda proof: replace(proof, signatures=[b"\0" * 64, *proof.signatures[1:]]),
    "another base signature": lambda proof: replace(proof, signature=proof.signatures[0]),
    "another key of the statements": lambda proof: replace(proof, key=b"\x80\x24" + KEY.point),
    "a key off the curve": lambda proof: replace(proof, key=b"\x80\x24\x02" + b"\x05" * 32),
}


@pytest.mark.parametrize("forged", FORGED)
def test_B1_no_other_value_fits_the_part(forged: str, part: Document) -> None:
    assert holds(rewritten(part, as_is))
    assert not holds(rewritten(part, FORGED[forged]))


def places(value: Json, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each text, number or truth value stands."""
    if isinstance(value, dict):
        return [place for name, member in value.items() for place in places(member, (*at, name))]
    if isinstance(value, list):
        return [place for n, item in enumerate(value) for place in places(item, (*at, n))]
    return [at]


def test_B1_no_value_of_the_part_can_be_changed_or_left_out(part: Document) -> None:
    unsigned = {name: member for name, member in part.items() if name not in ("proof", "@context")}
    for place in places(unsigned):
        changed, fewer = json.loads(json.dumps(part)), json.loads(json.dumps(part))
        for copy, left_out in ((changed, False), (fewer, True)):
            node = copy
            for step in place[:-1]:
                node = node[step]
            if left_out:
                del node[place[-1]]
            else:
                old = node[place[-1]]
                node[place[-1]] = f"{old}x" if isinstance(old, str) else not old if isinstance(old, bool) else old + 1
            assert not holds(copy), (place, left_out)


@pytest.mark.parametrize("member", [name for name in MICRO if name not in ("@context", "id")])
def test_B1_no_member_of_the_whole_can_be_put_back(member: str, part: Document) -> None:
    if part.get(member) != MICRO[member]:
        assert not holds({**part, member: MICRO[member]})


@pytest.mark.parametrize("option", [*OPTIONS, "expires", "domain", "challenge", "id"])
def test_B1_the_proof_options_are_signed_too(option: str, part: Document) -> None:
    other = "2027-01-01T00:00:00Z" if option in ("created", "expires") else "urn:other"
    assert not holds({**part, "proof": {**part["proof"], option: other}})


def test_B1_statements_of_another_document_of_the_same_issuer_do_not_fit(part: Document) -> None:
    grown = json.loads(json.dumps(MICRO))
    grown["credentialSubject"]["programme"]["ects"] = "60"
    other = derive(signed(grown, start=300), TITLE_AND_CREDITS)
    assert holds(other)
    for wanted, value in ((part, other), (other, part)):
        assert not holds({**wanted, "proof": value["proof"]})


def test_B1_where_nothing_was_mandatory_nothing_can_be_shown_by_that_alone() -> None:
    """A proof about no statement and no blank node is about no document, not even one that says nothing."""
    free = BaseProof.read(signed(mandatory=[])["proof"]["proofValue"])
    nothing = DerivedProof(free.signature, free.key, [], {}, [])
    for claimed in ({"name": "Anything"}, {}, MICRO):
        document = {"@context": MICRO["@context"], **claimed, "proof": {**OPTIONS, "proofValue": nothing.value}}
        assert not holds(document)


def test_B12_another_key_does_not_fit(part: Document) -> None:
    for key in (FileSigner.from_seed(b"\x02" * 32, "P-256"), FileSigner.from_seed(b"\x02" * 32)):
        assert not check(part, part["proof"], key.public)


def test_B12_a_holder_cannot_sign_statements_with_a_key_of_their_own(part: Document) -> None:
    own = FileSigner.from_seed(b"\x03" * 32, "P-256")
    assert not holds(rewritten(part, lambda proof: replace(proof, key=b"\x80\x24" + own.public.point)))


def test_A1_a_member_that_no_context_defines_is_not_shown(part: Document) -> None:
    with pytest.raises(DataLoss):
        check({**part, "degree": "PhD"}, part["proof"], KEY)


# Work

SHOWN = DerivedProof.read(SELECTED["prc"].shown["proof"]["proofValue"])
BASE_SHOWN = BaseProof.read(SELECTED["prc"].base["proof"]["proofValue"])


def test_A11_a_poison_graph_is_given_up_by_count_in_every_direction() -> None:
    poison = clique_document(8)
    with pytest.raises(Malformed, match="hard to check"):
        signed(poison, [])
    labels = {n: n.to_bytes(32) for n in range(9)}
    part = {**OPTIONS, "proofValue": replace(SHOWN, labels=labels).value}
    with pytest.raises(Malformed, match="hard to check"):
        check({**poison, "proof": part}, part, KEY)
    whole = {**OPTIONS, "proofValue": replace(BASE_SHOWN, mandatory=[]).value}
    with pytest.raises(Malformed, match="hard to check"):
        derive({**poison, "proof": whole}, [""])


def test_A11_a_map_of_thousands_of_labels_fits_no_document() -> None:
    shown = SELECTED["prc"].shown
    many = replace(SHOWN, labels={n: n.to_bytes(32) for n in range(4_000)})
    assert not check(shown, {**shown["proof"], "proofValue": many.value}, KEY)


def test_A18_a_proof_that_nobody_could_read_again_is_not_made() -> None:
    """One signature for each statement: more than 256 KB of them."""
    grown = {"@context": [VC_2, {"x": "urn:x"}], "type": "VerifiableCredential", "x": [f"{n}" for n in range(3_000)]}
    with pytest.raises(Malformed):
        signed(grown, ["/type"])


def test_twins_are_told_apart_by_their_statements_alone() -> None:
    """Objects that look alike: each is one of two blank nodes, whichever."""
    twins = {"@context": [VC_2, {"x": "urn:x", "y": "urn:y"}], "type": "VerifiableCredential"}
    document = {**twins, "credentialSubject": [{"x": {"y": "1"}}, {"x": {"y": "1"}}, {"x": {"y": "2"}}]}
    base = signed(document, ["/type"])
    assert holds(derive(base, ["/credentialSubject/0/x/y"]))
    assert holds(derive(base, ["/credentialSubject/1", "/credentialSubject/2/x"]))
