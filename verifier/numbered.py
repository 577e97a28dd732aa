"""What a registration number opens: state, kind, title, issuer and initials, and nothing else.

Numbers are given one after the other, so whoever has one has many (docs/attacks.md E6). The whole document is checked
all the same, since its state is what is asked for; the code that is printed on it opens the rest.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from registry.client import Registry
from schemas import display
from schemas.credential import stored_credential, utc
from schemas.languages import Text
from verifier.evidence import ask
from verifier.report import Signer, Verdict
from verifier.verify import verify


@dataclass(frozen=True, slots=True)
class Numbered:
    """The answer to a number."""

    verdict: Verdict
    checked_at: datetime
    number: str | None = None
    """None where nothing is shown: what was never issued is answered like what is not public."""
    test: bool = False
    kind: Text | None = None
    title: Text | None = None
    initials: Text | None = None
    issuer: Signer | None = None
    because: Text | None = None
    """Why nothing is known."""

    def as_json(self) -> dict[str, Any]:
        """The answer of `/api/n/{number}`."""
        issuer = self.issuer and {"id": self.issuer.id, "name": self.issuer.name.as_json()}
        texts = {name: getattr(self, name) for name in ("kind", "title", "initials", "because")}
        told = {name: text and text.as_json() for name, text in texts.items()}
        state = {"verdict": self.verdict, "test": self.test, "checked_at": utc(self.checked_at)}
        return {"number": self.number, **state, **told, "issuer": issuer}


def look_up_numbered(number: str, registry: Registry, now: datetime) -> Numbered:
    """Of the registered document with that number, as of `now`; `not_found` where there is none."""
    found = ask(lambda: registry.document_numbered(number))
    if found.silence:
        return Numbered("indeterminate", now, because=found.silence.because)
    if found.value is None:
        return Numbered("not_found", now)
    report = verify(found.value, registry, now, show=display.CODE)
    told, document = Numbered(report.verdict, report.checked_at, test=report.test), report.document
    if document is None or document.number is None:
        return told
    if document.number != number:
        return replace(told, verdict="tampered")
    told = replace(told, number=number, kind=document.kind, title=document.title, issuer=document.issuer)
    if document.holder is None:
        return told
    return replace(told, initials=stored_credential(found.value).facts.initials)
