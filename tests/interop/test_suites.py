"""Proofs of each suite hold for libraries that know nothing of Tanu, and theirs hold here; changed ones for nobody."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from keys.multibase import multibase_encode
from keys.proof import add_proof, check, proof_options, proofs_of, secure
from keys.public import PublicKey
from keys.signer import FileSigner
from schemas.contexts import DATA_INTEGRITY_2, VC_2
from schemas.credential import utc
from schemas.errors import Refused
from schemas.reading import Json
from tests.others import run
from tests.world_facts import drafted

Document = dict[str, Json]
CREATED = datetime(2026, 11, 21, 5, tzinfo=UTC)
SEED = bytes(range(1, 33))
SIGNERS = {
    "Ed25519": FileSigner.from_seed(SEED),
    "P-256": FileSigner.from_seed(SEED, "P-256"),
    "P-384": FileSigner.from_seed(SEED + SEED[:16], "P-384"),
}
SECRET = {
    "Ed25519": multibase_encode(b"\x80\x26" + SEED),
    "P-256": multibase_encode(b"\x86\x26" + SEED),
    "P-384": multibase_encode(b"\x87\x26" + SEED + SEED[:16]),
}
"""Multikeys of secret keys (Controlled Identifiers 1.0, section 2.2.2)."""
SUITES = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("eddsa-jcs-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-jcs-2019", "P-256"),
    ("ecdsa-jcs-2019", "P-384"),
]
V1, SUITE_2020 = "https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/suites/ed25519-2020/v1"
TERMS = "https://www.w3.org/ns/credentials/examples/v2"
SUBJECT: Document = {"id": "did:example:holder", "course": "Деректер талдауы", "hours": 90}
DOCUMENTS: dict[str, Document] = {
    "a micro-credential": drafted("MicroCredentialCertificate").value,
    "a small one": {
        "@context": [VC_2, TERMS],
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example",
        "credentialSubject": [SUBJECT, {"course": "Ғылым"}],
    },
    "one of data model 1.1": {
        "@context": [V1, TERMS, DATA_INTEGRITY_2],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example",
        "issuanceDate": "2026-01-01T00:00:00.123Z",
        "credentialSubject": SUBJECT,
    },
}
OF_2020 = DOCUMENTS["a small one"] | {"@context": [VC_2, TERMS, SUITE_2020]}
OF_2020_AND_1_1 = DOCUMENTS["one of data model 1.1"] | {"@context": [V1, TERMS, SUITE_2020]}


CASES = [
    (suite, key, name)
    for suite, key in SUITES
    for name in DOCUMENTS
    if not ("jcs" in suite and name == "a micro-credential")
]
"""The library's JCS suites find no inline context equal to its copy in the proof, whoever made it: so without those."""


def method(key: str) -> str:
    """The DID URL of a key."""
    multibase = SIGNERS[key].multibase
    return f"did:key:{multibase}#{multibase}"


def options(suite: str, key: str, **more: Json) -> Document:
    """The proof without its value."""
    return proof_options(method(key), CREATED, suite) | more


def signed(suite: str, key: str, document: str) -> Document:
    """One of ours with one proof."""
    return secure(DOCUMENTS[document], None, options(suite, key), SIGNERS[key])


def ours() -> dict[str, Document]:
    """Each suite and key over each document."""
    return {f"{suite} {key}, {name}": signed(suite, key, name) for suite, key, name in CASES}


def changed(document: Document) -> Iterator[tuple[str, Document]]:
    """A document changed in eight ways, none of which is a matter of spelling."""
    proof, subject = document["proof"], json.loads(json.dumps(document["credentialSubject"]))
    one = subject[0] if isinstance(subject, list) else subject
    other = proof | {"proofValue": proof["proofValue"][:-2] + ("11" if proof["proofValue"][-2:] != "11" else "22")}
    yield "issuer", document | {"issuer": "https://other.example"}
    yield "subject", document | {"credentialSubject": "did:example:other"}
    yield "subject id", document | {"credentialSubject": one | {"id": "did:example:other"}}
    yield "a member less", {name: each for name, each in document.items() if name != "issuer"}
    yield "created", document | {"proof": proof | {"created": "2026-11-21T05:00:01Z"}}
    yield "challenge", document | {"proof": proof | {"challenge": "1"}}
    yield "proofValue", document | {"proof": other}
    yield "a type more", document | {"type": [*document["type"], "https://other.example/Type"]}


def several() -> dict[str, Document]:
    """A set of three proofs by keys of three types, and a chain of three, of RDFC suites."""
    both: dict[str, Document] = {}
    for name, document in (("set", DOCUMENTS["a small one"]), ("chain", DOCUMENTS["a micro-credential"])):
        first = options("eddsa-rdfc-2022", "Ed25519", id="urn:uuid:1")
        second = options("ecdsa-rdfc-2019", "P-256", id="urn:uuid:2")
        third = options("ecdsa-rdfc-2019", "P-384", id="urn:uuid:3")
        if name == "chain":
            second, third = second | {"previousProof": "urn:uuid:1"}, third | {"previousProof": ["urn:uuid:2"]}
        secured = secure(document, None, first, SIGNERS["Ed25519"])
        both[name] = add_proof(add_proof(secured, second, SIGNERS["P-256"]), third, SIGNERS["P-384"])
    return both


def asked() -> Iterator[dict[str, Json]]:
    """All that Node.js is asked, at once: starting it takes longer than its work."""
    for name, document in (ours() | several()).items():
        yield {"name": name, "document": document}
    for suite, key in SUITES:
        for change, document in changed(signed(suite, key, "a small one")):
            yield {"name": f"{suite} {key} and {change}", "document": document}
        yield {"name": f"our set of {suite} {key}", "document": add_proof(*twice(suite, key))}
    for name, document in (DOCUMENTS | {"2020": OF_2020, "2020 and 1.1": OF_2020_AND_1_1}).items():
        for suite, key in [("Ed25519Signature2020", "Ed25519")] if "2020" in name else SUITES:
            yield {"name": f"sign {suite} {key}, {name}", "document": document, "sign": request(suite, key)}
    for suite, key in SUITES:
        secured = signed(suite, key, "a small one")
        yield {"name": f"one more by P-256 for {suite} {key}", "document": secured, "sign": request(*SUITES[2])}


def twice(suite: str, key: str) -> tuple[Document, Document, FileSigner]:
    """A document with a proof, and what its second proof needs."""
    return signed(suite, key, "a small one"), options("eddsa-rdfc-2022", "Ed25519", nonce="2"), SIGNERS["Ed25519"]


def request(suite: str, key: str) -> dict[str, Json]:
    """What Node.js needs to sign."""
    pair = {"publicKeyMultibase": SIGNERS[key].multibase, "secretKeyMultibase": SECRET[key]}
    return {"suite": suite, "key": pair, "created": utc(CREATED)}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """What the libraries of @digitalbazaar say, by name."""
    lines = "".join(f"{json.dumps(each)}\n" for each in asked())
    return {answer.pop("name"): answer for answer in map(json.loads, run("proofs.mjs", lines).splitlines())}


Answers = dict[str, dict[str, Any]]
suites = pytest.mark.parametrize(("suite", "key"), SUITES)


def held(answer: dict[str, Any]) -> list[bool]:
    """Which proofs of a document hold there."""
    return [proof["verified"] for proof in answer["proofs"]]


@pytest.mark.parametrize(("suite", "key", "document"), CASES)
def test_our_proofs_hold_for_others(suite: str, key: str, document: str, answers: Answers) -> None:
    assert held(answers[f"{suite} {key}, {document}"]) == [True], answers[f"{suite} {key}, {document}"]


@suites
def test_what_was_changed_holds_neither_there_nor_here(suite: str, key: str, answers: Answers) -> None:
    for change, document in changed(signed(suite, key, "a small one")):
        answer = answers[f"{suite} {key} and {change}"]
        assert "error" in answer or held(answer) == [False], change
        assert not holds(document), change


def holds(document: Document) -> bool:
    """Do all proofs of a document hold here?"""
    try:
        return all(check(document, proof, key_of(proof)) for proof in proofs_of(document))
    except Refused:
        return False


def key_of(proof: Any) -> PublicKey:
    """The key of a proof by a did:key."""
    return PublicKey.from_multibase(str(proof["verificationMethod"]).partition("#")[2])


@pytest.mark.parametrize("document", DOCUMENTS)
@suites
def test_their_proofs_hold_here(suite: str, key: str, document: str, answers: Answers) -> None:
    theirs = answers[f"sign {suite} {key}, {document}"]["document"]
    assert theirs["proof"]["cryptosuite"] == suite
    assert holds(theirs)
    assert [change for change, each in changed(theirs) if holds(each)] == []
    if key == "Ed25519":  # by RFC 8032 there is one signature
        assert theirs["proof"] == signed(suite, key, document)["proof"]


@pytest.mark.parametrize("document", ["2020", "2020 and 1.1"])
def test_a_proof_of_the_suite_of_2020_holds_here(document: str, answers: Answers) -> None:
    theirs = answers[f"sign Ed25519Signature2020 Ed25519, {document}"]["document"]
    assert theirs["proof"]["type"] == "Ed25519Signature2020"
    assert holds(theirs)
    assert [change for change, each in changed(theirs) if holds(each)] == []
    timeless = {name: value for name, value in theirs["proof"].items() if name != "created"}
    assert not holds(theirs | {"proof": timeless})


@suites
def test_a_set_holds_there_and_here(suite: str, key: str, answers: Answers) -> None:
    assert held(answers[f"our set of {suite} {key}"]) == [True, True]
    theirs = answers[f"one more by P-256 for {suite} {key}"]["document"]
    assert len(proofs_of(theirs)) == 2
    assert holds(theirs)
    first, second = proofs_of(theirs)
    wrong = {**second, "created": "2020-01-01T00:00:00Z"}
    assert check(theirs | {"proof": [first, wrong]}, first, key_of(first))
    assert not holds(theirs | {"proof": [first, wrong]})


def test_a_set_of_three_holds_there_and_of_a_chain_its_beginning(answers: Answers) -> None:
    """The library does not read `previousProof`: it leaves out what such a proof covers too, and so refuses it."""
    assert held(answers["set"]) == [True, True, True]
    assert held(answers["chain"]) == [True, False, False]
    assert holds(several()["set"])
    assert holds(several()["chain"])
