"""ecdsa-sd-2023: every value of the standard's two examples is reproduced (VC DI ECDSA 1.0, appendix A.7 and A.8)."""

from typing import Any

import pytest

from keys.disclosure import BaseProof, DerivedProof, as_signed, to_sign, under
from keys.multibase import base64url_decode, multibase_encode
from keys.proof import check
from keys.selective import derive, secure_selective
from keys.signer import SelectiveStatement
from keys.suite import Claim, options_digest
from schemas.blanknodes import relabelled, unnamed
from schemas.canonical import compact, expand, rdfc, statements_of
from schemas.forms import Forms
from schemas.selection import SKOLEM, Grouped, group, select, skolemize
from tests.keys.selected import HMAC_KEY, KEY, SELECTED, SIGNER, STATEMENTS, STATEMENTS_SECRET, Selected, drawn

examples = pytest.mark.parametrize("example", SELECTED.values(), ids=SELECTED.keys())


MULTIKEY = STATEMENTS.public.type.multicodec + STATEMENTS.public.point


def grouped(example: Selected) -> Grouped:
    mandatory, selective = example.mandatory, example.selective
    pointers = {"mandatory": mandatory, "selective": selective, "combined": mandatory + selective}
    return group(example.document, under(HMAC_KEY), pointers)


def hexadecimal(values: list[bytes]) -> list[str]:
    return [value.hex() for value in values]


def base_proof(example: Selected) -> BaseProof:
    return BaseProof.read(example.base["proof"]["proofValue"])


def derived_proof(example: Selected) -> DerivedProof:
    return DerivedProof.read(example.shown["proof"]["proofValue"])


@examples
def test_the_pointers(example: Selected) -> None:
    assert base_proof(example).mandatory == example.mandatory
    for row in example.json("addPointerValues"):
        selection: Any = select(example.document, [row["pointer"]])
        assert selection[row["pointer"][1:]] == row["value"]


@examples
def test_the_canonical_form(example: Selected) -> None:
    assert rdfc(example.document).nquads == "".join(example.json("addBaseDocCanon"))
    assert grouped(example).nquads == example.json("addBaseDocHMACCanon")


@examples
def test_the_transformed_document(example: Selected) -> None:
    transformed, whole = example.json("addBaseTransform"), grouped(example)
    always = whole.groups["mandatory"].indexes
    parts: dict[bool, list[Any]] = {True: [], False: []}
    for index, nquad in enumerate(whole.nquads):
        parts[index in always].append([index, nquad])
    assert parts == {True: transformed["mandatory"]["value"], False: transformed["nonMandatory"]["value"]}
    assert (example.mandatory, HMAC_KEY.hex().upper()) == (
        transformed["mandatoryPointers"],
        transformed["hmacKeyString"],
    )


@examples
def test_the_digests(example: Selected) -> None:
    assert rdfc(example.json("addProofConfig")).nquads == example.text("addProofConfigCanon")
    claim, whole = Claim(Forms(example.document), example.options), grouped(example)
    signed = to_sign(claim, MULTIKEY, [whole.nquads[index] for index in whole.groups["mandatory"].indexes])
    assert options_digest(claim, "sha256").hex() == example.json("addHashData")["proofHash"]
    assert signed.mandatory_digest.hex() == example.json("addHashData")["mandatoryHash"]


@examples
def test_the_base_proof(example: Selected) -> None:
    random = drawn(HMAC_KEY, STATEMENTS_SECRET)
    assert secure_selective(example.document, example.options, SIGNER, example.mandatory, random) == example.base
    raw, proof = example.json("addRawBaseSignatureInfo"), base_proof(example)
    assert proof.signature.hex() == raw["baseSignature"]
    assert multibase_encode(proof.key) == raw["publicKey"] == STATEMENTS.multibase
    assert hexadecimal(proof.signatures) == raw["signatures"]
    assert proof.mandatory == raw["mandatoryPointers"]


@examples
def test_what_the_holder_reads_in_the_base_proof(example: Selected) -> None:
    recovered, proof = example.json("derivedRecoveredBaseData"), base_proof(example)
    assert recovered == {
        "baseSignature": proof.signature.hex(),
        "proofPublicKey": multibase_encode(proof.key),
        "hmacKey": proof.hmac_key.hex(),
        "signatures": hexadecimal(proof.signatures),
        "mandatoryPointers": proof.mandatory,
    }
    assert proof.value == example.base["proof"]["proofValue"]


@examples
def test_the_names_of_blank_nodes(example: Selected) -> None:
    skolemized, every = skolemize(expand(example.document)), example.groups
    assert skolemized == every["skolemized"]["expanded"]
    assert compact(skolemized, example.document["@context"]) == every["skolemized"]["compact"]
    same = {f"b{number}": f"b{number}" for number in range(3)}
    assert relabelled(unnamed(statements_of(skolemized), SKOLEM), same) == sorted(every["deskolemizedNQuads"])
    assert dict(every["labelMap"]["value"]) == grouped(example).labels
    assert every["nquads"] == grouped(example).nquads


@examples
@pytest.mark.parametrize("name", ["mandatory", "selective", "combined"])
def test_the_groups(name: str, example: Selected) -> None:
    whole, same = grouped(example), {f"b{number}": f"b{number}" for number in range(3)}
    found, vector = whole.groups[name], example.groups["groups"][name]
    assert [[index, whole.nquads[index]] for index in found.indexes] == vector["matching"]["value"]
    rest = [[index, nquad] for index, nquad in enumerate(whole.nquads) if index not in found.indexes]
    assert rest == vector["nonMatching"]["value"]
    assert relabelled(found.statements, same) == sorted(vector["deskolemizedNQuads"])
    assert list(found.indexes) == example.json("derivedGroupIndexes")[f"{name}Indexes"]


@examples
def test_the_places_among_what_is_shown(example: Selected) -> None:
    indexes, adjusted = example.json("derivedGroupIndexes"), example.json("derivedAdjSignatures")
    every = range(len(grouped(example).nquads))
    assert [index for index in every if index not in indexes["mandatoryIndexes"]] == indexes["nonMandatoryIndexes"]
    proof, base = derived_proof(example), base_proof(example)
    assert proof.mandatory == example.json("derivedAdjMandatoryIndexes")["adjMandatoryIndexes"]
    assert hexadecimal(proof.signatures) == adjusted["filteredSignatures"]
    assert [base.signatures[index] for index in adjusted["adjSignatureIndexes"]] == proof.signatures


@examples
def test_the_part_and_its_proof(example: Selected) -> None:
    assert select(example.document, example.mandatory + example.selective) == example.json("derivedUnsignedReveal")
    assert derive(example.base, example.selective) == example.shown
    assert derived_proof(example).value == example.shown["proof"]["proofValue"]


@examples
def test_what_the_verifier_reads_in_the_derived_proof(example: Selected) -> None:
    proof = derived_proof(example)
    read = {
        "baseSignature": proof.signature.hex(),
        "publicKey": multibase_encode(proof.key),
        "signatures": hexadecimal(proof.signatures),
        "mandatoryIndexes": proof.mandatory,
    }
    for name in ("derivedDisclosureData", "verifyDerivedProofValue"):
        vector = example.json(name)
        labels = vector.pop("labelMap")
        pairs = labels["value"] if isinstance(labels, dict) else labels
        assert {int(label[4:]): base64url_decode(signed[1:]) for label, signed in pairs} == proof.labels
        assert vector == read


@examples
def test_the_statements_that_the_verifier_sees(example: Selected) -> None:
    vector, proof = example.json("verifyCreateVerifyData"), derived_proof(example)
    unsigned = example.json("derivedUnsignedReveal")
    nquads = as_signed(Forms(unsigned).labelled, proof) or []
    assert nquads == example.json("verifyNQuads")
    always = [nquads[index] for index in proof.mandatory]
    assert [nquad for nquad in nquads if nquad not in always] == vector["nonMandatory"]
    signed = to_sign(Claim(Forms(unsigned), example.options), proof.key, always)
    assert (signed.options_digest.hex(), signed.mandatory_digest.hex()) == (
        vector["proofHash"],
        vector["mandatoryHash"],
    )
    assert proof.signature.hex() == vector["baseSignature"]
    assert (multibase_encode(proof.key), hexadecimal(proof.signatures)) == (vector["publicKey"], vector["signatures"])
    assert KEY.holds(proof.signature, signed.message)
    for signature, nquad in zip(proof.signatures, vector["nonMandatory"], strict=True):
        assert STATEMENTS.public.holds(signature, SelectiveStatement(nquad).message)


@examples
def test_the_part_of_the_standard_holds(example: Selected) -> None:
    assert check(example.shown, example.shown["proof"], KEY)
