"""Check, Report, and the verdict that is derived from the checks, never set.

Which claims a report reveals follows from the verdict (docs/journey.md, "The verdict") and from what was handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from registry.entitlement import Behalf
from registry.issuers import Accreditation
from registry.statuses import Change
from schemas.credential import utc
from schemas.display import Line, Table
from schemas.languages import Text, say
from schemas.reading import shown
from verifier.abridged import abridged
from verifier.later import Later

Outcome = Literal["passed", "failed", "unknown", "not_applicable"]
Policy = Literal["product", "open"]

Verdict = Literal[
    "valid",
    "indeterminate",
    "expired",
    "not_yet_valid",
    "replaced",
    "suspended",
    "revoked",
    "annulled",
    "not_accredited",
    "unknown_issuer",
    "tampered",
    "unsupported",
    "malformed",
    "not_found",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Where several hold, the one later in this order is the verdict."""

Reveal = Literal["everything", "title_and_number", "claimed_name", "nothing"]
REVEAL_ORDER: tuple[Reveal, ...] = get_args(Reveal)
"""From most to least."""
REVEALS: dict[Verdict, Reveal] = {
    "valid": "everything",
    "expired": "everything",
    "not_yet_valid": "everything",
    "indeterminate": "title_and_number",
    "replaced": "title_and_number",
    "suspended": "title_and_number",
    "revoked": "title_and_number",
    "annulled": "title_and_number",
    "not_accredited": "title_and_number",
    "unknown_issuer": "claimed_name",
    "tampered": "nothing",
    "unsupported": "nothing",
    "malformed": "nothing",
    "not_found": "nothing",
}
"""What of the document each verdict lets a reader see (docs/journey.md, "The verdict")."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One proof of a document: who signed in which capacity, by the register, and whether it holds."""

    role: str | None
    """`institution`, or a role of `registry.issuers`; None for a key that the register does not name, or was not asked
    for."""
    name: Text | None
    position: Text | None
    method: str
    created: datetime | None
    outcome: Outcome
    because: Text

    def as_json(self) -> dict[str, Any]:
        return {
            "role": self.role,
            "name": self.name and self.name.as_json(),
            "position": self.position and self.position.as_json(),
            "method": shown(self.method, 200),
            "created": self.created and utc(self.created),
            "outcome": self.outcome,
            "because": self.because.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Unasked:
    """A source that gave no answer: what was to be asked of it, and why there was none."""

    what: Text
    because: Text

    @property
    def told(self) -> Text:
        """Both in one sentence."""
        return say("verify.source.silent", what=self.what, because=self.because)

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what.as_json(), "because": self.because.as_json()}


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered step: what was looked at, how it went, and why, in a sentence."""

    n: int
    name: str
    outcome: Outcome
    because: Text
    verdict: Verdict | None = None
    """What a failure makes of the document."""
    signature: Signature | None = None
    """Of step 6: the proof that was looked at."""
    unasked: tuple[Unasked, ...] = ()
    """Sources that were silent, where the step could not be decided without them."""

    @property
    def title(self) -> Text:
        return say(f"verify.step.{self.n}")

    def as_json(self) -> dict[str, Any]:
        return {"n": self.n, "name": self.name, "outcome": self.outcome, "because": self.because.as_json()}


@dataclass(frozen=True, slots=True)
class Signer:
    """The issuer as people are told of it: by the registry's name, or by its own claim, which nobody confirms."""

    id: str
    name: Text
    confirmed: bool
    bin: str | None = None
    city: Text | None = None
    accreditation: Accreditation | None = None
    """By which it was issued: its own, or that of the institution in whose name it has issued."""
    on_behalf_of: Behalf | None = None

    def as_json(self) -> dict[str, Any]:
        behalf = self.on_behalf_of
        mandator = behalf and {
            "id": behalf.mandator.did,
            "name": behalf.mandator.name.as_json(),
            "bin": behalf.mandator.bin,
        }
        return {
            "id": self.id,
            "name": self.name.as_json(),
            "confirmed": self.confirmed,
            "bin": self.bin,
            "city": self.city and self.city.as_json(),
            "accreditation": self.accreditation and _accreditation(self.accreditation),
            "on_behalf_of": mandator and behalf and {**mandator, "mandate": behalf.number},
        }


def _accreditation(right: Accreditation) -> dict[str, Any]:
    until = right.valid_until and right.valid_until.isoformat()
    days = {"valid_from": right.valid_from.isoformat(), "valid_until": until}
    return {"body": right.body.as_json(), "number": shown(right.number, 60), **days}


@dataclass(frozen=True, slots=True)
class Person:
    """A signatory: name and position."""

    name: str
    position: Text


@dataclass(frozen=True, slots=True)
class Shown:
    """What the report reveals of the document; a field is None or empty where it is kept back."""

    kind: Text | None
    kind_name: str | None
    title: Text | None
    holder: Text | None
    number: str | None
    code: str | None
    issuer: Signer
    issued_on: date | None
    valid_until: datetime | None
    lines: tuple[Line, ...]
    """Of the facts, what the reader may see; see `schemas.display`."""
    signatories: tuple[Person, ...]
    legal_basis: Text | None
    history: tuple[Change, ...]
    """Every change of state that is in effect, with its reason."""
    successor_code: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The report's `document`."""
        return {
            "kind": self.kind_name,
            "kind_title": self.kind and self.kind.as_json(),
            "title": self.title and self.title.as_json(),
            "holder": self.holder and self.holder.as_json(),
            "number": self.number,
            "code": self.code,
            "issuer": self.issuer.as_json(),
            "issued_on": self.issued_on and self.issued_on.isoformat(),
            "valid_until": self.valid_until and utc(self.valid_until),
            "fields": [_line(line) for line in self.lines],
            "signatories": [{"name": p.name, "position": p.position.as_json()} for p in self.signatories],
            "legal_basis": self.legal_basis and self.legal_basis.as_json(),
            "history": [_change(change) for change in self.history],
            "successor": self.successor_code,
        }


def _line(line: Line) -> dict[str, Any]:
    return {"name": line.name, "label": line.label.as_json(), "value": _value(line.value)}


def _value(value: Text | Table | tuple[Line, ...]) -> Any:
    if isinstance(value, Text):
        return value.as_json()
    if isinstance(value, Table):
        head = [{"name": n, "label": label.as_json()} for n, label in zip(value.names, value.head, strict=True)]
        return {"head": head, "rows": [[cell.as_json() for cell in row] for row in value.rows]}
    return [_line(line) for line in value]


def _change(change: Change) -> dict[str, Any]:
    return {
        "state": change.act,
        "reason": change.reason,
        "reason_text": change.reason_text.as_json(),
        "authority": change.authority,
        "basis": change.basis,
        "effective_on": change.effective_on.isoformat(),
        "recorded_at": utc(change.recorded_at),
        "successor": change.successor,
        "decided_on": (change.decided_on or change.effective_on).isoformat(),
        "from_beginning": change.from_beginning,
    }


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a verification."""

    checks: tuple[Check, ...]
    checked_at: datetime
    policy: Policy
    test: bool
    document: Shown | None
    at: datetime | None = None
    """The time that was asked about, where it was another than now."""
    later: tuple[Later, ...] = ()
    """What has happened since that time."""

    @property
    def verdict(self) -> Verdict:
        return derive(self.checks)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Every proof of the document: the institution's, then the co-signatures."""
        return tuple(check.signature for check in self.checks if check.signature)

    @property
    def unasked(self) -> tuple[Unasked, ...]:
        """Which sources could not be asked, each once."""
        return unasked_of(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `tanu verify --json` and `POST /api/verify`; shortened where it would be too long a refusal."""
        whole = {
            "verdict": self.verdict,
            "test": self.test,
            "checked_at": utc(self.checked_at),
            "at": self.at and utc(self.at),
            "later": [each.as_json() for each in self.later],
            "policy": self.policy,
            "checks": [check.as_json() for check in self.checks],
            "signatures": [signature.as_json() for signature in self.signatures],
            "unasked": [source.as_json() for source in self.unasked],
            "document": self.document and self.document.as_json(),
        }
        return whole if REVEALS[self.verdict] == "everything" else abridged(whole, [whole])


def unasked_of(checks: Sequence[Check]) -> tuple[Unasked, ...]:
    """The silent sources of all checks, each once."""
    return tuple(dict.fromkeys(source for check in checks for source in check.unasked))


def derive(checks: Sequence[Check]) -> Verdict:
    """The verdict: what the failed checks make of the document, the later word in `VERDICTS` winning; an unknown
    outcome makes it indeterminate; valid only when nothing failed and nothing is unknown."""
    found: list[Verdict] = ["valid"] if checks else ["not_found"]
    for check in checks:
        if check.outcome == "failed":
            found.append(check.verdict or "malformed")
        elif check.outcome == "unknown":
            found.append("indeterminate")
    return max(found, key=VERDICTS.index)
