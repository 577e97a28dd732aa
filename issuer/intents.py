"""What the issuer's own record holds: intents to sign, errands, orders, and changes with the persons behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from registry.statuses import Act, Change, Reason

IntentState = Literal["intended", "final", "void"]


@dataclass(frozen=True, slots=True)
class Intent:
    """The recorded intention to sign exactly `document`, with these proof options."""

    code: str
    number: str
    institution: str
    kind: str
    profile: str
    case: str
    facts_digest: str
    document: bytes
    canonical_sha256: str
    options: Mapping[str, Any]
    operator: str
    created_at: datetime
    state: IntentState = "intended"
    parent: str | None = None

    @property
    def case_of(self) -> tuple[str, str, str]:
        """Institution, kind and case: there is one document of these."""
        return self.institution, self.kind, self.case


@dataclass(frozen=True, slots=True)
class Errand:
    """What waits to be delivered to the registry: `publish` or `withhold` a code, or `change` an event."""

    id: int
    errand: str
    subject: str


@dataclass(frozen=True, slots=True)
class Order:
    """What an authority has decided about a document, as one person enters it."""

    act: Act
    reason: Reason
    authority: str
    basis: str
    """The legal ground."""
    minutes: str
    """The number of the minutes or of the order."""
    entered_by: str
    decided_on: date | None = None
    """None: today."""
    effective_on: date | None = None
    """None: the day of the decision for an annulment, else the day on which it is confirmed."""
    from_beginning: bool = False
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order that waits for a second person; nothing of it is public."""

    event: str
    code: str
    number: str
    institution: str
    order: Order
    proposed_at: datetime
    case: str | None = None
    """Of an annulment."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A change of state with the minutes and the persons behind it."""

    event: str
    code: str
    change: Change
    entered_by: str
    confirmed_by: str | None
    minutes: str = ""
