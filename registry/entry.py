"""A published document. The same code with other bytes is an error: published things never change."""

from dataclasses import dataclass
from datetime import datetime

from schemas.credential import Slot


@dataclass(frozen=True, slots=True)
class Entry:
    """What the registry knows of a document, without the document."""

    code: str
    number: str
    kind: str
    issuer: str
    """The DID of the institution."""
    digest: str
    """SHA-256 of the JCS form without proof, lower-case hexadecimal."""
    registered_at: datetime
    slots: tuple[Slot, ...]
    parent: str | None = None
    """The registration number of the document that this one supplements."""
    withheld: bool = False
    """Does its code open no more than state, number and issuer, as the holder has asked (docs/attacks.md E22)?"""
