"""A Data Integrity proof covers its document and itself, for its suite and its key."""

from typing import Any

import pytest

from keys.proof import check
from keys.signer import FileSigner, HashedDocument
from schemas.errors import DataLoss, Malformed, Unsupported
from schemas.reading import Json
from tests.keys.examples import EXAMPLES


def test_B19_a_signature_is_the_same_each_time() -> None:
    signer, hashed = FileSigner.from_seed(b"\x01" * 32), HashedDocument(b"a" * 32, b"b" * 32)
    assert signer.sign(hashed) == signer.sign(hashed)


ALUMNI = EXAMPLES["eddsa-rdfc-2022"]
KEY = ALUMNI.key


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
    signed = ALUMNI.signed
    assert not check(signed, signed["proof"] | change, KEY)


@pytest.mark.parametrize("option", ["created", "verificationMethod", "proofPurpose"])
def test_B1_a_proof_option_left_out_is_a_change(option: str) -> None:
    signed = ALUMNI.signed
    fewer = {name: value for name, value in signed["proof"].items() if name != option}
    assert not check(signed, fewer, KEY)


def test_A1_an_undefined_proof_option_is_refused() -> None:
    signed = ALUMNI.signed | {"@context": ["https://www.w3.org/ns/credentials/v2"]}
    with pytest.raises(DataLoss):
        check(signed, signed["proof"] | {"witness": "x"}, KEY)


@pytest.mark.parametrize(
    "suite",
    [
        "EDDSA-RDFC-2022",
        "eddsa-2022",
        "ecdsa-2019",
        "bbs-2023",
        "Ed25519Signature2020",
        "",
        None,
        1,
        ["eddsa-rdfc-2022"],
    ],
)
def test_A23_only_the_suites_of_the_table_count(suite: Json) -> None:
    signed = ALUMNI.signed
    with pytest.raises(Unsupported):
        check(signed, signed["proof"] | {"cryptosuite": suite}, KEY)


def test_A23_a_proof_of_another_type_does_not_count() -> None:
    signed = ALUMNI.signed
    for type_ in ("Ed25519Signature2020", "dataintegrityproof", ["DataIntegrityProof"], None):
        with pytest.raises(Unsupported):
            check(signed, signed["proof"] | {"type": type_}, KEY)


@pytest.mark.parametrize(
    "value", [None, "", "z", 1, ["z"], "m" + "1" * 87, "z" + "1" * 64, "z" + "1" * 63, "zO0Il", "z" * 5000]
)
def test_what_is_no_signature_is_refused(value: Any) -> None:
    signed = ALUMNI.signed
    try:
        held = check(signed, signed["proof"] | {"proofValue": value}, KEY)
    except Malformed:
        held = False
    assert not held


def test_a_signature_in_another_spelling_of_base58_is_the_same_signature() -> None:
    """docs/attacks.md B11: no spelling of it is ever an identifier. A leading 1 would be a byte more."""
    signed = ALUMNI.signed
    assert not check(signed, signed["proof"] | {"proofValue": "z1" + signed["proof"]["proofValue"][1:]}, KEY)


def test_B12_another_key_does_not_fit() -> None:
    signed = ALUMNI.signed
    assert not check(signed, signed["proof"], FileSigner.from_seed(b"\x02" * 32).public)
