"""Bytes → JSON, strictly: what a lenient parser would silently repair is refused here (docs/attacks.md A14–A18).

Everything handed in is read by `read_object` and nothing else; it does not look at what the members mean.
"""

import json
import math
import re
import unicodedata
from decimal import Decimal
from typing import Any, NoReturn, TypeAlias

from schemas.errors import Malformed

MAX_BYTES = 256 * 1024
"""Of one document (docs/formats.md, "Addresses")."""
MAX_DEPTH = 32
MAX_INTEGER = 2**53
"""Integers beyond it differ between JSON readers (RFC 8785 section 3.2.2.3, RFC 7493 section 2.2)."""

Json: TypeAlias = Any
"""What the parser returns; nothing beyond this module and the models builds on its shape."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Up to its end or the end of the text, with no way back: were the last quote required, a string that never ends would
be tried anew from each of its quotes, for hours."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Controls, lone surrogates and U+FFFE/U+FFFF: writers of N-Quads escape them differently."""


def read_object(data: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, Json]:
    """The one JSON object in `data`.

    Refuses with `Malformed`: more than `max_bytes`, other than UTF-8, nesting beyond `MAX_DEPTH`, a repeated
    member (also in escaped spelling), NaN, infinities, -0, integers beyond 2^53, numbers with more than two decimals,
    control characters and lone surrogates.
    """
    value = read_value(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise Malformed.saying("reading.not_an_object")
    return value


def read_value(data: bytes, *, max_bytes: int = MAX_BYTES) -> Json:
    """Like `read_object`, for any JSON value."""
    if len(data) > max_bytes:
        raise Malformed.saying("reading.too_large", limit=max_bytes // 1024)
    _check_depth(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed.saying("reading.not_utf8", position=error.start) from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except json.JSONDecodeError as error:
        raise Malformed.saying("reading.not_json", line=error.lineno, column=error.colno) from None
    if "\\u" in text or _UNWRITABLE.search(text):  # the parser refuses raw controls, so only an escape could hide one
        _check_characters(value)
    return value


def _check_depth(data: bytes) -> None:
    """Before parsing, since the parser itself recurses (docs/attacks.md A17)."""
    depth = 0
    for mark in re.findall(rb"[\[\]{}]", _STRING.sub(b"", data)):
        depth += 1 if mark in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed.saying("reading.too_deep", limit=MAX_DEPTH)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Malformed.saying("reading.repeated_member", name=shown(twice))
    return members


def _check_characters(value: Json) -> None:
    """After parsing, since an escape such as \\ud800 becomes a character only there."""
    if isinstance(value, str):
        if found := _UNWRITABLE.search(value):
            raise Malformed.saying("reading.unwritable_character", code=f"U+{ord(found[0]):04X}")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_characters(name)
            _check_characters(member)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)


def _no_constant(spelling: str) -> NoReturn:
    raise Malformed.saying("reading.not_a_number", number=spelling)


def _integer(spelling: str) -> int:
    if len(spelling) > 17 or abs(int(spelling)) > MAX_INTEGER or spelling == "-0":
        raise Malformed.saying("reading.number_out_of_range", number=shown(spelling))
    return int(spelling)


def _decimal(spelling: str) -> float:
    number = float(spelling) if len(spelling) <= 24 else math.inf
    if not math.isfinite(number) or abs(number) > MAX_INTEGER or not _exactly(number, spelling):
        raise Malformed.saying("reading.number_out_of_range", number=shown(spelling))
    if number != round(number, 2):
        raise Malformed.saying("reading.too_many_decimals", number=shown(spelling))
    return number


def _exactly(number: float, spelling: str) -> bool:
    """Does the float say what was written? Not so for -0, for 1e-400, and for digits beyond its precision."""
    written = Decimal(spelling)
    return written == Decimal(repr(number)) and not (written.is_signed() and written.is_zero())


def shown(text: str, limit: int = 60) -> str:
    """`text` fit to stand in a sentence: short, on one line, no invisible characters."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else "�" for c in text[: limit + 1])
    return visible if len(visible) <= limit else visible[:limit] + "…"
