"""The instant that a report is about: now, or a time in the past that somebody asks about."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.doors import BadMoment
from schemas.credential import start_of
from schemas.errors import Malformed
from schemas.reading import shown
from schemas.statuslist import read_instant

CLOCK_SKEW = timedelta(minutes=5)
"""How far another machine's clock may run ahead."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stood `at` an instant, by what is known `now`; without one, how they stand now."""

    now: datetime
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at is not None and self.at > self.now:
            raise BadMoment.saying("verify.at.later", instant=self.at)

    @property
    def instant(self) -> datetime:
        return self.at or self.now

    @property
    def is_past(self) -> bool:
        return self.instant < self.now

    @property
    def latest(self) -> datetime:
        """What began later has not begun. About now, another machine's clock may say otherwise; of the past, none."""
        return self.instant if self.is_past else self.now + CLOCK_SKEW

    @property
    def today(self) -> "Moment":
        """The same knowledge about now."""
        return Moment(self.now)


def read_moment(spelled: str) -> datetime:
    """A day, which stands for 00:00 in Kazakhstan, or an instant with its zone; raises `BadMoment`."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", spelled, re.ASCII):
            return start_of(date.fromisoformat(spelled))
        return read_instant(spelled)
    except (Malformed, ValueError):
        raise BadMoment.saying("verify.at.unreadable", spelled=shown(spelled)) from None
