"""The case of an annulment (Regulation 9.2): its states, the steps between them, and who may take each.

A step is never taken back: it is a row of the case and a row of the audit. Nothing of a case is public but the state of
the document that it leads to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from issuer.ends.officers import May
from schemas.errors import Refused
from schemas.languages import Text, say

CaseState = Literal[
    "recorded", "informed", "answered", "decided", "annulled", "closed", "appealed", "upheld", "rejected"
]
Step = Literal[
    "open",
    "suspend",
    "reinstate",
    "inform",
    "answer",
    "decide",
    "undecide",
    "effect",
    "close",
    "appeal",
    "uphold",
    "reject",
]


@dataclass(frozen=True, slots=True)
class Move:
    """From which states a step leads where, and the right of the officer who takes it."""

    after: tuple[CaseState, ...]
    to: CaseState | None
    """None: where it was."""
    may: May


_OPEN: tuple[CaseState, ...] = ("recorded", "informed", "answered")
MOVES: Mapping[Step, Move] = MappingProxyType(
    {
        "open": Move((), "recorded", "enter"),
        "suspend": Move(_OPEN, None, "confirm"),
        "reinstate": Move(_OPEN, None, "confirm"),
        "inform": Move(("recorded",), "informed", "enter"),
        "answer": Move(("informed", "answered"), "answered", "enter"),
        "decide": Move(("informed", "answered"), "decided", "enter"),
        "undecide": Move(("decided",), "informed", "enter"),
        "effect": Move(("decided",), "annulled", "confirm"),
        "close": Move(_OPEN, "closed", "enter"),
        "appeal": Move(("annulled", "rejected"), "appealed", "enter"),
        "uphold": Move(("appealed",), "upheld", "enter"),
        "reject": Move(("appealed",), "rejected", "enter"),
    }
)
OPEN: frozenset[CaseState] = frozenset({*_OPEN, "decided"})
"""While a case is in one of these, its document has no other."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: when, by whom, and what was said with it."""

    step: Step
    at: datetime
    by: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """An annulment, from the recorded violation to the end of an appeal."""

    name: str
    code: str
    number: str
    institution: str
    place: int
    state: CaseState
    steps: tuple[Taken, ...]

    @property
    def answer_by(self) -> date | None:
        """The last day on which the holder may answer."""
        informed = next((taken for taken in reversed(self.steps) if taken.step == "inform"), None)
        return date.fromisoformat(informed.said["answer_by"]) if informed else None

    def heard(self, today: date) -> bool:
        """Has the holder answered, or had the time to?"""
        answered = any(taken.step == "answer" for taken in self.steps)
        return answered or (self.answer_by is not None and today > self.answer_by)

    def after(self, step: Step) -> CaseState:
        """The state that the step leads to; raises `Refused` where it cannot follow."""
        move = MOVES[step]
        if self.state not in move.after:
            words = {"step": step_text(step), "state": state_text(self.state)}
            raise Refused.saying("annulment.cannot", number=self.number, **words)
        return move.to or self.state


def step_text(step: Step) -> Text:
    return say(f"annulment.step.{step}")


def state_text(state: CaseState) -> Text:
    return say(f"annulment.state.{state}")
