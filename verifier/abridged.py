"""What is told of refused input stays within a bound, however much was handed in.

The verdict stays, of each document; of its lines those that say what is wrong come first, and how many are left out of
which member is told. What reveals everything is never shortened.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

MOST_BYTES = 48 * 1024
"""Of an answer before what a door adds: the whole stays below 64 KB."""
_LISTS = ("checks", "signatures", "unasked", "later")
_ORDER = ("failed", "unknown", "unasked", "document", "checks", "signatures", "later")
"""Which parts of a report are told first: failed and unknown checks, and then the others by their member."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One line of a report, or what it shows of the document, and where it stood."""

    member: str
    place: int
    value: Any

    @property
    def rank(self) -> int:
        outcome = self.value.get("outcome") if self.member == "checks" else None
        return _ORDER.index(outcome if outcome in _ORDER else self.member)


def abridged(answer: dict[str, Any], reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`answer` with its reports, which are shortened in place where all together would be too long: from each in turn
    what comes first, as long as there is room."""
    if _size(answer) <= MOST_BYTES:
        return answer
    offered = [_taken_out(report) for report in reports]
    told = _as_fit(offered, MOST_BYTES - _size(answer))
    for report, parts in zip(reports, told, strict=True):
        _put_back(report, parts)
    return answer


def _taken_out(report: dict[str, Any]) -> list[_Part]:
    """Every part of a report, what comes first first; the report is left with none, and says so."""
    parts = [_Part(member, place, value) for member in _LISTS for place, value in enumerate(report[member])]
    parts += [_Part("document", 0, report["document"])] if report["document"] else []
    missing = Counter(report.get("left_out", {})) + Counter(part.member for part in parts)
    report |= {member: [] for member in _LISTS} | {"document": None, "left_out": dict(missing)}
    return sorted(parts, key=lambda part: part.rank)


def _as_fit(offered: Sequence[Sequence[_Part]], room: int) -> list[list[_Part]]:
    """Of each report the parts for which there is room."""
    told: list[list[_Part]] = [[] for _ in offered]
    for of, part in _in_turn(offered):
        if (size := _size(part.value) + 1) <= room:
            told[of].append(part)
            room -= size
    return told


def _in_turn(offered: Sequence[Sequence[_Part]]) -> Iterator[tuple[int, _Part]]:
    """The first part of each report, then the second of each."""
    for parts in zip_longest(*offered):
        yield from ((of, part) for of, part in enumerate(parts) if part)


def _put_back(report: dict[str, Any], parts: Sequence[_Part]) -> None:
    """In the order in which they stood."""
    for part in sorted(parts, key=lambda part: part.place):
        if part.member == "document":
            report["document"] = part.value
        else:
            report[part.member].append(part.value)
    missing = Counter(report.pop("left_out")) - Counter(part.member for part in parts)
    report |= {"left_out": dict(missing)} if missing else {}


def _size(value: Mapping[str, Any]) -> int:
    """As JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
