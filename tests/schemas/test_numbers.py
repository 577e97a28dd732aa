"""A typing error in a code, a number, an IIN or a BIN is caught."""

import random
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import Malformed
from schemas.numbers import (
    CROCKFORD,
    Number,
    code_check,
    grouped,
    iin_birth_date,
    is_bin,
    is_iin,
    new_code,
    read_code,
    read_number,
)

codes = st.integers(0, 2**31).map(lambda seed: new_code(random.Random(seed).randrange))
numbers = st.builds(
    lambda *parts: str(Number(*parts)),
    st.from_regex("[A-Z]{2,10}", fullmatch=True),
    st.sampled_from(["MC", "PQ", "LR", "ST", "CS"]),
    st.integers(2024, 2199),
    st.integers(1, 10**8),
)


def mistyped(text: str, alphabet: str) -> Iterator[str]:
    """`text` with one wrong character, and with two different neighbours swapped."""
    for place, character in enumerate(text):
        if character == "-":
            continue
        yield from (text[:place] + other + text[place + 1 :] for other in alphabet if other != character)
        after = next((i for i in range(place + 1, len(text)) if text[i] != "-"), None)
        if after is not None and text[after] != character:
            swapped = list(text)
            swapped[place], swapped[after] = swapped[after], swapped[place]
            yield "".join(swapped)


def reads(reader: object, text: str) -> bool:
    """Is `text` taken?"""
    try:
        reader(text)  # type: ignore[operator]
    except Malformed:
        return False
    return True


@settings(max_examples=15)
@given(codes)
def test_every_single_error_in_a_code_is_caught(code: str) -> None:
    assert read_code(code) == code
    assert [wrong for wrong in mistyped(code, CROCKFORD) if reads(read_code, wrong)] == []


@settings(max_examples=15)
@given(numbers)
def test_every_single_error_in_a_number_is_caught(number: str) -> None:
    assert read_number(number) == number
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert [wrong for wrong in mistyped(number, alphabet) if reads(read_number, wrong)] == []


@given(codes)
def test_a_code_is_read_as_people_type_it(code: str) -> None:
    typed = grouped(code).lower().replace("1", "l", 1).replace("0", "o", 1)
    assert read_code(f"  {typed} ") == code
    assert read_code(code.replace("1", "I")) == code
    assert len(grouped(code)) == 16


@pytest.mark.parametrize("typed", ["", "0", "00000000000001", "٠" * 14, "0000000000000U", "0" * 15, "null", "a\0b"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert not reads(read_code, typed)


def test_the_check_character_is_from_the_same_alphabet() -> None:
    assert code_check("0" * 13) == "0"
    assert {code_check(f"{'0' * 12}{c}") for c in CROCKFORD} == set(CROCKFORD)


def test_codes_differ_by_their_65_random_bits() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000


def test_a_number_says_who_what_and_when() -> None:
    number = str(Number("KMU", "MC", 2026, 1))
    assert number.startswith("KMU-MC-2026-000001-")
    assert read_number(f" {number.lower()} ") == number


@pytest.mark.parametrize("typed", ["", "KMU", "KMU-MC-2026-1-42", "KMU-MC-2026-٠٠٠٠٠١-42", "KMU-MC-2026-000001-00"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert not reads(read_number, typed)


def test_the_vector_of_a_check_digit() -> None:
    """Weights 1–11, and 3–11, 1, 2 where they give ten."""
    assert [digit for digit in range(10) if is_iin(f"79102830272{digit}")] == [8]


@given(st.integers(0, 99), st.integers(1, 12), st.integers(1, 28), st.integers(1, 6), st.integers(0, 99999))
def test_an_iin_has_one_check_digit_and_a_birth_date(year: int, month: int, day: int, century: int, rest: int) -> None:
    body = f"{year:02}{month:02}{day:02}{century}{rest // 10:04}"
    found = [body + str(digit) for digit in range(10) if is_iin(body + str(digit))]
    assert len(found) <= 1, "one check digit, or none where no number exists"
    for iin in found:
        assert iin_birth_date(iin) == date(1800 + (century - 1) // 2 * 100 + year, month, day)


@pytest.mark.parametrize("number", ["791028302729", "79102830272", "7910283027288", "791328302720", "٧91028302728", ""])
def test_what_is_no_iin_is_refused(number: str) -> None:
    assert not is_iin(number)


def test_a_bin_has_4_to_6_in_the_fifth_place() -> None:
    assert is_bin("990340000014")
    assert not is_bin("791028302728")
    assert not is_iin("990340000014")
