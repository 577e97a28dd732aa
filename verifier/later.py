"""What has happened to a document since the instant that was asked about, as far as the register tells today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from registry.statuses import Change, State
from schemas.credential import Credential
from schemas.languages import KAZAKHSTAN, Text, say
from schemas.reading import shown
from schemas.statuslist import read_instant
from verifier.evidence import Standing
from verifier.moment import Moment


@dataclass(frozen=True, slots=True)
class Later:
    """One thing that happened, in words."""

    state: State | Literal["expired"]
    day: date
    because: Text

    def as_json(self) -> dict[str, Any]:
        return {"state": self.state, "on": self.day.isoformat(), "because": self.because.as_json()}


def later(credential: Credential, standing: Standing | None, moment: Moment) -> tuple[Later, ...]:
    """In the order of time; nothing of a document about which the register was not asked."""
    found = sorted(_found(credential, standing), key=lambda pair: pair[0]) if standing else []
    return tuple(each for instant, each in found if moment.instant < instant <= moment.now)


def _found(credential: Credential, standing: Standing) -> Iterator[tuple[datetime, Later]]:
    for change in standing.history.value or ():
        yield change.known_at, Later(change.state, change.told_on, _words("changed", change))
    parent = credential.parent_number
    for change in standing.parent_history.value or ():
        if parent and change.known_at not in {own.known_at for own in standing.history.value or ()}:
            told = _words("parent", change, number=parent)
            yield change.known_at, Later(change.state, change.told_on, told)
    if "validUntil" in credential.value:
        ends = read_instant(credential.value["validUntil"])
        day = ends.astimezone(KAZAKHSTAN).date()
        yield ends + timedelta(seconds=1), Later("expired", day, say("verify.later.expired", instant=ends))


def _words(key: str, change: Change, **more: object) -> Text:
    told = {"act": change.act_text, "when": change.when, "authority": shown(change.authority, 120)}
    return say(f"verify.later.{key}", **told, reason=change.reason_text, **more)
