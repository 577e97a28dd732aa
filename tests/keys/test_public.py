"""Public keys and base58, against other people's values."""

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.multibase import (
    MAX_ENCODED,
    base58_decode,
    base58_encode,
    multibase_decode,
    multibase_encode,
)
from keys.public import PublicKey
from keys.signer import FileSigner, HashedDocument
from schemas.errors import Malformed, Refused

P = 2**255 - 19


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
    signature = signer.sign(HashedDocument(b"m" * 32, b"d" * 32))
    key = PublicKey.from_multibase(signer.multibase)
    message = b"m" * 32 + b"d" * 32
    assert key.holds(signature, message)
    for bit in range(0, 512, 37):
        other = bytearray(signature)
        other[bit // 8] ^= 1 << bit % 8
        assert not key.holds(bytes(other), message)
    assert not key.holds(signature, message[:-1] + b"e")
    assert not key.holds(b"", message)
