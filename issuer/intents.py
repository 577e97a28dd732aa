"""What the issuer's own record holds: intents to sign, errands, and changes with the persons behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from registry.statuses import Change

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
    """What waits to be delivered to the registry: `publish` a code, or `change` an event."""

    id: int
    errand: str
    subject: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A change of state with the persons behind it."""

    event: str
    code: str
    change: Change
    entered_by: str
    confirmed_by: str | None
