"""Envelopes of COSE: what the standard prints, what we write, and everything that must not open."""

from typing import Any

import cbor2
import pytest

from keys import cose
from keys.cose import ALG, ALGORITHMS, CONTENT_TYPE, CRIT, CWT_CLAIMS, KID, TYP
from keys.multibase import base64url_encode
from keys.payload import CREDENTIAL, PRESENTATION, Opened, Unproven
from keys.public import KeyName, PublicKey
from keys.signer import FileSigner, SigStructure
from schemas.errors import Malformed, Refused
from schemas.reading import MAX_BYTES, Json
from tests.envelopes import (
    KEYS,
    METHOD,
    ORDERS,
    credential,
    key_of,
    labels,
    mirrored,
    packed,
    presentation,
    sign1,
    unsecured,
)

P256 = KEYS["P-256"]
OTHER_KEY = key_of("P-256", "an attacker")
every_key = pytest.mark.parametrize("signer", KEYS.values(), ids=list(KEYS))


def opened(data: bytes, key: FileSigner = P256) -> Opened:
    return Opened(cose.read(data, CREDENTIAL), key.public)


def array(data: bytes) -> list[Any]:
    """The four parts of a COSE_Sign1."""
    return list(cbor2.loads(data).value)


def tagged(parts: Any, tag: int = 18) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(tag, parts))


def test_the_message_of_rfc_9052_fits() -> None:
    """Appendix C.2.1, with the key "11" of C.7.1."""
    message = bytes.fromhex(
        "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c"
        "083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
    )
    x, y = (
        base64url_encode(bytes.fromhex(coordinate))
        for coordinate in (
            "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff",
            "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e",
        )
    )
    key = PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    protected, loose, payload, signature = cose._parts(message)
    assert (loose, payload) == ({KID: b"11"}, b"This is the content.")
    assert key.holds(signature, SigStructure(protected, payload).message)


@every_key
def test_what_is_sealed_opens_with_its_key_and_carries_the_exact_bytes(signer: FileSigner) -> None:
    data = cose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD)
    protected, loose, payload, _ = array(data)
    assert data[:1] == b"\xd2"
    assert (cbor2.loads(protected), loose, payload) == (labels(signer), {}, packed(credential()))
    assert cose.read(data, CREDENTIAL).kid == METHOD
    assert opened(data, signer).document == credential()


def test_a_presentation_is_sealed_as_one() -> None:
    data = cose.seal(unsecured(presentation(), PRESENTATION), P256, METHOD)
    assert cbor2.loads(array(data)[0]) == labels(P256, "vp")
    assert Opened(cose.read(data, PRESENTATION), P256.public).document == presentation()
    with pytest.raises(Malformed):
        cose.read(data, CREDENTIAL)


@pytest.mark.parametrize("name", KEYS)
def test_the_number_of_the_algorithm_that_says_everything_counts_too(name: KeyName) -> None:
    signer = KEYS[name]
    head = labels(signer) | {ALG: ALGORITHMS[name][1]}
    assert opened(sign1(head, credential(), signer), signer).document == credential()


def test_a_kid_may_stand_outside() -> None:
    head = {label: value for label, value in labels(P256).items() if label not in (KID, CONTENT_TYPE)}
    sealed = cose.read(sign1(head, credential(), P256, {KID: b"key-1"}), CREDENTIAL)
    assert sealed.kid == "key-1"
    assert Opened(sealed, P256.public).document == credential()


def test_claims_in_the_header_are_the_envelopes() -> None:
    claims = {1: "https://school.example/issuers/1", 3: "https://employer.example", 4: 1798761600, 10: "n", -7: "x"}
    found = opened(sign1(labels(P256) | {CWT_CLAIMS: claims}, credential(), P256)).claims
    assert (found.audience, found.nonce) == (("https://employer.example",), "n")
    assert found.expires is not None
    assert found.expires.year == 2027


@pytest.mark.parametrize(
    "claims", [{1: "https://other.example"}, {1: b"https://school.example/issuers/1"}, {4: "soon"}, {6: float("nan")}]
)
def test_claims_in_the_header_that_contradict_the_credential_do_not_open(claims: dict[int, Any]) -> None:
    with pytest.raises(Malformed):
        opened(sign1(labels(P256) | {CWT_CLAIMS: claims}, credential(), P256))


@pytest.mark.parametrize("alg", [None, 0, 5, -257, -37, "ES256", "none", b"\x26", True, -7.0, [-7], 2**70])
def test_B7_an_algorithm_that_is_none_of_ours_does_not_count(alg: Any) -> None:
    head = labels(P256) | {ALG: alg}
    with pytest.raises((Unproven, Malformed)):
        opened(sign1({label: value for label, value in head.items() if value is not None}, credential(), P256))


def test_B7_an_empty_signature_or_header_proves_nothing() -> None:
    parts = array(sign1(labels(P256), credential(), P256))
    for bad in ([*parts[:3], b""], [b"", *parts[1:]], [b"\xa0", *parts[1:]]):
        with pytest.raises(Unproven):
            opened(tagged(bad))


@pytest.mark.parametrize("alg", sorted({number for numbers in ALGORITHMS.values() for number in numbers}))
@every_key
def test_B8_a_key_has_one_algorithm(signer: FileSigner, alg: int) -> None:
    data = sign1(labels(signer) | {ALG: alg}, credential(), signer)
    if alg in ALGORITHMS[signer.public.name]:
        assert opened(data, signer).document == credential()
    else:
        with pytest.raises(Unproven):
            opened(data, signer)


X5CHAIN, X5U, COSE_KEY = 33, 35, -1


@pytest.mark.parametrize(
    "source",
    [{X5CHAIN: b"0"}, {X5U: "https://attacker.example/key"}, {COSE_KEY: {1: 2, -1: 1}}, {"jku": "https://a.example"}],
    ids=str,
)
def test_B9_a_header_brings_no_key(source: dict[Any, Any], sockets: list[Any]) -> None:
    for protected, loose in ((labels(P256) | source, {}), (labels(P256), source)):
        assert opened(sign1(protected, credential(), P256, loose)).document == credential()
        with pytest.raises(Unproven):
            opened(sign1(protected, credential(), OTHER_KEY, loose))
    assert sockets == []


@pytest.mark.parametrize("crit", [[], [16], ["x"], 1, None])
def test_B9_a_condition_that_is_not_known_does_not_count(crit: Any) -> None:
    with pytest.raises(Unproven):
        opened(sign1(labels(P256) | {CRIT: crit}, credential(), P256))


@pytest.mark.parametrize(
    "loose",
    [
        {ALG: -7},
        {CRIT: [1]},
        {CONTENT_TYPE: "application/vc"},
        {TYP: "application/vc+cose"},
        {CWT_CLAIMS: {1: "https://school.example/issuers/1"}},
        {KID: METHOD.encode()},
        {KID: b"another"},
    ],
    ids=str,
)
def test_B9_what_has_to_be_signed_is_not_read_outside(loose: dict[int, Any]) -> None:
    with pytest.raises(Malformed):
        opened(sign1(labels(P256), credential(), P256, loose))


@pytest.mark.parametrize("typ", [None, "vc+cose", "application/vp+cose", "application/cwt", 61, b"application/vc+cose"])
def test_B9_an_envelope_of_another_kind_is_no_credential(typ: Any) -> None:
    head = {label: value for label, value in (labels(P256) | {TYP: typ}).items() if value is not None}
    with pytest.raises(Malformed):
        opened(sign1(head, credential(), P256))


@pytest.mark.parametrize("label", [True, 1.0, b"\x01", None, (1,)], ids=repr)
def test_B9_a_label_is_a_number_or_a_text(label: Any) -> None:
    """To Python, `true` and `1.0` are the key 1 as well, under which the algorithm stands."""
    head = labels(P256)
    for spelled in (
        {label: head[ALG]} | {n: v for n, v in head.items() if n != ALG},
        head | {CWT_CLAIMS: {label: "x"}},
    ):
        with pytest.raises(Malformed):
            opened(sign1(cbor2.dumps(spelled), credential(), P256))
    with pytest.raises(Malformed):
        opened(sign1(head, credential(), P256, {label: "x"}))


@pytest.mark.parametrize("content", ["application/vp", "text/plain", 50, b"application/vc"])
def test_B9_a_content_of_another_kind_is_no_credential(content: Any) -> None:
    with pytest.raises(Malformed):
        opened(sign1(labels(P256) | {CONTENT_TYPE: content}, credential(), P256))


@pytest.mark.parametrize("kid", ["text", 1, b"\xff", [b"a"]])
def test_B9_a_kid_that_is_no_text_in_bytes_is_malformed(kid: Any) -> None:
    with pytest.raises(Malformed):
        opened(sign1(labels(P256) | {KID: kid}, credential(), P256))


@pytest.mark.parametrize("name", ORDERS)
def test_B11_either_form_of_a_signature_opens_the_same_document(name: KeyName) -> None:
    signer = KEYS[name]
    parts = array(cose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD))
    other = tagged([*parts[:3], mirrored(parts[3], name)])
    assert opened(other, signer).document == credential()


@every_key
def test_B1_no_changed_byte_opens(signer: FileSigner) -> None:
    data = cose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD)
    for at in range(0, len(data), 5):
        for flip in (0x01, 0x20, 0x80):
            with pytest.raises(Refused):
                opened(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :], signer)


GOOD = array(sign1(labels(P256), credential(), P256))
TWICE = b"\xa5" + cbor2.dumps(labels(P256))[1:] + b"\x01\x26"
INDEFINITE = b"\xbf" + cbor2.dumps(labels(P256))[1:] + b"\xff"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"\xd2\x84",
        tagged(GOOD) + b"\0",
        tagged(GOOD)[:-1],
        tagged(GOOD)[1:],
        b"\xd8\x12" + tagged(GOOD)[1:],
        tagged(GOOD, 98),
        tagged(GOOD, 17),
        tagged(cbor2.CBORTag(18, GOOD), 61),
        tagged(GOOD[:3]),
        tagged([*GOOD, b""]),
        tagged([GOOD[0], GOOD[1], None, GOOD[3]]),
        tagged([GOOD[0], GOOD[1], GOOD[2].decode(), GOOD[3]]),
        tagged([labels(P256), *GOOD[1:]]),
        tagged([GOOD[0], [], *GOOD[2:]]),
        tagged([GOOD[0], None, *GOOD[2:]]),
        tagged({1: 2}),
        b"\xd2\x9f" + tagged(GOOD)[2:] + b"\xff",
        b"\xd2" + b"\x81" * 1000 + b"\x00",
        b"\xd2\x84" + b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"{}",
        b"0" * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_cose_sign1_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        opened(data)


@pytest.mark.parametrize("protected", [TWICE, INDEFINITE, b"\x80", b"\xf6", cbor2.dumps(labels(P256)) + b"\0"])
def test_A16_a_header_in_another_spelling_is_malformed(protected: bytes) -> None:
    with pytest.raises(Malformed):
        opened(sign1(protected, credential(), P256))


TAGS = [*range(300), 1004, 43000, 55799]
VALUES: list[Json] = [[], b"", "", 1, [1, 2], {}, "ab", b"\1\2\3\4", [1, b"\xff" * 64]]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_A18_no_tag_inside_is_made_a_value_of(value: Any) -> None:
    """Such as a big decimal fraction, a pattern, or a reference that leads in a circle."""
    for tag in TAGS:
        with pytest.raises(Malformed):
            opened(sign1(labels(P256) | {"x": cbor2.CBORTag(tag, value)}, credential(), P256))


def test_A18_a_number_of_any_size_is_no_algorithm() -> None:
    for alg in (b"\xc2\x59\xff\xff" + b"\xff" * 0xFFFF, b"\xc5\x82\x1b\x7f" + b"\xff" * 7 + b"\x01"):
        with pytest.raises(Malformed):
            opened(sign1(b"\xa1\x01" + alg, credential(), P256))
