"""Bytes are read strictly: what a lenient parser repairs in silence is refused (docs/attacks.md A14–A18)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Malformed
from schemas.languages import LANGUAGES
from schemas.reading import MAX_BYTES, MAX_DEPTH, read_object, read_value, shown


def refused(data: bytes) -> bool:
    """Is `data` refused, with a sentence in each language?"""
    try:
        read_object(data)
    except Malformed as refusal:
        return all(refusal.because[language] for language in LANGUAGES)
    return False


NUMBERS = {
    "0": 0,
    "1": 1,
    "-1": -1,
    "9007199254740992": 2**53,
    "-9007199254740992": -(2**53),
    "1.0": 1.0,
    "5.5": 5.5,
    "5.50": 5.5,
    "0.01": 0.01,
    "1e2": 100.0,
    "1E2": 100.0,
    "125e-1": 12.5,
}


@pytest.mark.parametrize("spelling", NUMBERS)
def test_A14_a_number_that_every_reader_takes_alike_is_read(spelling: str) -> None:
    number = read_object(f'{{"n":{spelling}}}'.encode())["n"]
    assert (number, type(number)) == (NUMBERS[spelling], type(NUMBERS[spelling]))


@pytest.mark.parametrize(
    "spelling",
    [
        *("9007199254740993", "-9007199254740993", "9" * 5000, "1e21", "1e999", "-1e999", "1E400", "1e-7", "1e-400"),
        *(
            "5.505",
            "0.001",
            "0.1" + "0" * 30,
            "5.000000000000000000001",
            "9007199254740991.11",
            "-0",
            "-0.0",
            "-0e1",
            "NaN",
            "Infinity",
            "-Infinity",
            "nan",
        ),
        *("01", "1.", ".5", "+1", "0x10", "1_000", "١", "1,5", "--1", "1e", "1 000"),
    ],
)
def test_A14_A15_a_number_that_readers_take_differently_is_refused(spelling: str) -> None:
    assert refused(f'{{"n":{spelling}}}'.encode())
    assert refused(f'{{"list":[1,{{"n":{spelling}}}]}}'.encode())


@pytest.mark.parametrize(
    "data",
    [
        rb'{"a":"\ud800"}',
        rb'{"a":"\udc00\ud800"}',
        rb'{"\ud800":1}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        rb'{"a":"\u0000"}',
        rb'{"a":"\u0008"}',
        rb'{"a":"\u007f"}',
        rb'{"a":"\ufffe"}',
        b'{"a":"\xef\xbf\xbf"}',
        b'{"a":"\x01"}',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
    ],
)
def test_A15_text_that_readers_take_differently_is_refused(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"status":"valid","status":"revoked"}',
        b'{"a":{"b":{"c":1,"d":2,"c":1}}}',
        b'[{"a":1,"a":1}]',
        rb'{"issuer":1,"iss\u0075er":2}',
        b'{"\xd2\x9b":1,"\\u049b":2}',
        b'{"":1,"":2}',
    ],
)
def test_A16_a_repeated_member_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        read_value(data)
    assert "twice" in refusal.value.because.en


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 50_000])
def test_A17_what_is_nested_too_deep_is_refused_before_it_is_parsed(opening: str, depth: int) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    for data in (opening * depth, opening * depth + "1" + closing * depth, '{"b":"]]}}","a":' + opening * depth):
        with pytest.raises(Malformed) as refusal:
            read_value(data.encode(), max_bytes=10**6)
        assert str(MAX_DEPTH) in refusal.value.because.en


def test_A17_the_deepest_document_allowed_is_read() -> None:
    data = b'{"a":' * MAX_DEPTH + b'"{{{[[["' + b"}" * MAX_DEPTH
    assert read_object(data)


def test_A17_a_million_brackets_are_too_large() -> None:
    assert refused(b"[" * 1_000_000)


def test_A18_more_than_the_cap_is_refused() -> None:
    filled = b'{"a":"' + b"x" * (MAX_BYTES - 8) + b'"}'
    assert len(filled) == MAX_BYTES
    assert read_object(filled)
    assert refused(filled + b" ")


@pytest.mark.parametrize(
    "piece", [b'\\"', b'"', b'"\\', b"\\", b'"x', b'[{"\\"', b"\\u0022", b'\\\\"', b" ", b"-", b"1,"]
)
@pytest.mark.parametrize("beginning", [b"", b'"', b'{"a":"', b"[", b'{"a":'])
def test_A18_a_text_that_never_ends_is_refused_at_once(beginning: bytes, piece: bytes) -> None:
    """With a way back it would take hours."""
    assert refused((beginning + piece * MAX_BYTES)[:MAX_BYTES])


@pytest.mark.parametrize(
    "data", [b"", b" ", b"null", b"1", b'"a"', b"[]", b"[{}]", b"{", b"}", b"{}{}", b"{},", b"{'a':1}"]
)
def test_what_is_no_object_is_refused(data: bytes) -> None:
    assert refused(data)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abқәß ", max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_what_it_reads_is_what_was_written(value: object, ascii_only: bool) -> None:
    assert read_value(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    refused(data)


def test_what_is_quoted_in_a_sentence_stays_short_and_visible() -> None:
    assert shown("a\u202eb\n\x1b[31mc") == "a�b��[31mc"
    assert len(shown("x" * 10_000)) == 61
