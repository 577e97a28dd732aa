"""What stands behind the ends of documents, in SQL, private. The tables are in `issuer.ends.ledger`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from issuer.ends.ledger import officers, proposals
from issuer.ends.officers import Officer
from issuer.intents import Order, Proposal
from issuer.ledger import intents
from issuer.store import IssuerStore

Closed = Literal["confirmed", "withdrawn"]


@dataclass(frozen=True)
class Ends:
    """Over one connection: that of a write transaction, or of a look."""

    connection: Connection

    # Officers

    def set_officers(self, institution: str, people: Sequence[Officer]) -> None:
        """Who may enter and confirm for an institution, from now on."""
        self.connection.execute(sa.delete(officers).where(officers.c.institution == institution))
        for officer in people:
            row = {name: getattr(officer, name) for name in ("person", "name", "valid_from", "valid_until")}
            self.connection.execute(officers.insert(), row | {"institution": institution, "may": list(officer.may)})

    def officers(self, institution: str) -> Sequence[Officer]:
        """Everybody who ever was entered and not taken out, by name."""
        query = sa.select(officers).where(officers.c.institution == institution).order_by(officers.c.name)
        rows = self.connection.execute(query).mappings()
        return [Officer(r["name"], tuple(r["may"]), r["valid_from"], r["valid_until"]) for r in rows]

    # Proposals

    def propose(self, proposal: Proposal) -> None:
        """A document has one open proposal at most: the index says so."""
        order = {name: getattr(proposal.order, name) for name in _ORDER}
        row = {"event": proposal.event, "code": proposal.code, "case_name": proposal.case, "state": "proposed"}
        self.connection.execute(proposals.insert(), {**order, **row, "proposed_at": proposal.proposed_at})

    def close(self, event: str, as_: Closed, by: str, at: datetime, because: str | None = None) -> bool:
        """Ends a proposal; False when it was closed before."""
        is_open = (proposals.c.event == event, proposals.c.state == "proposed")
        closed = {"state": as_, "closed_by": by, "closed_at": at, "because": because}
        return self.connection.execute(sa.update(proposals).where(*is_open).values(**closed)).rowcount == 1

    def open_proposal(self, event: str) -> Proposal | None:
        """The proposal of that event, if it waits."""
        return next(iter(self._proposals(proposals.c.event == event)), None)

    def open_proposal_of(self, code: str) -> Proposal | None:
        """What is proposed for a document."""
        return next(iter(self._proposals(proposals.c.code == code)), None)

    def open_proposals(self) -> Sequence[Proposal]:
        """All that wait, oldest first."""
        return self._proposals(sa.true())

    def _proposals(self, where: sa.ColumnElement[bool]) -> Sequence[Proposal]:
        joined = sa.select(proposals, intents.c.number, intents.c.institution).join(
            intents, intents.c.code == proposals.c.code
        )
        query = joined.where(where, proposals.c.state == "proposed").order_by(proposals.c.proposed_at, intents.c.number)
        return [_read_proposal(row) for row in self.connection.execute(query).mappings()]


@contextmanager
def looking(store: IssuerStore) -> Iterator[Ends]:
    """For a look, without a write transaction."""
    with store.engine.connect() as connection:
        yield Ends(connection)


_ORDER = (
    *("act", "reason", "authority", "basis", "minutes", "entered_by"),
    *("decided_on", "effective_on", "from_beginning", "successor"),
)


def _read_proposal(row: sa.RowMapping) -> Proposal:
    order: dict[str, Any] = {name: row[name] for name in _ORDER}
    named = {name: row[name] for name in ("event", "code", "number", "institution", "proposed_at")}
    return Proposal(**named, order=Order(**order), case=row["case_name"])
