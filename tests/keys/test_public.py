"""Public keys, base58 and did:key, against other people's values."""

import json
from pathlib import Path

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.did import (
    build_document,
    institution_did,
    is_host_name,
    methods_of_key_did,
    read_document,
    web_address,
)
from keys.multibase import (
    MAX_ENCODED,
    base58_decode,
    base58_encode,
    multibase_decode,
    multibase_encode,
)
from keys.public import PublicKey
from keys.signer import FileSigner, JwsInput
from schemas.errors import Malformed, Refused, Unsupported

DID_KEY = Path("tests/vectors/did-key")
P = 2**255 - 19


def vectors(name: str) -> dict[str, dict[str, str]]:
    """A file of did:key vectors."""
    return dict(json.loads((DID_KEY / f"{name}.json").read_bytes()))


@given(st.binary(max_size=80))
def test_base58_is_the_base58_of_others(data: bytes) -> None:
    assert base58_encode(data) == base58.b58encode(data).decode()
    assert base58_decode(base58_encode(data)) == data
    assert multibase_decode(multibase_encode(data) if data else "z1") == (data or b"\0")


@pytest.mark.parametrize(
    "text", ["z", "", "m2", "z0", "zO", "zI", "zl", "z1 ", "z+", "zқ", "z" + "1" * (MAX_ENCODED + 1)]
)
def test_what_is_no_multibase_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        multibase_decode(text)


@pytest.mark.parametrize("did", vectors("ed25519-x25519"))
def test_the_vectors_of_did_key(did: str) -> None:
    vector = vectors("ed25519-x25519")[did]
    signer = FileSigner.from_seed(bytes.fromhex(vector["seed"]))
    (method,) = methods_of_key_did(did)
    assert did == f"did:key:{signer.multibase}"
    assert (method.id, method.controller) == (f"{did}#{signer.multibase}", did)
    assert method.key == signer.public == PublicKey.from_multibase(signer.multibase)
    assert "assertionMethod" in method.purposes
    assert "keyAgreement" not in method.purposes


@pytest.mark.parametrize("name", ["bls12381", "rsa", "secp256k1"])
def test_keys_of_other_types_are_refused(name: str) -> None:
    for did in vectors(name):
        with pytest.raises(Refused):
            methods_of_key_did(did)


def test_a_key_agreement_key_is_no_signing_key() -> None:
    for did in vectors("x25519")["didDocument"]:
        with pytest.raises(Unsupported):
            methods_of_key_did(did)


def point_of(y: int, sign: int) -> tuple[int, int] | None:
    """The point of the Edwards curve with that y (RFC 8032, section 5.1.3)."""
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (P - x if x % 2 != sign else x) % P, y % P


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points."""
    d = -121665 * pow(121666, -1, P) % P
    (x1, y1), (x2, y2) = a, b
    both = d * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + both, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - both, -1, P) % P


def small_order_encodings() -> set[bytes]:
    """Every 32 bytes that decode to a point whose eightfold is nothing, from the curve itself."""
    order = 2**252 + 27742317777372353535851937790883648493
    found: set[tuple[int, int]] = set()
    for y in range(2, 60):
        point, sum_, times = point_of(y, 0), (0, 1), order
        while point and times:
            sum_, point, times = added(sum_, point) if times & 1 else sum_, added(point, point), times >> 1
        if point:
            found.add(sum_)
    torsion = {(0, 1)} | {
        each for point in found for each in (point, added(point, point), added(added(point, point), point))
    }
    torsion |= {added(a, b) for a in torsion for b in torsion}
    assert len(torsion) == 8
    values = {y + more for _, y in torsion for more in (0, P) if y + more < 2**255}
    return {(value | sign << 255).to_bytes(32, "little") for value in values for sign in (0, 1)}


def test_a_key_that_fits_every_message_is_refused() -> None:
    encodings = small_order_encodings()
    assert len(encodings) == 14
    for encoding in encodings:
        with pytest.raises(Malformed):
            PublicKey.from_multibase(multibase_encode(b"\xed\x01" + encoding))


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Refused):
        PublicKey.from_multibase(multibase_encode(b"\xed\x01" + b"\x07" * length))


def test_a_signature_fits_its_message_and_no_other() -> None:
    signer = FileSigner.from_seed(b"\x07" * 32)
    signature = signer.sign(JwsInput("message", ""))
    key = PublicKey.from_multibase(signer.multibase)
    assert key.holds(signature, b"message.")
    for bit in range(0, 512, 37):
        other = bytearray(signature)
        other[bit // 8] ^= 1 << bit % 8
        assert not key.holds(bytes(other), b"message.")
    assert not key.holds(signature, b"messagf")
    assert not key.holds(b"", b"message.")


@pytest.mark.parametrize(
    ("public_url", "did"),
    [
        ("https://verify.example.kz", "did:web:verify.example.kz:i:kmu"),
        ("https://verify.example.kz:8443", "did:web:verify.example.kz%3A8443:i:kmu"),
        ("http://verify.example.kz", "did:key:z6Mk"),
        ("https://192.0.2.7", "did:key:z6Mk"),
        ("https://[2001:db8::7]", "did:key:z6Mk"),
        ("https://localhost", "did:key:z6Mk"),
        ("http://127.0.0.1:8000", "did:key:z6Mk"),
    ],
)
def test_an_institution_is_a_did_web_only_with_an_https_host_name(public_url: str, did: str) -> None:
    assert institution_did(public_url, "kmu", "z6Mk") == did


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "printer.local", "127.0.0.1", "::1", "intranet", ""])
def test_what_is_no_public_name(host: str) -> None:
    assert not is_host_name(host)


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:a.example", "https://a.example/.well-known/did.json"),
        ("did:web:a.example:i:kmu", "https://a.example/i/kmu/did.json"),
        ("did:web:a.example%3A8443:i:kmu", "https://a.example:8443/i/kmu/did.json"),
    ],
)
def test_where_the_document_of_a_did_web_stands(did: str, address: str) -> None:
    assert web_address(did) == address


@pytest.mark.parametrize(
    "did",
    [
        *(
            "did:web:",
            "did:web::x",
            "did:web:a.example:",
            "did:web:a/b",
            "did:web:a@b.example",
            "did:web:a.example%2Fx",
        ),
        *("did:web:[::1]", "did:key:z6Mk", "did:web:a b", "did:web:a#b", "did:web:a?b", "did:webvh:x:a.example"),
        *("did:web:a.example:..:x", "did:web:a.example:i%2F..", "did:web:a.example:x?y", "did:web:a.example:x#y"),
        *("did:web:a.example:\\x", "did:web:١٢٧.0.0.1"),
    ],
)
def test_D2_a_did_web_that_leads_elsewhere_is_refused(did: str) -> None:
    with pytest.raises(Malformed):
        web_address(did)


def test_a_did_document_says_which_key_is_for_what() -> None:
    did = "did:web:a.example:i:kmu"
    keys = [FileSigner.generate().public for _ in range(2)]
    document = build_document(did, [(f"{did}#k{n}", key.multibase) for n, key in enumerate(keys, 1)])
    methods = {method.id: method for method in read_document(document, did)}
    assert {name: method.key for name, method in methods.items()} == {f"{did}#k1": keys[0], f"{did}#k2": keys[1]}
    assert all(method.purposes == {"assertionMethod"} for method in methods.values())
    document["keyAgreement"] = [document["assertionMethod"].pop()]
    assert [m.purposes for m in read_document(document, did)] == [{"assertionMethod"}, {"keyAgreement"}]


@pytest.mark.parametrize("change", [{"id": "did:web:b.example"}, {"id": None}])
def test_D6_the_document_of_another_is_refused(change: dict[str, str]) -> None:
    document = build_document("did:web:a.example", [("did:web:a.example#k", "z6Mk")]) | change
    with pytest.raises(Malformed):
        read_document(document, "did:web:a.example")


@pytest.mark.parametrize(
    "methods", [None, "x", [], [None], ["did:web:a.example#k"], [{"type": "Multikey"}], {"id": 1}, [{"type": "X"}]]
)
def test_a_did_document_without_keys_has_none(methods: object) -> None:
    assert read_document({"id": "did:web:a.example", "verificationMethod": methods}, "did:web:a.example") == ()
