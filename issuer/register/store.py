"""What the book of an institution is made of, in SQL, private."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from issuer.intents import Decided
from issuer.ledger import changes, finals, intents, prints
from issuer.register.ledger import handovers
from issuer.store import read_decided

Form = Literal["paper", "electronic"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A document was given to its holder, or to whom the holder has sent."""

    on: date
    to: str
    form: Form
    by: str


@dataclass(frozen=True, slots=True)
class Row:
    """A number that was given, with the signed document, unless there is none."""

    code: str
    number: str
    kind: str
    state: str
    void_reason: str | None
    document: bytes | None


@dataclass(frozen=True)
class Numbers:
    """The numbers of one institution and year; all questions are put in one transaction, so the answers agree."""

    connection: Connection
    letters: str
    year: int

    def rows(self, kind: str) -> Iterator[Row]:
        """Of a kind, in the order in which they were given; a few documents at a time."""
        asked = sa.select(*(intents.c[name] for name in _INTENT), finals.c.document)
        joined = asked.outerjoin_from(intents, finals, finals.c.code == intents.c.code)
        ordered = joined.where(self._ours, intents.c.kind == kind).order_by(
            sa.func.length(intents.c.number), intents.c.number
        )
        for row in self.connection.execute(ordered, execution_options={"yield_per": 100}).mappings():
            yield Row(**row)

    def count(self) -> Mapping[str, int]:
        """Kind → how many numbers were given."""
        query = sa.select(intents.c.kind, sa.func.count()).where(self._ours).group_by(intents.c.kind)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def decided(self) -> Mapping[str, Sequence[Decided]]:
        """Code → its changes of state, in the order in which they were recorded."""
        return self._by_code(sa.select(changes).order_by(changes.c.seq), changes, read_decided)

    def handed_over(self) -> Mapping[str, Sequence[HandOver]]:
        """Code → when it was handed over, to whom, how."""
        query = sa.select(handovers).order_by(handovers.c.handed_on, handovers.c.id)
        return self._by_code(query, handovers, read_handover)

    def handed_over_by_day(self) -> Iterator[tuple[str, HandOver]]:
        """Number and handing over."""
        query = sa.select(intents.c.number, handovers).join(intents, intents.c.code == handovers.c.code)
        ordered = query.where(self._ours).order_by(handovers.c.handed_on, handovers.c.id)
        for row in self.connection.execute(ordered, execution_options={"yield_per": 100}).mappings():
            yield row["number"], read_handover(row)

    def printed(self) -> Mapping[str, int]:
        """Code → how many times it was printed."""
        query = sa.select(prints.c.code, sa.func.max(prints.c.number)).group_by(prints.c.code)
        ours = query.join(intents, intents.c.code == prints.c.code).where(self._ours)
        return {row[0]: row[1] for row in self.connection.execute(ours)}

    def _by_code(self, query: sa.Select[Any], table: sa.Table, read: Any) -> Mapping[str, Sequence[Any]]:
        found: defaultdict[str, list[Any]] = defaultdict(list)
        ours = query.join(intents, intents.c.code == table.c.code).where(self._ours)
        for row in self.connection.execute(ours).mappings():
            found[row["code"]].append(read(row))
        return found

    @property
    def _ours(self) -> sa.ColumnElement[bool]:
        """By the letters that stand first: a range of the index. The year stands in each number."""
        of_it = intents.c.number.between(f"{self.letters}-", f"{self.letters}.")
        return sa.and_(of_it, intents.c.number.like(f"{self.letters}-__-{self.year}-%"))


_INTENT = ("code", "number", "kind", "state", "void_reason")


def handed_over(connection: Connection, code: str) -> Sequence[HandOver]:
    """When one document was handed over, to whom, how."""
    query = sa.select(handovers).where(handovers.c.code == code).order_by(handovers.c.handed_on, handovers.c.id)
    return [read_handover(row) for row in connection.execute(query).mappings()]


def record(connection: Connection, code: str, given: HandOver, at: datetime) -> None:
    """One more."""
    row = {"code": code, "handed_on": given.on, "received_by": given.to, "form": given.form, "handed_by": given.by}
    connection.execute(handovers.insert(), row | {"recorded_at": at})


def read_handover(row: sa.RowMapping) -> HandOver:
    return HandOver(row["handed_on"], row["received_by"], row["form"], row["handed_by"])
