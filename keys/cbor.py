"""CBOR (RFC 8949), read strictly: no tags, no lengths left open, no member twice, nothing behind the end.

The order of a map's members is free when it is read, as the standards that use it leave it so.
"""

from collections import defaultdict
from io import BytesIO
from typing import Any, NoReturn

import cbor2

from schemas.errors import Malformed

_MAX_DEPTH = 8


def write(value: Any) -> bytes:
    """Core deterministic encoding (section 4.2.1)."""
    return cbor2.dumps(value, canonical=True)


def read_shortest(data: bytes) -> Any:
    """The one item in `data`, each number and length of which has its shortest form; raises `Malformed` for anything
    else."""
    value = read(data)
    try:
        again = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError):
        raise Malformed.saying("keys.not_cbor") from None
    if again != data:
        raise Malformed.saying("keys.not_cbor")
    return value


def read(data: bytes) -> Any:
    """The one item in `data`, in whatever form others write its numbers; raises `Malformed` for anything else."""
    source = BytesIO(data)
    try:
        value = cbor2.load(
            source,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=False,
            max_depth=_MAX_DEPTH,
            semantic_decoders=defaultdict(lambda: _tagged),
        )
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        raise Malformed.saying("keys.not_cbor") from None
    if source.tell() != len(data):
        raise Malformed.saying("keys.not_cbor")
    return value


def _tagged(*_: Any) -> NoReturn:
    """A tag gives a value another meaning, a date, a pattern, a reference; none of ours has one."""
    raise Malformed.saying("keys.not_cbor")
