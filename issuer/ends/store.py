"""What stands behind the ends of documents, in SQL, private. The tables are in `issuer.ends.ledger`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from issuer.ends.ledger import notices, officers, proposals
from issuer.ends.officers import Officer
from issuer.intents import Order, Proposal
from issuer.ledger import intents, persons
from issuer.mail import Letter, Way
from issuer.store import IssuerStore

Closed = Literal["confirmed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a holder is told, and how far it has come."""

    id: int
    number: str
    about: str
    letter: Letter
    created_at: datetime
    tries: int
    next_try_at: datetime | None
    way: Way | None
    done_at: datetime | None
    problem: str | None


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

    # Notices

    def add_notice(self, letter: Letter, code: str, about: str, at: datetime) -> None:
        """A notice that waits to be sent, from now on."""
        row = {"name": letter.name, "address": letter.address, "message": letter.message, "code": code, "about": about}
        self.connection.execute(notices.insert(), {**row, "created_at": at, "tries": 0, "next_try_at": at})

    def due_notices(self, now: datetime, limit: int) -> Sequence[Notice]:
        """What is to be tried now, oldest first."""
        due = _noticing.where(notices.c.next_try_at <= now).order_by(notices.c.id).limit(limit)
        return [_read_notice(row) for row in self.connection.execute(due).mappings()]

    def claim(self, notice: Notice, until: datetime) -> bool:
        """Takes a try for this process; False where another one has it."""
        as_seen = (notices.c.id == notice.id, notices.c.tries == notice.tries, notices.c.way.is_(None))
        taken = {"tries": notice.tries + 1, "next_try_at": until}
        return self.connection.execute(sa.update(notices).where(*as_seen).values(**taken)).rowcount == 1

    def settle(self, notice: Notice, way: Way | None, at: datetime, problem: str, next_try_at: datetime | None) -> None:
        """How a try went."""
        done = {"way": way, "done_at": at if way else None, "problem": problem or None, "next_try_at": next_try_at}
        self.connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(**done))

    def notices(self, waiting: bool) -> Sequence[Notice]:
        """Every notice, newest first; or those that have not gone yet."""
        where = notices.c.way.is_(None) if waiting else sa.true()
        query = _noticing.where(where).order_by(notices.c.id.desc())
        return [_read_notice(row) for row in self.connection.execute(query).mappings()]

    def address(self, code: str) -> str | None:
        """The holder's e-mail, where the office gave one."""
        return self.connection.execute(sa.select(persons.c.email).where(persons.c.code == code)).scalar()


@contextmanager
def looking(store: IssuerStore) -> Iterator[Ends]:
    """For a look, without a write transaction."""
    with store.engine.connect() as connection:
        yield Ends(connection)


_ORDER = (
    *("act", "reason", "authority", "basis", "minutes", "entered_by"),
    *("decided_on", "effective_on", "from_beginning", "successor"),
)


_noticing = sa.select(notices, intents.c.number).join(intents, intents.c.code == notices.c.code)
_NOTICE = ("id", "number", "about", "created_at", "tries", "next_try_at", "way", "done_at", "problem")


def _read_notice(row: sa.RowMapping) -> Notice:
    letter = Letter(row["name"], row["address"], row["message"])
    return Notice(**{name: row[name] for name in _NOTICE}, letter=letter)


def _read_proposal(row: sa.RowMapping) -> Proposal:
    order: dict[str, Any] = {name: row[name] for name in _ORDER}
    named = {name: row[name] for name in ("event", "code", "number", "institution", "proposed_at")}
    return Proposal(**named, order=Order(**order), case=row["case_name"])
