"""Signatures, keys and suites that do not belong together never hold, whatever was changed to bring them together."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.multibase import base64url_encode, multibase_decode, multibase_encode
from keys.proof import SUITES, check, proof_options, proofs_of, secure
from keys.public import KeyName, PublicKey
from keys.signer import FileSigner, HashedDocument
from keys.suite import Claim
from schemas.errors import Refused, Unsupported
from schemas.forms import Forms
from schemas.reading import Json
from tests.envelopes import anything_signed
from tests.keys.examples import EXAMPLES, Example

Document = dict[str, Json]
CREATED = datetime(2026, 11, 21, 5, tzinfo=UTC)
FEW = {name: example for name, example in EXAMPLES.items() if not name.endswith("employ")}
few = pytest.mark.parametrize("name", FEW)


def holds(document: Document, key: PublicKey) -> bool:
    """Does the one proof of a document hold? A refusal is a no."""
    try:
        (proof,) = proofs_of(document)
        return check(document, proof, key)
    except Refused:
        return False


def with_proof(document: Document, **change: Json) -> Document:
    """A document whose proof says something else; what is None, not at all."""
    proof = {name: value for name, value in (document["proof"] | change).items() if value is not None}
    return document | {"proof": proof}


def with_signature(example: Example, signature: bytes) -> Document:
    """The example with another signature."""
    return with_proof(example.signed, proofValue=multibase_encode(signature))


# Suites


@few
@pytest.mark.parametrize(
    "suite", [*SUITES, "sd-jwt", "Ed25519Signature2018", "RsaSignature2018", "BbsBlsSignature2020"]
)
def test_A23_under_the_name_of_another_suite_no_proof_holds(name: str, suite: str) -> None:
    example = FEW[name]
    contexts = example.signed["@context"]
    renamed: list[Document] = [
        {"type": "DataIntegrityProof", "cryptosuite": suite},
        {"type": suite, "cryptosuite": None},
        {"type": suite},
        {"cryptosuite": suite},
    ]
    own = SUITES.get(suite)
    for change in renamed:
        if own and own.type == example.signed["proof"]["type"] and suite in example.name:
            continue
        for more in ({}, {"@context": None}, {"@context": contexts}):
            assert not holds(with_proof(example.signed, **(change | more)), example.key), change


@few
def test_A23_the_matrix_of_suites_and_keys(name: str) -> None:
    """Each suite signs with its own types of key, and holds with no other example's key."""
    for suite in SUITES:
        for other in FEW.values():
            options = proof_options("did:example:1#k", CREATED, suite)
            if suite == "Ed25519Signature2020" or suite == "ecdsa-sd-2023" or other.key.name not in SUITES[suite].keys:
                with pytest.raises(Unsupported):
                    secure(other.document, None, options, other.signer)
                continue
            secured = secure(other.document, None, options, other.signer)
            assert holds(secured, other.key)
            assert holds(secured, FEW[name].key) is (FEW[name].key == other.key)


# Signatures


ORDER = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": int("f" * 48 + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
}
ECDSA = [name for name in FEW if name.startswith("ecdsa")]
ecdsa = pytest.mark.parametrize("name", ECDSA)


def halves(example: Example) -> tuple[int, int, int]:
    """r, s, and the bytes of each."""
    signature = multibase_decode(example.signed["proof"]["proofValue"])
    size = len(signature) // 2
    return int.from_bytes(signature[:size]), int.from_bytes(signature[size:]), size


@ecdsa
def test_B11_either_form_of_an_ecdsa_signature_holds(name: str) -> None:
    """So no spelling of it is ever an identifier."""
    example = FEW[name]
    r, s, size = halves(example)
    other = r.to_bytes(size) + (ORDER[example.key.name] - s).to_bytes(size)
    assert multibase_encode(other) != example.signed["proof"]["proofValue"]
    assert holds(with_signature(example, other), example.key)


def wrong_numbers(r: int, s: int, n: int, size: int) -> Iterator[tuple[int, int]]:
    """Pairs that no signature is made of."""
    top = 2 ** (8 * size) - 1
    yield from [(0, 0), (0, s), (r, 0), (0, 1), (1, 0), (1, 1), (n, s), (r, n), (n, n), (top, s), (r, top), (s, r)]
    yield from ((n - r, s), (r + 1, s), (r, s + 1), (n - 1, n - 1), (n + 1, 1))
    yield from ((a, b) for a, b in ((r + n, s), (r, s + n)) if max(a, b) <= top)


@ecdsa
def test_B12_numbers_out_of_range_hold_for_no_key(name: str) -> None:
    example = FEW[name]
    r, s, size = halves(example)
    for a, b in wrong_numbers(r, s, ORDER[example.key.name], size):
        assert not holds(with_signature(example, a.to_bytes(size) + b.to_bytes(size)), example.key), (a, b)


@few
def test_B12_a_signature_of_another_length_or_encoding_does_not_hold(name: str) -> None:
    example = FEW[name]
    raw = multibase_decode(example.signed["proof"]["proofValue"])
    half = len(raw) // 2
    r, s = int.from_bytes(raw[:half]), int.from_bytes(raw[half:])
    padded = bytes(4) + raw[:half] + bytes(4) + raw[half:]
    for other in (encode_dss_signature(r, s), raw[:-1], raw[1:], raw + b"\0", b"\0" + raw, padded, raw + raw, b"\0"):
        assert not holds(with_signature(example, other), example.key)
    for text in ("u" + base64url_encode(raw), "m" + base64url_encode(raw), base64url_encode(raw), "f" + raw.hex(), "z"):
        assert not holds(with_proof(example.signed, proofValue=text), example.key)
    for value in (None, 1, ["z"], {"z": 1}, True):
        assert not holds(with_proof(example.signed, proofValue=value), example.key)


@few
def test_B12_a_key_of_another_type_than_the_suites_holds_nothing(name: str) -> None:
    example = FEW[name]
    others: tuple[KeyName, ...] = ("Ed25519", "P-256", "P-384", "P-521")
    for other in others:
        key = FileSigner.generate(other).public
        assert not holds(example.signed, key)


def test_B12_a_signature_of_the_right_length_by_a_key_that_is_not_for_the_suite() -> None:
    """Ed25519 and P-256 sign with 64 bytes each: a suite of the one is not fooled by the other."""
    for name, other in (("eddsa-jcs-2022", "ecdsa-jcs-2019-p256"), ("ecdsa-rdfc-2019-p256", "eddsa-rdfc-2022")):
        example, stranger = FEW[name], FEW[other]
        suite: Any = SUITES[example.signed["proof"]["cryptosuite"]]
        forged = suite.prove(claim_of(example), stranger.signer)
        assert len(multibase_decode(forged["proofValue"])) == 64
        assert not holds(example.signed | {"proof": forged}, stranger.key)
        assert not holds(example.signed | {"proof": forged}, example.key)


def claim_of(example: Example) -> Claim:
    """What the proof of an example is about."""
    options = {name: value for name, value in example.signed["proof"].items() if name != "proofValue"}
    return Claim(Forms(example.document), options)


# Randomness


RFC_6979: dict[KeyName, tuple[str, str, str]] = {
    "P-256": (
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    ),
    "P-384": (
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
        "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
    ),
}
"""Appendices A.2.5 and A.2.6, the message "sample" with the curve's own hash: the key, r, s."""


@pytest.mark.parametrize("name", RFC_6979)
def test_B19_the_signatures_of_rfc_6979(name: KeyName) -> None:
    key, r, s = (bytes.fromhex(number) for number in RFC_6979[name])
    assert anything_signed(FileSigner.from_seed(key, name), b"sample") == r + s


KEYS: tuple[KeyName, ...] = ("Ed25519", "P-256", "P-384", "P-521")


@pytest.mark.parametrize("name", KEYS)
def test_B19_the_same_bytes_give_the_same_signature_and_others_another_r(name: KeyName) -> None:
    signer = FileSigner.generate(name)
    messages = [HashedDocument(bytes([n]) * 32, b"d" * 32) for n in range(20)]
    signatures = [signer.sign(message) for message in messages]
    assert signatures == [signer.sign(message) for message in messages]
    assert len({signature[: len(signature) // 2] for signature in signatures}) == len(messages)


@pytest.mark.parametrize("name", KEYS)
def test_B19_after_a_fork_no_r_comes_twice_for_different_messages(name: KeyName) -> None:
    signer = FileSigner.generate(name)
    mine, theirs = (HashedDocument(letter * 32, b"d" * 32) for letter in (b"m", b"t"))
    before = signer.sign(mine)
    read_end, write_end = os.pipe()
    if (child := os.fork()) == 0:
        os.write(write_end, signer.sign(theirs) + signer.sign(mine))
        os._exit(0)
    os.waitpid(child, 0)
    size = signer.public.type.signature
    both = os.read(read_end, 2 * size)
    os.close(read_end)
    os.close(write_end)
    assert both[size:] == before == signer.sign(mine)
    assert both[: size // 2] != before[: size // 2]
    assert both[:size] == signer.sign(theirs)
