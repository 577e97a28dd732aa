"""The canonical forms of one document, each made once, however many proofs of it need it (docs/attacks.md A11)."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from schemas.blanknodes import Statement, canonical_labels
from schemas.canonical import Digested, jcs, rdfc, statements
from schemas.reading import Json


class Labelled(NamedTuple):
    """The statements of a document, and blank node → its canonical label."""

    statements: list[Statement]
    labels: Mapping[str, str]


class Forms:
    """Of `document`; `known` is its RDFC-1.0 form with SHA-256, where the caller has that already. All raise like
    `schemas.canonical.rdfc`."""

    def __init__(self, document: Mapping[str, Json], known: Digested | None = None) -> None:
        self.document = document
        self._known = known
        self._made: dict[object, bytes] = {}

    def digest(self, hash_name: str) -> bytes:
        """Of its RDFC-1.0 form with that hash."""
        if self._known and hash_name == "sha256":
            return self._known.digest
        return self._once(hash_name, lambda: rdfc(self.document, hash_name).digest)

    def digest_under(self, context: Json) -> bytes:
        """What `digest` gives with SHA-256 where `context` stands in the place of the document's own."""
        return self._once(jcs(context), lambda: rdfc({**self.document, "@context": context}).digest)

    @cached_property
    def labelled(self) -> Labelled:
        """What proofs over single statements are checked with."""
        found = statements(self.document)
        return Labelled(found, canonical_labels(found))

    def _once(self, of: object, make: Callable[[], bytes]) -> bytes:
        if of not in self._made:
            self._made[of] = make()
        return self._made[of]
