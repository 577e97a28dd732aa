"""Data Integrity: every value of the standard's own example is reproduced, byte for byte."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from keys.multibase import base58_decode
from keys.proof import SUITES, check, secure
from keys.signer import FileSigner, HashedDocument
from schemas import contexts
from schemas.canonical import rdfc
from schemas.errors import DataLoss, Malformed, Unsupported
from schemas.reading import Json

VECTORS = Path("tests/vectors/vc-di-eddsa")


@dataclass(frozen=True)
class Example:
    """An example of EdDSA Cryptosuites 1.0, appendix A: a folder of values and the unsigned document."""

    folder: Path
    unsigned: Path

    def text(self, name: str) -> str:
        return (self.folder / f"{name}DataInt.txt").read_text()

    def json(self, name: str) -> dict[str, Json]:
        return dict(json.loads((self.folder / f"{name}DataInt.json").read_bytes()))

    @cached_property
    def document(self) -> dict[str, Json]:
        return dict(json.loads(self.unsigned.read_bytes()))

    @cached_property
    def options(self) -> dict[str, Json]:
        return {name: value for name, value in self.json("proofConfig").items() if name != "@context"}

    @cached_property
    def signer(self) -> FileSigner:
        pair = json.loads((VECTORS / "keyPair.json").read_bytes())
        return FileSigner.from_seed(base58_decode(pair["privateKeyMultibase"][1:])[2:])


EXAMPLES = [
    Example(VECTORS / "eddsa-rdfc-2022", VECTORS / "unsigned.json"),
    Example(VECTORS / "eddsa-rdfc-2022" / "employ", VECTORS / "employmentAuth.json"),
]
examples = pytest.mark.parametrize("example", EXAMPLES, ids=["alumni", "employment"])
SCHEMA, CITIZENSHIP, DATE_TIME = "https://schema.org/", "https://w3id.org/citizenship#", "xsd:dateTime"


@pytest.fixture(autouse=True)
def citizenship(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second example's context, which the product does not carry: here, the terms that the example uses."""
    terms: dict[str, Json] = {
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "image": {"@id": SCHEMA + "image", "@type": "@id"},
        "birthDate": {"@id": SCHEMA + "birthDate", "@type": DATE_TIME},
        "residentSince": {"@id": CITIZENSHIP + "residentSince", "@type": DATE_TIME},
    }
    named = ("Person", "additionalName", "familyName", "gender", "givenName", "identifier")
    terms |= {name: SCHEMA + name for name in named}
    own = "EmploymentAuthorizationDocumentCredential EmploymentAuthorizationDocument EmployablePerson birthCountry"
    more = "employmentAuthorizationDocument lprCategory lprNumber"
    terms |= {name: CITIZENSHIP + name for name in f"{own} {more}".split()}
    known = {**contexts.bundled(), "https://w3id.org/citizenship/v4rc1": {"@context": terms}}
    monkeypatch.setattr(contexts, "bundled", lambda: known)


@examples
def test_the_key_of_the_standard(example: Example) -> None:
    pair = json.loads((VECTORS / "keyPair.json").read_bytes())
    assert example.signer.multibase == pair["publicKeyMultibase"]


@examples
def test_the_canonical_forms_and_hashes_of_the_standard(example: Example) -> None:
    document, config = rdfc(example.document), rdfc(example.json("proofConfig"))
    assert document.nquads == example.text("canonDoc")
    assert config.nquads == example.text("proofCanon")
    assert document.digest.hex() == example.text("docHash")
    assert config.digest.hex() == example.text("proofHash")
    assert HashedDocument(config.digest, document.digest).message.hex() == example.text("combinedHash")


@examples
def test_the_signature_of_the_standard(example: Example) -> None:
    canonical = rdfc(example.document)
    hashed = HashedDocument(rdfc(example.json("proofConfig")).digest, canonical.digest)
    assert example.signer.sign(hashed).hex() == example.text("sigHex")
    signed = secure(example.document, canonical, example.options, example.signer)
    assert signed == example.json("signed")
    assert signed["proof"]["proofValue"] == example.text("sigBTC58")


@examples
def test_the_signed_document_of_the_standard_holds(example: Example) -> None:
    signed = example.json("signed")
    assert check(signed, signed["proof"], example.signer.multibase)


def test_B19_a_signature_is_the_same_each_time() -> None:
    signer, hashed = FileSigner.from_seed(b"\x01" * 32), HashedDocument(b"a" * 32, b"b" * 32)
    assert signer.sign(hashed) == signer.sign(hashed)


ALUMNI = EXAMPLES[0]
MULTIBASE = ALUMNI.signer.multibase


@pytest.mark.parametrize(
    "change",
    [
        {"created": "2023-02-24T23:36:39Z"},
        {"verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"},
        {"proofPurpose": "authentication"},
        {"domain": "a.example"},
        {"challenge": "1"},
        {"nonce": "1"},
        {"expires": "2030-01-01T00:00:00Z"},
        {"id": "urn:uuid:2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_B1_the_proof_options_are_signed_too(change: dict[str, str]) -> None:
    signed = ALUMNI.json("signed")
    assert not check(signed, signed["proof"] | change, MULTIBASE)


@pytest.mark.parametrize("option", ["created", "verificationMethod", "proofPurpose"])
def test_B1_a_proof_option_left_out_is_a_change(option: str) -> None:
    signed = ALUMNI.json("signed")
    fewer = {name: value for name, value in signed["proof"].items() if name != option}
    assert not check(signed, fewer, MULTIBASE)


def test_A1_an_undefined_proof_option_is_refused() -> None:
    signed = ALUMNI.json("signed") | {"@context": ["https://www.w3.org/ns/credentials/v2"]}
    with pytest.raises(DataLoss):
        check(signed, signed["proof"] | {"witness": "x"}, MULTIBASE)


@pytest.mark.parametrize(
    "suite", ["eddsa-jcs-2022", "ecdsa-rdfc-2019", "EDDSA-RDFC-2022", "", None, 1, ["eddsa-rdfc-2022"]]
)
def test_A23_only_the_suites_of_the_table_count(suite: Json) -> None:
    signed = ALUMNI.json("signed")
    with pytest.raises(Unsupported):
        check(signed, signed["proof"] | {"cryptosuite": suite}, MULTIBASE)
    assert set(SUITES) == {"eddsa-rdfc-2022"}


def test_A23_a_proof_of_another_type_does_not_count() -> None:
    signed = ALUMNI.json("signed")
    for type_ in ("Ed25519Signature2020", "dataintegrityproof", ["DataIntegrityProof"], None):
        with pytest.raises(Unsupported):
            check(signed, signed["proof"] | {"type": type_}, MULTIBASE)


@pytest.mark.parametrize(
    "value", [None, "", "z", 1, ["z"], "m" + "1" * 87, "z" + "1" * 64, "z" + "1" * 63, "zO0Il", "z" * 5000]
)
def test_what_is_no_signature_is_refused(value: Any) -> None:
    signed = ALUMNI.json("signed")
    try:
        held = check(signed, signed["proof"] | {"proofValue": value}, MULTIBASE)
    except Malformed:
        held = False
    assert not held


def test_a_signature_in_another_spelling_of_base58_is_the_same_signature() -> None:
    """docs/attacks.md B11: no spelling of it is ever an identifier. A leading 1 would be a byte more."""
    signed = ALUMNI.json("signed")
    with pytest.raises(Malformed):
        check(signed, signed["proof"] | {"proofValue": "z1" + signed["proof"]["proofValue"][1:]}, MULTIBASE)


def test_B12_another_key_does_not_fit() -> None:
    signed = ALUMNI.json("signed")
    assert not check(signed, signed["proof"], FileSigner.from_seed(b"\x02" * 32).multibase)
