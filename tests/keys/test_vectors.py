"""Every value of the examples of the standards is reproduced, byte for byte."""

import hashlib
from typing import Any

import pytest

from keys.proof import SUITES, add_proof, check, proofs_of, secure, suite_of
from keys.public import PublicKey
from keys.signer import HashedDocument
from keys.suite import Claim, WholeDocument
from schemas.canonical import jcs, rdfc
from schemas.errors import Unsupported
from schemas.forms import Forms
from schemas.reading import Json
from tests.keys.examples import EDDSA, EXAMPLES, Example, read, signer_of

CHAIN = EDDSA / "proof-set-chain"


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return EXAMPLES[request.param]


def canonical(example: Example, value: Json) -> str:
    """The canonical form of the example's suite."""
    if "jcs" in example.name:
        return jcs(value).decode()
    return rdfc(value, example.key.type.digest).nquads


def test_the_canonical_forms_and_hashes_of_the_standards(example: Example) -> None:
    document, config = canonical(example, example.document), canonical(example, example.config)
    assert (document, config) == (example.text("canonDoc"), example.text("proofCanon"))
    digests = [hashlib.new(example.key.type.digest, form.encode()).digest() for form in (document, config)]
    assert [digest.hex() for digest in digests] == [example.text("docHash"), example.text("proofHash")]


def test_the_bytes_that_are_signed_and_the_signature(example: Example) -> None:
    suite = suite_of(example.signed["proof"])
    assert isinstance(suite, WholeDocument)
    options = {name: value for name, value in example.signed["proof"].items() if name != "proofValue"}
    hashed = suite.hashed(Claim(Forms(example.document), options), example.key.type.digest)
    assert isinstance(hashed, HashedDocument)
    assert hashed.message.hex() == example.text("combinedHash")
    assert example.signer.sign(hashed).hex() == example.text("sigHex")
    assert example.signed["proof"]["proofValue"] == example.text("sigBTC58")


def test_the_signed_document(example: Example) -> None:
    options = {name: value for name, value in example.config.items() if name != "@context"}
    if example.name == "Ed25519Signature2020":
        with pytest.raises(Unsupported):
            secure(example.document, None, options, example.signer)
    else:
        assert secure(example.document, None, options, example.signer) == example.signed
    assert check(example.signed, example.signed["proof"], example.key)


def test_B12_the_signed_document_holds_with_no_other_key(example: Example) -> None:
    for other in EXAMPLES.values():
        if other.key != example.key:
            assert not check(example.signed, example.signed["proof"], other.key)


def test_every_suite_has_an_example() -> None:
    shown = {suite_of(example.signed["proof"]).name for example in EXAMPLES.values()}
    whole = {name for name, suite in SUITES.items() if isinstance(suite, WholeDocument)}
    assert shown == whole


PAIRS: dict[str, Any] = read(CHAIN / "multiKeyPairs.json")
STEPS = [
    ("proofSetConfig1", "keyPair1", "signedProofSet1"),
    ("proofSetConfig2", "keyPair2", "signedProofSet2"),
    ("proofChainConfig1", "keyPair3", "signedProofChain1"),
    ("proofChainConfig2", "keyPair4", "signedProofChain2"),
]
"""The options, the key, and the document with that proof added."""


def test_the_set_and_the_chain_of_the_standard() -> None:
    secured = read(CHAIN / "unsigned.json")
    for options, pair, signed in STEPS:
        config, signer = read(CHAIN / f"{options}.json"), signer_of(PAIRS[pair])
        secured = add_proof(secured, config, signer) if "proof" in secured else secure(secured, None, config, signer)
        assert secured == read(CHAIN / f"{signed}.json")
        assert proofs_of(secured)[-1] == read(CHAIN / f"{options.replace('Config', 'ConfigSigned')}.json")
        for proof in proofs_of(secured):
            assert check(secured, proof, PublicKey.from_multibase(proof["verificationMethod"].partition("#")[2]))


@pytest.mark.parametrize("n", [1, 2])
def test_the_document_that_a_proof_of_the_chain_signs(n: int) -> None:
    """Sections 4.3 and 4.5: the document carries the proofs that this one follows, and no others."""
    signed, between = read(CHAIN / "signedProofChain2.json"), read(CHAIN / f"proofChainTempDoc{n}.json")
    proof = signed["proof"][n + 1]
    assert check(between | {"proof": [*between["proof"], *missing(between)]}, proof, key_of(proof))


def missing(between: dict[str, Json]) -> list[Json]:
    """Of the proofs that those of a document follow, the ones that it does not carry."""
    every = proofs_of(read(CHAIN / "signedProofChain2.json"))
    return [each for each in every[:3] if each not in between["proof"]]


def key_of(proof: dict[str, Json]) -> PublicKey:
    """The key of a proof by a did:key."""
    return PublicKey.from_multibase(str(proof["verificationMethod"]).partition("#")[2])
