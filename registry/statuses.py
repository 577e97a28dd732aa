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

    Who entered and who confirmed it stays with the issuer.
    """

    act: Act
    reason: Reason
    authority: str
    basis: str
    effective_on: date
    recorded_at: datetime
    successor: str | None = None
    """The registration number of the document that takes its place."""

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
