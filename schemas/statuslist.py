"""Status lists packed and unpacked, both bit orders side by side: slot 0 is in the highest bit of the first byte of a
Bitstring Status List 1.0 (sections 3.1.3 and 3.3), and in the lowest of a Token Status List
(draft-ietf-oauth-status-list, section 4).
"""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from schemas.contexts import VC_2
from schemas.errors import Malformed
from schemas.reading import Json, shown

MIN_SLOTS = 131_072
"""16 KB uncompressed: the herd privacy minimum (section 6.1)."""
MAX_SLOTS = 16_777_216
"""Of a list of ours."""
MAX_BYTES = 4 * 1024 * 1024
"""32 million slots of one bit, 16 million of two; a bomb stops inflating here."""
_LARGE = 1024 * 1024
"""Bytes from which the best compression costs seconds, for a list that is a seventh smaller."""

TTL = timedelta(minutes=1)
"""How long a reader may go without asking for a newer list, in the list itself and in the answers' `Cache-Control`."""
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""Later instants have no date in some zones, and are taken for this one."""
TokenForm = Literal["jwt", "cwt"]
"""The tokens of a list, which stand at its address with this ending."""
Width = Literal[1, 2, 4, 8]
"""How many bits a status of a Token Status List has."""
_TYPES = ("VerifiableCredential", "BitstringStatusListCredential")
_SUBJECT_TYPES = ("BitstringStatusList", ["BitstringStatusList"])
VALID, INVALID, SUSPENDED = 0, 1, 2
"""Statuses of a Token Status List (section 7.1)."""


class TooShort(Malformed):
    """`STATUS_LIST_LENGTH_ERROR` (section 3.2)."""


def encode_bitstring(indices: Iterable[int], slots: int = MIN_SLOTS) -> str:
    """The set bits → `encodedList`: index 0 is the left-most bit; gzip; base64url without padding; multibase `u`."""
    bits = bytearray(slots // 8)
    for index in indices:
        bits[index >> 3] |= 0x80 >> (index & 7)
    packed = gzip.compress(bits, compresslevel=6, mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_bitstring(encoded: str) -> bytes:
    """`encodedList` → the bits. Raises `Malformed`, and `TooShort` below the minimum length."""
    if not re.fullmatch(r"u[A-Za-z0-9_-]+", encoded):
        raise Malformed.saying("statuslist.not_multibase")
    try:
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4))
    except binascii.Error:
        raise Malformed.saying("statuslist.not_packed") from None
    bits = _inflated(packed, zlib.MAX_WBITS | 16)
    if len(bits) * 8 < MIN_SLOTS:
        raise TooShort.saying("statuslist.too_short")
    return bits


def bit_at(bits: bytes, index: int) -> bool:
    """The bit of slot `index`; raises `Malformed` (`RANGE_ERROR`) outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise Malformed.saying("statuslist.out_of_range", index=index)
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def encode_statuses(statuses: Iterable[tuple[int, int]], slots: int = MIN_SLOTS, width: Width = 2) -> bytes:
    """(index, status) of what is not VALID → the compressed byte array (section 4.1): index 0 in the lowest bits of the
    first byte; ZLIB."""
    each = 8 // width
    packed = bytearray(slots // each)
    for index, status in statuses:
        if status >> width:
            raise ValueError(f"{status} has more than {width} bits")
        packed[index // each] |= status << (index % each * width)
    return zlib.compress(packed, 6 if len(packed) > _LARGE else 9)


def decode_statuses(compressed: bytes) -> bytes:
    """The compressed byte array → the byte array; raises `Malformed`."""
    return _inflated(compressed, zlib.MAX_WBITS)


def status_at(packed: bytes, index: int, width: Width = 2) -> int:
    """The status of slot `index`; raises `Malformed` outside the list (section 8.3)."""
    each = 8 // width
    if not 0 <= index < len(packed) * each:
        raise Malformed.saying("statuslist.out_of_range", index=index)
    return (packed[index // each] >> (index % each * width)) & ((1 << width) - 1)


def _inflated(data: bytes, window: int) -> bytes:
    """One compressed stream and nothing behind it, since some readers would go on reading there."""
    try:
        inflate = zlib.decompressobj(window)
        found = inflate.decompress(data, MAX_BYTES)
    except zlib.error:
        raise Malformed.saying("statuslist.not_packed") from None
    if not inflate.eof:
        raise Malformed.saying("statuslist.too_long")
    if inflate.unused_data:
        raise Malformed.saying("statuslist.not_packed")
    return found


def read_index(spelled: object) -> int:
    """`statusListIndex`, a decimal string of ASCII digits: `int()` alone takes ١٢٣ and 1_000 (docs/attacks.md C4)."""
    if not isinstance(spelled, str) or not re.fullmatch(r"0|[1-9][0-9]{0,9}", spelled):
        raise Malformed.saying("statuslist.not_an_index")
    return int(spelled)


def version_id(url: str, version: int) -> str:
    """How version `version` of the list at `url` is called in the list itself: versions only grow, and are signed."""
    return f"{url}#{version}"


def read_version(named: object, url: str) -> int | None:
    """The reverse; None for another's list, which is called otherwise or not at all."""
    if not isinstance(named, str) or not (found := re.fullmatch(re.escape(url) + r"#([1-9][0-9]{0,15})", named)):
        return None
    return int(found[1])


@dataclass(frozen=True, slots=True)
class StatusList:
    """What a status list credential states."""

    url: str
    issuer: str
    purpose: str
    version: int | None
    """Where it is one of ours."""
    valid_from: datetime
    valid_until: datetime
    bits: bytes


def list_document(
    url: str, issuer: str, purpose: str, encoded: str, valid_from: str, valid_until: str, version: int = 1
) -> dict[str, Json]:
    """The unsigned status list credential (Bitstring Status List 1.0, section 2.2)."""
    return {
        "@context": [VC_2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "validUntil": valid_until,
        "credentialSubject": {
            "id": version_id(url, version),
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": TTL // timedelta(milliseconds=1),
            "encodedList": encoded,
        },
    }


def read_list_document(document: Mapping[str, Json]) -> StatusList:
    """The reverse, for a list of ours or of others; raises `Malformed`."""
    subject, types = document.get("credentialSubject"), document.get("type")
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [VC_2]:  # else a term might be no longer what was signed
        raise Malformed.saying("statuslist.no_list")
    if not isinstance(types, list) or not isinstance(subject, dict):
        raise Malformed.saying("statuslist.no_list")
    if any(name not in types for name in _TYPES) or subject.get("type") not in _SUBJECT_TYPES:
        raise Malformed.saying("statuslist.no_list")  # by an address instead, its terms would not be the standard's
    issuer, url = document.get("issuer"), str(document.get("id"))
    return StatusList(
        url=url,
        issuer=str(issuer.get("id") if isinstance(issuer, dict) else issuer),
        purpose=str(subject.get("statusPurpose")),
        version=read_version(subject.get("id"), url),
        valid_from=read_instant(document.get("validFrom")),
        valid_until=read_instant(document.get("validUntil")),
        bits=decode_bitstring(str(subject.get("encodedList"))),
    )


def read_instant(value: object) -> datetime:
    """An `xsd:dateTimeStamp` (XML Schema 1.1 Part 2, section 3.4.28), strictly (docs/attacks.md B16).

    Raises `Malformed`.
    """
    pattern = r"([1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"
    if not isinstance(value, str) or not (match := re.fullmatch(pattern, value, re.ASCII)):
        raise Malformed.saying("statuslist.not_an_instant", value=shown(str(value)))
    try:
        return min(datetime.fromisoformat(match[1] + match[3]), LATEST)
    except ValueError:
        raise Malformed.saying("statuslist.not_an_instant", value=shown(value)) from None
