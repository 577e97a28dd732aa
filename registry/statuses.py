"""The state of a document over time: valid, suspended, revoked, annulled, replaced; each change with its reason.

Revoked: the document is withdrawn (wrongly made, key compromised). Annulled: the award is withdrawn by decision
after a violation (Regulation 9.2). Replaced: corrected by a successor. These three are terminal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from schemas.credential import start_of
from schemas.errors import Refused
from schemas.languages import Text, say
from schemas.statuslist import INVALID, SUSPENDED, VALID

Act = Literal["suspended", "reinstated", "revoked", "annulled", "replaced"]
State = Literal["valid", "suspended", "revoked", "annulled", "replaced"]
Reason = Literal["error", "violation", "key_compromised", "correction", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)
Reach = Literal["day", "back", "beginning"]
TERMINAL: frozenset[State] = frozenset({"revoked", "annulled", "replaced"})
"""All three set the revocation bit; the record says which."""

_FOLLOWS: dict[State, frozenset[Act]] = {
    "valid": frozenset({"suspended", "revoked", "annulled", "replaced"}),
    "suspended": frozenset({"reinstated", "revoked", "annulled", "replaced"}),
    "revoked": frozenset(),
    "annulled": frozenset(),
    "replaced": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a document's state, as published: whose decision, on what ground, from which day.

    The number of the minutes, who entered and who confirmed it stay with the issuer.
    """

    act: Act
    reason: Reason
    authority: str
    basis: str
    effective_on: date
    recorded_at: datetime
    successor: str | None = None
    """The registration number of the document that takes its place."""
    decided_on: date | None = None
    """None: on the day from which it holds."""
    from_beginning: bool = False
    """Ex tunc: the document never had effect, and `effective_on` is its day of issue."""

    @property
    def reach(self) -> Reach:
        """How far before the decision it holds."""
        if self.from_beginning:
            return "beginning"
        return "back" if self.decided_on and self.effective_on < self.decided_on else "day"

    @property
    def when(self) -> Text:
        """From when it holds, and where it reaches back, by a decision of which day."""
        return say(f"status.when.{self.reach}", day=self.effective_on, decided=self.decided_on or self.effective_on)

    @property
    def told_on(self) -> date:
        """The day that stands for it: from which it holds, or where that is the beginning, of the decision."""
        return (self.decided_on or self.effective_on) if self.from_beginning else self.effective_on

    @property
    def known_at(self) -> datetime:
        """From when on it holds and can be known: not before it was recorded, even where it reaches back."""
        return max(self.effective_at, self.recorded_at)

    @property
    def effective_at(self) -> datetime:
        """From when it holds: a date that is today's holds at once, so never before it was recorded, but for an
        annulment, whose decision may reach back."""
        start = start_of(self.effective_on)
        return start if self.act == "annulled" else max(start, self.recorded_at)

    @property
    def state(self) -> State:
        return "valid" if self.act == "reinstated" else self.act

    @property
    def reason_text(self) -> Text:
        return say(f"status.reason.{self.reason}")

    @property
    def act_text(self) -> Text:
        return say(f"status.act.{self.act}")


def changes_at(history: Iterable[Change], instant: datetime) -> Sequence[Change]:
    """The changes in effect at `instant`, in the order in which they were recorded."""
    return [change for change in history if change.effective_at <= instant]


def state_at(history: Iterable[Change], instant: datetime) -> State:
    """The state at `instant`; a terminal state is never left."""
    state: State = "valid"
    for change in changes_at(history, instant):
        if state not in TERMINAL:
            state = change.state
    return state


def check_follows(history: Sequence[Change], act: Act, number: str) -> None:
    """Raises `Refused` unless `act` may follow the last recorded change, in effect or not yet."""
    last: State = history[-1].state if history else "valid"
    if act not in _FOLLOWS[last]:
        raise Refused(
            say("status.cannot_follow", number=number, act=say(f"status.act.{act}"), state=say(f"status.state.{last}"))
        )


def bits(state: State, purpose: str) -> bool:
    """Is the bit of a list with `purpose` set in `state`? (Bitstring Status List 1.0, section 2.2)"""
    return state in TERMINAL if purpose == "revocation" else state == "suspended"


def token_status(state: State) -> int:
    """The same in a token, which has one status for each document (draft-ietf-oauth-status-list, section 7)."""
    return INVALID if state in TERMINAL else SUSPENDED if state == "suspended" else VALID
