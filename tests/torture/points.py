"""Where a process may die: before each statement, before and after each commit, around each signature and each answer.
After a statement is before the next. At the n-th such point it kills itself as `kill -9` does."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from keys.public import PublicKey
from keys.ring import KeyRing
from keys.signer import HashedDocument, Message, Signer

LISTS = "list"
"""In the journal, for a signature over no document: a list's token."""


@dataclass
class Points:
    """Counts the points that a process passes."""

    last: int | None = None
    """The point at which it dies; None: it is killed from outside."""
    around: str | None = None
    """Only points around this count: statement, transaction, signature or answer."""
    passed: int = 0

    def reach(self, what: str) -> None:
        self.passed += self.around in (None, what)
        if self.passed == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Every statement, commit and end of a transaction of `engine` is a point from now on."""

        def statement(*_: Any) -> None:
            self.reach("statement")

        def transaction(*_: Any) -> None:
            self.reach("transaction")

        sa.event.listen(engine, "before_cursor_execute", statement)
        for event in ("commit", "reset"):
            sa.event.listen(engine, event, transaction)


@dataclass(frozen=True)
class Witnessed:
    """A key whose every use is written down first, past all buffers."""

    key: Signer
    points: Points
    journal: int

    @property
    def public(self) -> PublicKey:
        return self.key.public

    @property
    def multibase(self) -> str:
        return self.key.multibase

    def sign(self, message: Message) -> bytes:
        what = message.document_digest.hex() if isinstance(message, HashedDocument) else LISTS
        os.write(self.journal, f"{what}\n".encode())
        self.points.reach("signature")
        signature = self.key.sign(message)
        self.points.reach("signature")
        return signature


class WitnessedKeys(KeyRing):
    """The keys of a world, each witnessed."""

    def __init__(self, ring: KeyRing, points: Points, journal: int) -> None:
        super().__init__(Path("/nowhere"), "")
        self.ring, self.points, self.journal = ring, points, journal

    def signer(self, multibase: str) -> Signer:
        return Witnessed(self.ring.signer(multibase), self.points, self.journal)
