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

    def entry_numbered(self, number: str) -> Entry | None:
        """The document with that registration number."""

    def history(self, code: str) -> Sequence[Change]:
        """Every change of state of a document, in the order in which they were recorded."""

    def status_list(self, url: str) -> bytes | None:
        """The newest signed status list at that address."""

    def document(self, code: str) -> bytes | None:
        """The signed document, where this registry holds it (in process only)."""
