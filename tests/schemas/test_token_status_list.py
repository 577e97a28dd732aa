"""Token Status List: index 0 is in the lowest bits, as the draft's own vectors and another library have it."""

import json
import random
import re
import zlib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.cbor import read as read_cbor
from keys.multibase import base64url_decode, base64url_encode
from schemas.errors import Malformed
from schemas.statuslist import (
    INVALID,
    MAX_BYTES,
    MAX_SLOTS,
    MIN_SLOTS,
    SUSPENDED,
    VALID,
    Width,
    decode_statuses,
    encode_statuses,
    status_at,
)
from tests.others import run

VECTORS = Path("tests/vectors/token-status-list")
DRAFT = (VECTORS / "draft-ietf-oauth-status-list.md").read_text("utf-8")
ENTRIES = 2**20
"""Of the long examples."""
WIDTHS: tuple[Width, ...] = get_args(Width)
widths = pytest.mark.parametrize("width", WIDTHS)


def example(name: str) -> str:
    """A file of the draft, its lines joined."""
    return re.sub(r"\n *", "", (VECTORS / "examples" / f"{name}.md").read_text("utf-8"))


def stated(width: Width) -> dict[int, int]:
    """Index → status, as the draft lists them for its long example of that width."""
    (section,) = re.findall(rf"^## {width}-bit Status List$(.*?)^JSON encoding:", DRAFT, re.DOTALL | re.MULTILINE)
    return {int(index): int(bits, 2) for index, bits in re.findall(r"status\[(\d+)\] ?= 0b(\d+)", section)}


def long_name(width: Width, form: str) -> str:
    return f"status_list_encoding{width}{'_long' if width < 4 else ''}_{form}"


def set_slots(packed: bytes, width: Width) -> dict[int, int]:
    """Index → status of the slots that are not VALID, by the product's reader; bytes of zeros are passed over."""
    each = 8 // width
    places = (index for at, byte in enumerate(packed) if byte for index in range(at * each, at * each + each))
    found = ((index, status_at(packed, index, width)) for index in places)
    return {index: status for index, status in found if status}


def second_reader(packed: bytes, width: Width) -> dict[int, int]:
    """The same without the product's code: the list as one long number, whose last digits are slot 0."""
    digits = bin(int.from_bytes(b"\1" + packed[::-1]))[:2:-1]
    places = {found.start() // width for found in re.finditer("1", digits)}
    return {index: int(digits[index * width :][:width][::-1], 2) for index in places}


@widths
def test_C5_the_vectors_of_the_draft(width: Width) -> None:
    given_json, given_cbor = (example(long_name(width, form)) for form in ("json", "cbor"))
    listed = json.loads(given_json)
    assert listed["bits"] == width
    packed = decode_statuses(base64url_decode(listed["lst"]))
    assert len(packed) * 8 == ENTRIES * width
    assert set_slots(packed, width) == {index: status for index, status in stated(width).items() if status}
    assert read_cbor(bytes.fromhex(given_cbor)) == {"bits": width, "lst": base64url_decode(listed["lst"])}


@widths
def test_C5_ours_are_the_vectors_of_the_draft_byte_for_byte(width: Width) -> None:
    listed = json.loads(example(long_name(width, "json")))
    assert base64url_encode(encode_statuses(stated(width).items(), ENTRIES, width)) == listed["lst"]


@pytest.mark.parametrize(
    ("name", "width", "statuses"),
    [
        ("status_list_encoding_json", 1, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
        ("status_list_encoding2_json", 2, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
    ],
)
def test_C5_the_short_examples_of_the_draft(name: str, width: Width, statuses: list[int]) -> None:
    listed = json.loads(re.sub(r"^[^{]*", "", example(name)))
    packed = decode_statuses(base64url_decode(listed["lst"]))
    assert [status_at(packed, index, width) for index in range(len(statuses))] == statuses
    assert base64url_encode(encode_statuses(enumerate(statuses), len(statuses), width)) == listed["lst"]


@settings(max_examples=10)
@given(st.dictionaries(st.integers(0, MIN_SLOTS - 1), st.integers(1, 3), max_size=200), st.sampled_from(WIDTHS))
def test_C5_a_second_reader_sees_the_same(statuses: dict[int, int], width: Width) -> None:
    fitting = {index: status & (1 << width) - 1 for index, status in statuses.items()}
    packed = decode_statuses(encode_statuses(fitting.items(), MIN_SLOTS, width))
    kept = {index: status for index, status in fitting.items() if status}
    assert second_reader(packed, width) == set_slots(packed, width) == kept


def test_C5_another_library_reads_ours_and_we_read_its() -> None:
    """At both edges, and in all places of a byte."""
    chance = random.Random(5)
    edges = {0: SUSPENDED, 1: INVALID, 2: VALID, 3: 3, MIN_SLOTS - 2: INVALID, MIN_SLOTS - 1: SUSPENDED}
    statuses = {index: chance.randrange(1, 4) for index in chance.sample(range(4, MIN_SLOTS - 4), 40)} | edges
    kept = {index: status for index, status in sorted(statuses.items()) if status}
    lst = base64url_encode(encode_statuses(statuses.items()))
    payload = base64url_encode(json.dumps({"status_list": {"bits": 2, "lst": lst}}).encode())
    said = json.loads(run("statustoken.mjs", f"e30.{payload}."))
    assert said == {"bits": 2, "length": MIN_SLOTS, "set": {str(index): status for index, status in kept.items()}}
    named = [f"{index}={status}" for index, status in statuses.items()]
    theirs = run("statustoken.mjs", "", "--length", str(MIN_SLOTS), "--bits", "2", *named).strip()
    assert set_slots(decode_statuses(base64url_decode(theirs)), 2) == kept


@pytest.mark.parametrize("index", [-1, MIN_SLOTS, 2**64])
def test_C4_an_index_outside_the_list_is_a_range_error(index: int) -> None:
    with pytest.raises(Malformed, match="RANGE_ERROR"):
        status_at(decode_statuses(encode_statuses([])), index)


def test_a_status_never_runs_over_into_its_neighbour() -> None:
    with pytest.raises(ValueError, match="more than 2 bits"):
        encode_statuses([(5, 4)])
    with pytest.raises(ValueError, match="more than 1 bits"):
        encode_statuses([(5, SUSPENDED)], width=1)


def test_sixteen_million_slots_are_packed_and_unpacked() -> None:
    last = MAX_SLOTS - 1
    packed = decode_statuses(encode_statuses([(0, INVALID), (last, SUSPENDED)], MAX_SLOTS))
    assert len(packed) == MAX_BYTES
    assert [status_at(packed, index) for index in (0, 1, last - 1, last)] == [INVALID, VALID, VALID, SUSPENDED]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0", b"lst", bytes(100), zlib.compress(b"x" * 99)[:-3], zlib.compress(b"x") + b"x"),
        *(zlib.compress(b"x") * 2, zlib.compress(bytes(MAX_BYTES + 1)), zlib.compress(b"x", wbits=-15)),
    ],
    ids=range(9),
)
def test_what_is_no_compressed_list_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_statuses(data)
