"""Status lists: packed and unpacked beside the libraries of others, signed and checked; the smallest and the largest.

    python -m bench.lists SLOTS

makes and checks one version of a list of so many slots, and nothing else: for looking at its memory.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench import peer
from bench.table import Goal, Peer, Row
from bench.timing import median, milliseconds
from keys import cose, jose
from keys.multibase import base64url_decode, base64url_encode
from keys.proof import check, proof_options, secure
from keys.signer import FileSigner
from keys.statustoken import StatusToken
from schemas.canonical import rdfc
from schemas.credential import utc, written
from schemas.reading import Json
from schemas.statuslist import (
    INVALID,
    MAX_SLOTS,
    MIN_SLOTS,
    TTL,
    bit_at,
    decode_bitstring,
    decode_statuses,
    encode_bitstring,
    encode_statuses,
    list_document,
    status_at,
)
from verifier.evidence import read_list

TIMES = {MIN_SLOTS: 15, MAX_SLOTS: 3}
URL, NOW = "https://tanu.example/status/bench-revocation-1", datetime(2026, 11, 21, tzinfo=UTC)
_DOES = {"bitstring": "the same", "token": "the same, by way of an array of numbers"}
BITSTRING, TOKEN = "@digitalbazaar/vc-bitstring-status-list", "@sd-jwt/jwt-status-list"


@dataclass(frozen=True, slots=True)
class List:
    """Slots, of which some are set at random, always the same ones."""

    slots: int
    per_mille: int

    @property
    def indices(self) -> list[int]:
        chance, wanted, found = random.Random(self.slots), self.slots * self.per_mille // 1000, {0, self.slots - 1}
        while len(found) < wanted:
            found.add(chance.randrange(self.slots))
        return sorted(found)

    def __str__(self) -> str:
        return f"status list of {self.slots:,} slots, {self.per_mille / 10:g} % set"


def rows(scratch: Path) -> Iterator[Row]:
    """Of each size the figures at 1 %, of the largest at 10 % too."""
    for each in (List(MIN_SLOTS, 10), List(MAX_SLOTS, 10), List(MAX_SLOTS, 100)):
        yield from _packing(each)
    for each in (List(MIN_SLOTS, 10), List(MAX_SLOTS, 10)):
        yield from _signing(each)
    yield _memory(scratch)


def _packing(each: List) -> Iterator[Row]:
    indices = each.indices
    encoded = encode_bitstring(indices, each.slots)
    packing, unpacking = partial(encode_bitstring, indices, each.slots), partial(decode_bitstring, encoded)
    yield from _both(each, "bitstring", BITSTRING, packing, unpacking, _same_bits)
    statuses = [(index, INVALID) for index in indices]
    lst = _packed(statuses, each.slots)
    yield from _both(
        each, "token", TOKEN, partial(_packed, statuses, each.slots), partial(_unpacked, lst), _same_statuses
    )


def _packed(statuses: Sequence[tuple[int, int]], slots: int) -> str:
    return base64url_encode(encode_statuses(statuses, slots))


def _unpacked(lst: str) -> bytes:
    return decode_statuses(base64url_decode(lst))


def _same_bits(encoded: str, indices: Sequence[int]) -> bool:
    bits = decode_bitstring(encoded)
    return all(bit_at(bits, index) for index in indices)


def _same_statuses(encoded: str, indices: Sequence[int]) -> bool:
    packed = _unpacked(encoded)
    return all(status_at(packed, index) == INVALID for index in indices)


def _both(
    each: List,
    form: str,
    library: str,
    packing: Callable[[], object],
    unpacking: Callable[[], object],
    same: Callable[[str, Sequence[int]], bool],
) -> Iterator[Row]:
    """Packed from its indices and unpacked, beside the library, whose list ours has to read."""
    times, said, name = TIMES[each.slots], None, ""
    if form == "bitstring" or each.slots == MIN_SLOTS:  # the other keeps each status as text on the way
        with peer.peer("lists.mjs", library) as other:
            if other:
                said = other.ask(form=form, length=each.slots, indices=each.indices, times=times)
                name = other.name
                if not same(said["encoded"], each.indices):
                    raise AssertionError(f"{name} and Tanu read different lists")
    for work, verb, call in (("from its indices", "packed", packing), ("in memory", "unpacked", unpacking)):
        against = Peer(name, median(said[verb]), _DOES[form]) if said else None
        yield Row(f"{form} {each}: {verb} {work}", median(milliseconds([call] * times)), "ms", peer=against)


def _signing(each: List) -> Iterator[Row]:
    signer, indices, times = FileSigner.generate(), each.indices, TIMES[each.slots]
    document = _signed(signer, indices, each.slots)
    making = [partial(_signed, signer, indices, each.slots)] * times
    yield Row(
        f"one version of a {each}: packed, and signed as credential, JWT and CWT", median(milliseconds(making)), "ms"
    )
    checking = [partial(_checked, signer, document + b" " * at) for at in range(times)]
    yield Row(
        "the same checked from its bytes: read, canonical form, proof, bits", median(milliseconds(checking)), "ms"
    )


def _signed(signer: FileSigner, indices: Sequence[int], slots: int) -> bytes:
    did = f"did:key:{signer.multibase}"
    method, ends = f"{did}#{signer.multibase}", NOW + timedelta(days=1)
    value: dict[str, Json] = list_document(
        URL, did, "revocation", encode_bitstring(indices, slots), utc(NOW), utc(ends)
    )
    compressed = encode_statuses(((index, INVALID) for index in indices), slots)
    token = StatusToken(URL, did, 1, NOW, ends, TTL, 2, compressed)
    jose.seal_list(token, signer, method)
    cose.seal_list(token, signer, method)
    return written(secure(value, rdfc(value), proof_options(method, NOW), signer))


def _checked(signer: FileSigner, data: bytes) -> None:
    found = read_list(data)
    proof = found.document["proof"]
    if not check(found.document, proof, signer.public, found.canonical) or not bit_at(found.content.bits, 0):
        raise AssertionError("the list does not hold")


def _memory(scratch: Path) -> Row:
    """Of a process that makes and checks one list of the largest size."""
    command = [sys.executable, "-m", "bench.lists", str(MAX_SLOTS)]
    watched = [sys.executable, "-m", "bench.watched", "1", str(scratch / "lists.txt"), *command]
    told = json.loads(subprocess.run(watched, capture_output=True, check=True, text=True).stdout)
    if told["code"] != 0:
        raise AssertionError((scratch / "lists.txt").read_text())
    work = "the same, made and checked in a process of its own: peak memory"
    return Row(work, told["peak"] / 1e6, "MB", Goal(300))


def main(slots: int) -> None:
    """One version, 1 % set."""
    signer = FileSigner.generate()
    _checked(signer, _signed(signer, List(slots, 10).indices, slots))


if __name__ == "__main__":
    main(int(sys.argv[1]))
