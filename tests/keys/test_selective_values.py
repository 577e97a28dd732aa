"""ecdsa-sd-2023: what is no proof value is refused before anything is made of it."""

from typing import Any

import cbor2
import pytest

from keys.disclosure import BASE, DERIVED, BaseProof, DerivedProof
from keys.multibase import base64url_decode, base64url_encode
from keys.proof import check
from keys.selective import derive
from schemas.errors import Malformed, Refused
from schemas.reading import MAX_BYTES, Json
from tests.keys.selected import KEY, SELECTED


def encoded(parts: Any, header: bytes = DERIVED) -> str:
    return "u" + base64url_encode(header + (parts if isinstance(parts, bytes) else cbor2.dumps(parts)))


SHOWN = DerivedProof.read(SELECTED["prc"].shown["proof"]["proofValue"])
PARTS: list[Any] = [SHOWN.signature, SHOWN.key, SHOWN.signatures, SHOWN.labels, SHOWN.mandatory]
WHOLE = base64url_decode(SHOWN.value[1:])


CARD_TYPE = "/credentialSubject/permanentResidentCard/type/0"
"""A list of one."""


def with_part(place: int, value: Any) -> list[Any]:
    return [*PARTS[:place], value, *PARTS[place + 1 :]]


LABELS, INDEXES = SHOWN.labels, SHOWN.mandatory
NO_VALUE: dict[str, str] = {
    "nothing": "",
    "a letter": "u",
    "another base": "z" + SHOWN.value[1:],
    "no base": SHOWN.value[1:],
    "padding": SHOWN.value + "=",
    "other letters": SHOWN.value[:-2] + "+/",
    "a space": SHOWN.value + " ",
    "another header": encoded(PARTS, b"\xd9\x5d\x02"),
    "a feature that is none": encoded(PARTS, b"\xd9\x5d\x03"),
    "no header": encoded(PARTS, b""),
    "the header alone": encoded(b""),
    "a byte more": encoded(cbor2.dumps(PARTS) + b"\0"),
    "a length left open": encoded(b"\x9f" + b"".join(cbor2.dumps(part) for part in PARTS) + b"\xff"),
    "an array of 2^64 items": encoded(b"\x9b" + b"\xff" * 8),
    "an array of 2^32 items": encoded(b"\x9a" + b"\xff" * 4 + b"\0" * 1000),
    "a string of 2^63 bytes": encoded(b"\x85\x5b\x7f" + b"\xff" * 7),
    "arrays in arrays": encoded(b"\x81" * 5000 + b"\0"),
    "four parts": encoded(PARTS[:4]),
    "six parts": encoded([*PARTS, []]),
    "a map": encoded(dict(enumerate(PARTS))),
    "a number": encoded(1),
    "a tag around it": encoded(b"\xd9\xd9\xf7" + cbor2.dumps(PARTS)),
    "a tagged part": encoded(b"\x85\xd8\x40" + cbor2.dumps(PARTS)[1:]),
    "a number as a date": encoded(cbor2.dumps(PARTS)[: -len(INDEXES) - 1] + b"\x84\x00\xc1\x04\x05\x07"),
    "a reference to itself": encoded(b"\xd8\x1c\x85\xd8\x1d\x00" + b"".join(cbor2.dumps(part) for part in PARTS[1:])),
    "a pattern that does not end": encoded(b"\xd8\x23\x78\x20" + b"(a+)+" * 6 + b"$b"),
    "text that is not UTF-8": encoded(b"\x85\x62\xff\xfe" + b"".join(cbor2.dumps(part) for part in PARTS[1:])),
    "a long form of a number": encoded(cbor2.dumps(PARTS)[: -len(INDEXES) - 1] + b"\x84\x00\x18\x04\x05\x07"),
    "a short signature": encoded(with_part(0, SHOWN.signature[1:])),
    "a long signature": encoded(with_part(0, SHOWN.signature + b"\0")),
    "a signature in text": encoded(with_part(0, "a" * 64)),
    "no signature": encoded(with_part(0, None)),
    "a key of P-384": encoded(with_part(1, b"\x81\x24" + SHOWN.key[2:])),
    "a key without its type": encoded(with_part(1, SHOWN.key[2:])),
    "a key that is not compressed": encoded(with_part(1, b"\x80\x24\x04" + b"\1" * 64)),
    "signatures that are none": encoded(with_part(2, b"".join(SHOWN.signatures))),
    "a short signature of a statement": encoded(with_part(2, [*SHOWN.signatures[1:], b"\0" * 63])),
    "a signature of a statement in text": encoded(with_part(2, [*SHOWN.signatures[1:], "a" * 64])),
    "labels that are none": encoded(with_part(3, list(LABELS.values()))),
    "labels of texts": encoded(with_part(3, {f"c14n{n}": label for n, label in LABELS.items()})),
    "labels that are texts": encoded(with_part(3, {n: label.hex()[:32] for n, label in LABELS.items()})),
    "a short label": encoded(with_part(3, {**LABELS, 0: b"\0" * 31})),
    "the same label twice": encoded(with_part(3, dict.fromkeys(LABELS, LABELS[0]))),
    "a gap in the labels": encoded(with_part(3, {0: LABELS[0], 2: LABELS[1]})),
    "a label below zero": encoded(with_part(3, {0: LABELS[0], -1: LABELS[1]})),
    "a label at 2^64": encoded(with_part(3, {0: LABELS[0], 2**64: LABELS[1]})),
    "a label at true": encoded(with_part(3, {0: LABELS[0], True: LABELS[1]})),
    "the same place in the labels twice": encoded(
        b"\x85"
        + b"".join(cbor2.dumps(part) for part in PARTS[:3])
        + b"\xa2"
        + (b"\0" + cbor2.dumps(LABELS[0])) * 2
        + b"\x80"
    ),
    "an index twice": encoded(with_part(4, [0, 4, 4, 7])),
    "an index out of range": encoded(with_part(4, [0, 4, 5, 10])),
    "an index below zero": encoded(with_part(4, [0, 4, 5, -1])),
    "an index at 2^70": encoded(with_part(4, [0, 4, 5, 2**70])),
    "an index that is true": encoded(with_part(4, [0, True, 5, 7])),
    "an index of one half": encoded(with_part(4, [0, 0.5, 5, 7])),
    "an index in text": encoded(with_part(4, ["0", 4, 5, 7])),
    "indexes that are none": encoded(with_part(4, b"\0\4\5\7")),
    "a hundred thousand signatures": encoded(with_part(2, [b"\0" * 64] * 3_000)),
    "a hundred thousand indexes": encoded(with_part(4, list(range(100_000)))),
}


@pytest.mark.parametrize("value", NO_VALUE)
def test_what_is_no_proof_value_is_malformed(value: str) -> None:
    shown = SELECTED["prc"].shown
    with pytest.raises(Malformed):
        check(shown, {**shown["proof"], "proofValue": NO_VALUE[value]}, KEY)


def test_a_value_that_ends_early_is_malformed_wherever_it_ends() -> None:
    shown = SELECTED["prc"].shown
    for end in [*range(8), *range(8, len(WHOLE), 5)]:
        with pytest.raises(Malformed):
            check(shown, {**shown["proof"], "proofValue": "u" + base64url_encode(WHOLE[:end])}, KEY)


def test_B1_no_byte_of_a_value_can_be_another() -> None:
    shown = SELECTED["prc"].shown
    for place in range(len(WHOLE)):
        changed = WHOLE[:place] + bytes([WHOLE[place] ^ 1]) + WHOLE[place + 1 :]
        try:
            held = check(shown, {**shown["proof"], "proofValue": "u" + base64url_encode(changed)}, KEY)
        except Refused:
            held = False
        assert not held, place


def test_the_order_of_labels_and_indexes_is_free() -> None:
    """The standard asks for CBOR, not for one order of a map's members."""
    shown = SELECTED["prc"].shown
    turned = [*PARTS[:3], dict(reversed(LABELS.items())), INDEXES[::-1]]
    assert check(shown, {**shown["proof"], "proofValue": encoded(turned)}, KEY)


BASE_SHOWN = BaseProof.read(SELECTED["prc"].base["proof"]["proofValue"])
BASE_PARTS: list[Any] = [
    BASE_SHOWN.signature,
    BASE_SHOWN.key,
    BASE_SHOWN.hmac_key,
    BASE_SHOWN.signatures,
    BASE_SHOWN.mandatory,
]
NO_BASE: dict[str, list[Any]] = {
    "a short HMAC key": [*BASE_PARTS[:2], b"\0" * 31, *BASE_PARTS[3:]],
    "pointers that are none": [*BASE_PARTS[:4], ["issuer"]],
    "pointers that are numbers": [*BASE_PARTS[:4], [1]],
    "pointers in one text": [*BASE_PARTS[:4], "/issuer"],
    "ten thousand pointers": [*BASE_PARTS[:4], ["/issuer"] * 10_000],
    "pointers to nowhere": [*BASE_PARTS[:4], ["/nowhere"]],
    "a signature fewer": [*BASE_PARTS[:3], BASE_SHOWN.signatures[1:], BASE_PARTS[4]],
    "a short signature": [*BASE_PARTS[:3], [b"", *BASE_SHOWN.signatures[1:]], BASE_PARTS[4]],
}


@pytest.mark.parametrize("parts", NO_BASE)
def test_what_is_no_base_proof_derives_nothing(parts: str) -> None:
    base = SELECTED["prc"].base
    with pytest.raises(Malformed):
        derive({**base, "proof": {**base["proof"], "proofValue": encoded(NO_BASE[parts], BASE)}}, ["/validFrom"])


@pytest.mark.parametrize("value", [None, 1, ["u"], "", "u" * (MAX_BYTES + 2)])
def test_a_base_proof_without_a_value_derives_nothing(value: Json) -> None:
    base = SELECTED["prc"].base
    with pytest.raises(Malformed):
        derive({**base, "proof": {**base["proof"], "proofValue": value}}, ["/validFrom"])


@pytest.mark.parametrize("pointers", [["/issuer"] * 10_000, [CARD_TYPE], ["/validFrom/0"], ["/%69ssuer"]])
def test_a_holder_cannot_choose_what_is_not_there(pointers: list[str]) -> None:
    with pytest.raises(Malformed):
        derive(SELECTED["prc"].base, pointers)
