"""What issuer and verifier ask a registry: the same questions in process and over HTTP."""

from collections.abc import Sequence
from typing import Protocol

from registry.entry import Entry
from registry.issuers import Institution
from registry.statuses import Change


class Registry(Protocol):
    """Answers or raises `schemas.errors.Unavailable`; None means "there is none", known for sure."""

    def institution(self, did: str) -> Institution | None:
        """The issuer with that DID."""

    def entry(self, code: str) -> Entry | None:
        """The document with that public code."""

    def history(self, code: str) -> Sequence[Change]:
        """Every change of state of a document, in the order in which they were recorded."""

    def parent_history(self, code: str) -> Sequence[Change] | None:
        """The same of the document that this one supplements; None where the register knows of none."""

    def successor(self, code: str) -> str | None:
        """The public code of the document that took its place."""

    def status_list(self, url: str) -> bytes | None:
        """The newest signed status list at that address."""

    def document(self, code: str) -> bytes | None:
        """The signed document, where this registry holds it (in process only)."""

    def document_numbered(self, number: str) -> bytes | None:
        """The same by its registration number. No door tells a code to whoever has but the number (docs/attacks.md
        E6)."""
