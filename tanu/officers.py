"""Who of an institution may enter and confirm the ends of its documents, from the file of institutions."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from issuer.ends.officers import ALL, May, Officer
from issuer.ends.store import Ends
from issuer.office import Office
from schemas.kinds.facts import Day, Name, Node


class OfficerRow(Node):
    """One person; without `may` for both."""

    name: Name
    may: Annotated[tuple[May, ...], Field(min_length=1, max_length=2)] = ALL
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None

    @property
    def officer(self) -> Officer:
        return Officer(self.name, self.may, self.valid_from, self.valid_until)


def twice(rows: Sequence[OfficerRow]) -> str | None:
    """A person whom the file names twice: whoever has two spellings would be two persons."""
    counted = Counter(row.officer.person for row in rows)
    return next((f"officers: {row.name}" for row in rows if counted[row.officer.person] > 1), None)


def set_officers(office: Office, slug: str, rows: Sequence[OfficerRow]) -> None:
    """Those of the file, and nobody else; a change stands in the audit."""
    people = sorted((row.officer for row in rows), key=lambda officer: officer.name)
    with office.store.writing() as writing:
        ends = Ends(writing.connection)
        if list(ends.officers(slug)) != people:
            named = "; ".join(f"{officer.name} ({', '.join(officer.may)})" for officer in people)
            writing.audit(office.now(), office.operator, "officers", slug, people=named)
            ends.set_officers(slug, people)
