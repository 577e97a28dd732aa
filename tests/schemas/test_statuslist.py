"""Status lists: index 0 is the left-most bit, others' readers agree, and a wrong index or list is refused."""

import base64
import gzip
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import Malformed
from schemas.statuslist import (
    MAX_BYTES,
    MAX_SLOTS,
    MIN_SLOTS,
    TooShort,
    bit_at,
    decode_bitstring,
    encode_bitstring,
    list_document,
    read_index,
    read_instant,
    read_list_document,
)
from tests.others import run

W3C_EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""Bitstring Status List 1.0, example 2: 131,072 slots, none of them set."""


def second_reader(encoded: str) -> set[int]:
    """The set slots, read without the product's code: the list as one long number, its first digit is slot 0."""
    packed = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=="))
    digits = bin(int.from_bytes(b"\1" + packed))[3:]
    return {index for index, digit in enumerate(digits) if digit == "1"}


def set_slots(encoded: str) -> set[int]:
    """The set slots by the product's reader."""
    bits = decode_bitstring(encoded)
    return {index for index in range(len(bits) * 8) if bit_at(bits, index)}


def test_C5_index_0_is_the_left_most_bit() -> None:
    assert decode_bitstring(encode_bitstring([0]))[:2] == b"\x80\x00"
    assert decode_bitstring(encode_bitstring([7, 8]))[:2] == b"\x01\x80"
    assert decode_bitstring(encode_bitstring([MIN_SLOTS - 1]))[-1] == 1


def test_C5_the_example_of_the_standard() -> None:
    assert decode_bitstring(W3C_EXAMPLE) == bytes(16384)


@settings(max_examples=10)
@given(st.sets(st.integers(0, MIN_SLOTS - 1), max_size=200))
def test_C5_a_second_reader_sees_the_same(indices: set[int]) -> None:
    assert second_reader(encode_bitstring(indices)) == set_slots(encode_bitstring(indices)) == indices


def test_C5_another_library_reads_ours_and_we_read_its() -> None:
    indices = sorted({*random.Random(5).sample(range(MIN_SLOTS), 40), 0, MIN_SLOTS - 1})
    assert json.loads(run("statuslist.mjs", encode_bitstring(indices))) == {"length": MIN_SLOTS, "set": indices}
    theirs = run("statuslist.mjs", "", "--length", str(MIN_SLOTS), *map(str, indices)).strip()
    assert set_slots(theirs) == set(indices)


def test_C5_sixteen_million_slots_are_packed_and_unpacked() -> None:
    edges = [0, 1, 7, 8, MAX_SLOTS - 8, MAX_SLOTS - 1]
    bits = decode_bitstring(encode_bitstring(edges, MAX_SLOTS))
    assert len(bits) * 8 == MAX_SLOTS
    assert bits.count(0) == len(bits) - 3
    assert [bit_at(bits, index) for index in (*edges, 2, MAX_SLOTS - 7)] == [True] * 6 + [False] * 2


def test_the_same_list_is_written_in_the_same_bytes() -> None:
    assert encode_bitstring([5, 3]) == encode_bitstring([3, 5, 3])


@pytest.mark.parametrize(
    "spelled",
    [
        *("-1", "1e3", "0x10", " 5", "5 ", "٥", "１", "1_000", "1.0", "+1", "01", "", "5\n", "null", str(2**64)),
        *(5, 5.0, None, True, ["5"], {"a": "5"}),
    ],
)
def test_C4_an_index_is_a_plain_decimal_string(spelled: Any) -> None:
    with pytest.raises(Malformed):
        read_index(spelled)


@pytest.mark.parametrize("spelled", ["0", "7", "131071", "4294967296"])
def test_C4_a_plain_index_is_read(spelled: str) -> None:
    assert read_index(spelled) == int(spelled)


@pytest.mark.parametrize("index", [-1, MIN_SLOTS, 2**64])
def test_C4_an_index_outside_the_list_is_a_range_error(index: int) -> None:
    with pytest.raises(Malformed, match="RANGE_ERROR"):
        bit_at(decode_bitstring(encode_bitstring([])), index)


def encoded(bits: bytes) -> str:
    """As an encodedList."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode()


def test_C7_a_list_below_the_minimum_length_is_refused() -> None:
    with pytest.raises(TooShort, match="STATUS_LIST_LENGTH_ERROR"):
        decode_bitstring(encoded(bytes(MIN_SLOTS // 8 - 1)))
    assert len(decode_bitstring(encoded(bytes(MIN_SLOTS // 8)))) == MIN_SLOTS // 8


def test_a_list_that_grows_without_end_is_refused() -> None:
    assert decode_bitstring(encoded(bytes(MAX_BYTES)))
    with pytest.raises(Malformed):
        decode_bitstring(encoded(bytes(MAX_BYTES + 1)))
    with pytest.raises(Malformed):
        decode_bitstring(encoded(bytes(200 * 1024 * 1024)))


@pytest.mark.parametrize(
    "text",
    [
        encoded(bytes(MIN_SLOTS // 8))[:-1] + "_",
        "u" + base64.urlsafe_b64encode(gzip.compress(bytes(MIN_SLOTS // 8), mtime=0) * 2).rstrip(b"=").decode(),
        *("", "u", W3C_EXAMPLE[1:], "z" + W3C_EXAMPLE[1:], W3C_EXAMPLE + "=", W3C_EXAMPLE + "\n", "u" + "A" * 100),
        *(W3C_EXAMPLE[:-8], W3C_EXAMPLE.replace("-", "+"), "uH4sI", "u" + "x" * 5),
    ],
)
def test_what_is_no_encoded_list_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode_bitstring(text)


LIST = list_document(
    "https://a.example/status/1",
    "did:key:z",
    "revocation",
    encode_bitstring([3]),
    "2026-11-21T00:00:00Z",
    "2026-11-22T00:00:00Z",
)


def test_what_a_list_states_is_read_back() -> None:
    found = read_list_document(LIST)
    assert (found.url, found.issuer, found.purpose) == ("https://a.example/status/1", "did:key:z", "revocation")
    assert found.valid_until - found.valid_from == timedelta(days=1)
    assert bit_at(found.bits, 3)
    assert not bit_at(found.bits, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"type": ["VerifiableCredential"]},
        {"type": "BitstringStatusListCredential"},
        {"credentialSubject": None},
        {"credentialSubject": []},
        {"credentialSubject": {"statusPurpose": "revocation"}},
        {"validFrom": None},
        {"validUntil": "2026-11-22"},
    ],
)
def test_what_is_no_list_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_list_document(LIST | change)


@pytest.mark.parametrize(
    ("spelled", "instant"),
    [
        ("2026-06-27T09:00:00Z", datetime(2026, 6, 27, 9, tzinfo=UTC)),
        ("2026-06-27T09:00:00.123456789Z", datetime(2026, 6, 27, 9, tzinfo=UTC)),
        ("2026-06-27T09:00:00+05:00", datetime(2026, 6, 27, 9, tzinfo=timezone(timedelta(hours=5)))),
    ],
)
def test_B16_an_instant_with_a_zone_is_read(spelled: str, instant: datetime) -> None:
    assert read_instant(spelled) == instant


@pytest.mark.parametrize(
    "spelled",
    [
        *(
            "2026-06-27",
            "2026-06-27T09:00:00",
            "2026-W01-1",
            "20260101T000000Z",
            "2026-06-27 09:00:00Z",
            "0001-01-01T00:00:00Z",
        ),
        *(
            "2026-06-27T09:00Z",
            "2026-06-27T24:00:00Z",
            "2026-06-30T23:59:60Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
        ),
        *(
            "2026-06-27t09:00:00z",
            "2026-06-27T09:00:00+0500",
            "2026-06-27T09:00:00+05",
            "2026-06-27T09:00:00+24:00",
            "٢٠٢٦-06-27T09:00:00Z",
        ),
        *(
            "2026-06-27T09:00:00Z ",
            " 2026-06-27T09:00:00Z",
            "2026-06-27T09:00:00Z\n",
            "2026-06-27T09:00:00,5Z",
            "2026-06-27T09:00:00.Z",
        ),
        *(
            "",
            "now",
            "1719478800",
            1719478800,
            None,
            True,
            ["2026-06-27T09:00:00Z"],
            {"@value": "2026-06-27T09:00:00Z"},
        ),
    ],
)
def test_B16_any_other_spelling_of_an_instant_is_refused(spelled: Any) -> None:
    with pytest.raises(Malformed):
        read_instant(spelled)
