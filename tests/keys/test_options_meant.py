"""The options of a proof say what their names say: a document's own contexts cannot give them another meaning, under
which the same statements would have been signed."""

import copy
import json
from typing import Any

import pytest

from keys.multibase import multibase_encode
from keys.proof import check
from keys.signer import FileSigner, HashedDocument
from schemas import contexts
from schemas.canonical import rdfc
from schemas.contexts import DATA_INTEGRITY_2, VC_1, VC_2
from schemas.errors import Malformed
from schemas.reading import Json

Document = dict[str, Json]
SUITE_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
KEY = FileSigner.from_seed(b"\x05" * 32)
OPTIONS: Document = {
    "created": "2026-01-01T00:00:00Z",
    "verificationMethod": f"did:key:{KEY.multibase}#{KEY.multibase}",
    "proofPurpose": "assertionMethod",
}
PROOFS: dict[str, tuple[str, str, str, Document]] = {
    "Ed25519Signature2020": (VC_2, SUITE_2020, "Ed25519Signature2020", {"type": "Ed25519Signature2020"}),
    "eddsa-rdfc-2022 of 1.1": (
        VC_1,
        DATA_INTEGRITY_2,
        "DataIntegrityProof",
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"},
    ),
}
proofs = pytest.mark.parametrize("name", PROOFS)


def signed(name: str, **options: Json) -> Document:
    """A credential whose proof somebody else's software has made."""
    base, context, _, of_suite = PROOFS[name]
    document = {"@context": [base, context], "id": "urn:c", "type": ["VerifiableCredential"], "issuer": "did:example:1"}
    proof = of_suite | OPTIONS | options
    form = rdfc({"@context": document["@context"], **proof}).digest
    value = multibase_encode(KEY.sign(HashedDocument(form, rdfc(document).digest)))
    return document | {"proof": proof | {"proofValue": value}}


def terms(name: str) -> dict[str, Any]:
    """What the context of the suite says of the members of a proof, to be twisted."""
    _, context, type_, _ = PROOFS[name]
    return copy.deepcopy(contexts.bundled()[context]["@context"][type_]["@context"])


def under(name: str, document: Document, scoped: Json) -> Document:
    """The same document, with a context of the attacker's in place of the suite's."""
    base, _, type_, _ = PROOFS[name]
    return document | {"@context": [base, {type_: {"@id": f"https://w3id.org/security#{type_}", "@context": scoped}}]}


def holds(document: Document) -> bool:
    return check(document, document["proof"], KEY.public)


@proofs
@pytest.mark.parametrize(
    "options",
    [
        {},
        *({"proofPurpose": purpose} for purpose in ("authentication", "capabilityInvocation", "keyAgreement")),
        {"id": "urn:proof:1", "expires": "2027-01-01T00:00:00Z", "nonce": "n", "challenge": "c"},
        {"domain": ["b.example", "a.example"]},
    ],
    ids=json.dumps,
)
def test_under_the_contexts_of_the_standards_every_member_means_what_it_says(name: str, options: Document) -> None:
    document = signed(name, **options)
    assert holds(document)
    assert holds(under(name, document, terms(name)))


@proofs
def test_A5_an_end_under_another_name_is_still_an_end(name: str) -> None:
    document = signed(name, expires="2026-02-01T00:00:00Z")
    for other in ("nonce", "challenge", "domain", "created"):
        twisted = terms(name)
        twisted[other], twisted["expires"] = twisted["expires"], twisted[other]
        proof = {("expires" if n == other else other if n == "expires" else n): v for n, v in document["proof"].items()}
        with pytest.raises(Malformed):
            holds(under(name, document | {"proof": proof}, twisted))


@proofs
def test_A5_B3_an_authentication_under_the_name_of_an_assertion_is_none(name: str) -> None:
    document = signed(name, proofPurpose="authentication")
    twisted = terms(name)
    purposes = twisted["proofPurpose"]["@context"]
    purposes["assertionMethod"] = purposes["authentication"]
    proof = document["proof"] | {"proofPurpose": "assertionMethod"}
    with pytest.raises(Malformed):
        holds(under(name, document | {"proof": proof}, twisted))


def test_A5_a_type_under_another_name_is_another_type() -> None:
    document = signed("eddsa-rdfc-2022 of 1.1")
    twisted = under("eddsa-rdfc-2022 of 1.1", document, terms("eddsa-rdfc-2022 of 1.1"))
    twisted["@context"][1]["DataIntegrityProof"]["@id"] = "https://w3id.org/security#Ed25519Signature2020"
    with pytest.raises(Malformed):
        holds(twisted)
