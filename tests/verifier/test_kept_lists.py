"""Lists are kept between documents, the last ones asked for, and never more than so many bytes of them."""

from datetime import UTC, datetime, timedelta

import pytest

from keys.proof import proof_options, secure
from schemas.canonical import rdfc
from schemas.credential import utc, written
from schemas.errors import Refused
from schemas.statuslist import MAX_SLOTS, MIN_SLOTS, bit_at, encode_bitstring, list_document
from tests.world import named_key
from verifier import evidence
from verifier.evidence import KEPT_BYTES

KEY, NOW = named_key("lists"), datetime(2026, 11, 21, tzinfo=UTC)
DID = f"did:key:{KEY.multibase}"


def a_list(version: int, slots: int = MIN_SLOTS) -> bytes:
    """Version `version`, in which one slot is set."""
    begins, ends = utc(NOW), utc(NOW + timedelta(days=1))
    encoded = encode_bitstring([version], slots)
    value = list_document("https://a.example/status/1", DID, "revocation", encoded, begins, ends, version)
    return written(secure(value, rdfc(value), proof_options(f"{DID}#{KEY.multibase}", NOW), KEY))


def test_a_list_is_read_once_and_no_list_is_taken_for_another() -> None:
    kept, data = evidence._Lists(), [a_list(version) for version in range(1, 5)]
    read = [kept.read(each) for each in data]
    assert [kept.read(bytes(bytearray(each))) is found for each, found in zip(data, read, strict=True)] == [True] * 4
    assert [bit_at(found.content.bits, version) for version, found in enumerate(read, 1)] == [True] * 4
    assert [found.content.version for found in read] == [1, 2, 3, 4]


def test_however_large_the_lists_are_what_is_kept_is_bounded() -> None:
    kept = evidence._Lists()
    first, often = a_list(1, MAX_SLOTS), a_list(2, MAX_SLOTS)
    before, again = kept.read(first), kept.read(often)
    for version in range(3, 20):
        kept.read(a_list(version, MAX_SLOTS))
        assert kept.read(often) is again, "what is asked for stays"
        assert kept._size <= KEPT_BYTES
        assert kept._size == sum(evidence._size(data, found) for data, found in kept._kept.items())
    assert 10 < len(kept._kept) < 17
    assert kept.read(first) is not before


def test_one_list_larger_than_the_bound_is_kept_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "KEPT_BYTES", 1000)
    kept, data = evidence._Lists(), a_list(1)
    assert kept.read(data) is kept.read(data)
    kept.read(a_list(2))
    assert len(kept._kept) == 1


def test_what_is_no_list_is_not_kept() -> None:
    kept = evidence._Lists()
    for _ in range(2):
        with pytest.raises(Refused):
            kept.read(b"{}")
    assert (kept._kept, kept._size) == ({}, 0)
