"""The machine's clock, as far as issuing relies on it (docs/attacks.md F25).

Numbers, slots and the order of what is recorded never depend on it. The dates in a document do: so nothing is signed
while the clock is behind the newest signature, or has stepped since the process began.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.errors import Unavailable

BEARABLE = timedelta(seconds=60)
"""By so much a clock is set right without a word."""


class WrongClock(Unavailable):
    """Nothing is issued until the clock is right."""


def since_boot() -> float:
    """Seconds that no setting of the clock changes, and that go on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Steady:
    """Does the clock go as time does? Asked again and again while a process lives."""

    elapsed: Callable[[], float] = since_boot
    _began: list[tuple[datetime, float]] = field(default_factory=list, repr=False)

    def check(self, now: datetime, newest: datetime | None) -> None:
        """Raises `WrongClock` where `now` lies before the newest signature, or is not as much later than when it was
        first asked as time has passed since."""
        if newest is not None and newest - now > BEARABLE:
            raise WrongClock.saying("clock.behind", now=now, newest=newest)
        elapsed = self.elapsed()
        if not self._began:
            self._began.append((now, elapsed))
        began, before = self._began[0]
        if abs((now - began) - timedelta(seconds=elapsed - before)) > BEARABLE:
            raise WrongClock.saying("clock.stepped", now=now, due=began + timedelta(seconds=round(elapsed - before)))
