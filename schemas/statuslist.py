"""Status lists: one bit per slot, packed and unpacked (Bitstring Status List 1.0, sections 3.1.3 and 3.3)."""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable

from schemas.errors import Malformed

MIN_SLOTS = 131_072
"""16 KB uncompressed: the herd privacy minimum (section 6.1)."""
MAX_BYTES = 4 * 1024 * 1024
"""32 million slots; a bomb stops inflating here."""


class TooShort(Malformed):
    """`STATUS_LIST_LENGTH_ERROR` (section 3.2)."""


def encode_bitstring(indices: Iterable[int], slots: int = MIN_SLOTS) -> str:
    """The set bits → `encodedList`: index 0 is the left-most bit; gzip; base64url without padding; multibase `u`."""
    bits = bytearray(slots // 8)
    for index in indices:
        bits[index >> 3] |= 0x80 >> (index & 7)
    packed = gzip.compress(bytes(bits), compresslevel=6, mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_bitstring(encoded: str) -> bytes:
    """`encodedList` → the bits. Raises `Malformed`, and `TooShort` below the minimum length."""
    if not re.fullmatch(r"u[A-Za-z0-9_-]+", encoded):
        raise Malformed.saying("statuslist.not_multibase")
    try:
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4))
        inflate = zlib.decompressobj(wbits=31)
        bits = inflate.decompress(packed, MAX_BYTES)
    except (binascii.Error, zlib.error):
        raise Malformed.saying("statuslist.not_gzip") from None
    if not inflate.eof:
        raise Malformed.saying("statuslist.too_long")
    if len(bits) * 8 < MIN_SLOTS:
        raise TooShort.saying("statuslist.too_short")
    return bits


def bit_at(bits: bytes, index: int) -> bool:
    """The bit of slot `index`; raises `Malformed` (`RANGE_ERROR`) outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise Malformed.saying("statuslist.out_of_range", index=index)
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def read_index(spelled: object) -> int:
    """`statusListIndex`, a decimal string of ASCII digits (C4: `int()` alone takes ١٢٣ and 1_000)."""
    if not isinstance(spelled, str) or not re.fullmatch(r"0|[1-9][0-9]{0,9}", spelled):
        raise Malformed.saying("statuslist.not_an_index")
    return int(spelled)
