"""How long calls take: wall-clock milliseconds, and what is typical of them."""

import statistics
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def milliseconds(calls: Iterable[Callable[[], object]]) -> list[float]:
    """How long each call took."""
    return [timed(call)[0] for call in calls]


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """How long a call took, and what it returned."""
    begun = time.perf_counter()
    result = call()
    return (time.perf_counter() - begun) * 1000, result


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Iterable[float], per_cent: int) -> float:
    """The value that so many per cent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * per_cent // 100) - 1)]
