"""Who does the work on a document that strangers have made: canonical forms, and whether a proof fits.

In this process for documents of one's own and in tests; in a worker that can be killed (`verifier.worker`) wherever
somebody may hand in anything (docs/decisions/0013-work-on-strangers-documents-in-a-worker.md).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from keys.proof import Keyed, check_all
from schemas import stated
from schemas.canonical import Digested
from schemas.errors import Refused
from schemas.reading import Json
from schemas.stated import Stated


class Canonizer(Protocol):
    """Work raises `schemas.errors.Refused` for what is wrong or too much, and `Unavailable` when too many ask."""

    def stated(self, document: Json) -> Stated:
        """The canonical form of a document and what it says of the document itself (`schemas.stated`)."""

    def holds(
        self, document: Mapping[str, Json], keyed: Sequence[Keyed], canonical: Digested | None = None
    ) -> list[bool | Refused]:
        """All proofs that a document has in one piece of work, so that more of them get no more time: for each whether
        it fits the document and its key, or why it is no proof (`keys.proof.check_all`)."""

    def shared(self) -> "Canonizer":
        """The same for one request, whose pieces of work share an allowance."""


class InProcess:
    """Here and now: bounded by the counts of `schemas.canonical` alone."""

    def stated(self, document: Json) -> Stated:
        return stated.stated(document)

    def holds(
        self, document: Mapping[str, Json], keyed: Sequence[Keyed], canonical: Digested | None = None
    ) -> list[bool | Refused]:
        return check_all(document, keyed, canonical)

    def shared(self) -> Canonizer:
        return self
