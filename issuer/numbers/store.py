"""The account of an institution's numbers, in SQL: each is a document, waits, or is a gap with its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from issuer.ledger import counters, intents, proofs
from issuer.store import IssuerStore


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A number that no document has, and why."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one institution, kind and year: `last` of them were taken."""

    institution: str
    kind: str
    """Its letters."""
    year: int
    last: int
    documents: int
    waiting: int
    """For the signatures of others."""
    unfinished: int
    """Recorded and not signed: the next start finishes them."""
    gaps: tuple[Gap, ...]
    missing: tuple[int, ...]
    """Serials of which nothing is recorded: that cannot be, unless the database was changed or replaced."""


@dataclass(frozen=True)
class Numbers:
    """Over one connection."""

    connection: Connection

    def account(self) -> Iterator[Series]:
        """Every series, by institution, kind and year."""
        query = sa.select(counters).order_by(counters.c.institution, counters.c.kind, counters.c.year)
        for row in self.connection.execute(query).all():
            yield self._series(*row)

    def _series(self, institution: str, kind: str, year: int, last: int) -> Series:
        has_proofs = sa.exists().where(proofs.c.code == intents.c.code)
        query = sa.select(intents.c.number, intents.c.state, intents.c.void_reason, has_proofs.label("signed"))
        of_it = intents.c.number.like(f"%-{kind}-{year}-%")
        rows = self.connection.execute(query.where(intents.c.institution == institution, of_it)).all()
        gaps = sorted(Gap(row.number, row.void_reason) for row in rows if row.state == "void")
        intended = [row for row in rows if row.state == "intended"]
        taken = {int(row.number.split("-")[3]) for row in rows}
        return Series(
            institution=institution,
            kind=kind,
            year=year,
            last=last,
            documents=sum(row.state == "final" for row in rows),
            waiting=sum(bool(row.signed) for row in intended),
            unfinished=sum(not row.signed for row in intended),
            gaps=tuple(gaps),
            missing=tuple(serial for serial in range(1, last + 1) if serial not in taken),
        )


def account(store: IssuerStore) -> Sequence[Series]:
    """Every number that was ever taken."""
    with store.engine.connect() as connection:
        return list(Numbers(connection).account())
