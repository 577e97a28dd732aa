"""What a verification costs: pieces of work, and canonical forms."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from keys.proof import Keyed
from schemas import canonical, stated
from schemas.canonical import Digested
from schemas.errors import Refused
from schemas.reading import Json
from schemas.stated import Stated
from verifier.canonizer import InProcess


class Counting(InProcess):
    """Counts the pieces of work, and the canonical forms that they take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pieces, self.forms = list[str](), 0
        form = canonical.canonical_form

        def counted(*given: Any) -> Any:
            self.forms += 1
            return form(*given)

        for home in (canonical, stated):
            monkeypatch.setattr(home, "canonical_form", counted)

    def stated(self, document: Json) -> Stated:
        self.pieces.append("stated")
        return super().stated(document)

    def holds(
        self, document: Mapping[str, Json], keyed: Sequence[Keyed], canonical: Digested | None = None
    ) -> list[bool | Refused]:
        self.pieces.append("holds")
        return super().holds(document, keyed, canonical)
